// Second hops that take their time, are lost on their way, or come again.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerOf, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, asJson, bodyOf, codeOf, connect, until, type Answer } from './asking.ts'
import { ben, prime, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let upstream: ScriptedUpstream
let small: Small
let at: number
const opened: Small[] = []

async function gateway (options: Partial<SmallOptions> = {}): Promise<Small> {
  const account = { delivery: 'redirect' } as const
  const opening = await smallConsumption({ upstreams: [upstream.url], account, elapsedMs: () => at, ...options })
  opened.push(opening)
  return opening
}

beforeEach(async () => {
  at = 1_000_000
  upstream = await scriptedUpstream()
  small = await gateway()
})

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
  await upstream.close()
})

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })
const said = (answer: Answer): string => `${answer.status} ${codeOf(answer)}`

async function serve (): Promise<void> {
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
}

async function ticketFrom (from: Small, { headers = {}, body = bodyOf('chat') } = {}): Promise<string> {
  const answer = await ask(from.url, { headers, body, redirect: 'manual' })
  expect(answer.status).toBe(307)
  await from.settled()
  return answer.headers.get('location')!
}

const follow = (location: string, body = bodyOf('chat')): Promise<Answer> => ask(location, { path: location, key: null, body })

/** A second hop whose last byte is not sent yet. */
async function uploading (location: string): Promise<ClientRequest> {
  const body = bodyOf('chat')
  const request = httpRequest(location, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': String(body.length) }
  })
  request.write(body.slice(0, -1))
  await until(() => small.consumption.live.size === 1)
  return request
}

async function endOf (request: ClientRequest): Promise<string> {
  const answered = once(request, 'response')
  request.end('}')
  const [response] = await answered as [IncomingMessage]
  let text = ''
  for await (const part of response) text += String(part)
  const { code } = (asJson(text)?.['error'] ?? {}) as { code?: string }
  return `${response.statusCode} ${code}`
}

const minute = 60_000

async function later (minutes: number): Promise<void> {
  at += minutes * minute
  small.consumption.abandoned.tick(at)
  await small.settled()
}

const isHeld = (): boolean => small.tokens().held > 0

describe('a second hop that takes its time', () => {
  test('is good, though its ticket has expired when its body is there', async () => {
    const request = await uploading(await ticketFrom(small))
    small.market.tick(5 * minute)
    await small.settled()
    const ended = endOf(request)
    await serve()
    expect(await ended).toBe('200 undefined')
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
  })

  test('has its tokens for ten minutes behind its ticket', async () => {
    const request = await uploading(await ticketFrom(small))
    await later(10.9)
    expect(isHeld()).toBe(true)
    const ended = endOf(request)
    await serve()
    expect(await ended).toBe('200 undefined')
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
  })

  test('and no longer', async () => {
    const request = await uploading(await ticketFrom(small))
    await later(3)
    await later(8)
    expect(isHeld()).toBe(false)
    expect(await endOf(request)).toBe('409 ticket_used')
  })

  test('and is given up gives its tokens back', async () => {
    const request = await uploading(await ticketFrom(small))
    request.on('error', () => { /* Hung up, by us. */ })
    await later(3)
    expect(isHeld()).toBe(true)
    request.socket!.resetAndDestroy()
    await until(() => small.consumption.live.size === 0)
    await later(0)
    expect(isHeld()).toBe(false)
  })

  test('stands still for too long is 408, and may come again', async () => {
    const slow = await gateway({ market: small.market, settings: { bodyIdleMs: 20 } })
    const location = await ticketFrom(small)
    const asking = httpRequest(location.replace(small.url, slow.url), {
      method: 'POST', agent: false, headers: { 'content-type': 'application/json', 'content-length': '100' }
    })
    const answered = once(asking, 'response') as Promise<[IncomingMessage]>
    asking.write('{')
    const [{ statusCode, headers }] = await answered
    expect({ statusCode, connection: headers.connection }).toEqual({ statusCode: 408, connection: 'close' })
    expect(headers['x-grid-request-id']).toBe(small.requests.view(ben, String(headers['x-grid-request-id']))?.requestId)
    asking.destroy()
    const following = follow(location)
    await serve()
    expect((await following).status).toBe(200)
  })
})

test('a body that may be long on its way to another gateway has its time, too', async () => {
  const { abandoned, requests } = small.consumption
  const looked: string[] = []
  requests.view = (_holder, requestId) => {
    looked.push(requestId)
    return undefined
  }
  const common = { holder: ben, instrumentId: prime.instrumentId, recorder: 'gateway' }
  abandoned.watch({ ...common, requestId: 'long', bytes: 2_000_000 })
  abandoned.watch({ ...common, requestId: 'short', bytes: 1_900_000 })
  await later(3)
  expect(looked).toEqual(['short'])
  await later(7.9)
  expect(looked).toEqual(['short'])
  await later(0.1)
  expect(looked).toEqual(['short', 'long'])
})

describe('with an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'once' }

  /** The second hop reaches its upstream, and its connection breaks there. */
  async function lose (location: string): Promise<void> {
    const before = small.reports.length
    const { hangUp } = connect(location, { path: location, key: null })
    const { closed } = await upstream.next()
    hangUp()
    await closed
    await until(() => small.reports.length > before)
    await small.settled()
  }

  test('a second hop that was lost has another ticket, for the same request', async () => {
    const first = await ticketFrom(small, { headers })
    await lose(first)
    const again = await ask(small.url, { headers, redirect: 'manual' })
    expect(again.status).toBe(307)
    const id = again.headers.get('x-grid-request-id')!
    expect(small.requests.view(ben, id)).toMatchObject({ status: 'authorized' })
    const following = follow(again.headers.get('location')!)
    await serve()
    expect((await following).headers.get('x-grid-request-id')).toBe(id)
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
    expect(small.captures).toHaveLength(1)
    expect(said(await follow(first))).toBe('409 ticket_used')
    expect(said(await ask(small.url, { headers }))).toBe('409 request_done')
  })

  test('so has one that never came, at another gateway, and it waits as long as the first', async () => {
    await ticketFrom(small, { headers })
    const other = await gateway({ market: small.market })
    await later(2)
    const location = await ticketFrom(small, { headers })
    await later(2)
    expect(isHeld()).toBe(true)
    const third = await ticketFrom(other, { headers })
    small.isHeldUp = other.isHeldUp = true
    const following = [follow(location), follow(third)]
    const calls = [await upstream.next(), await upstream.next()]
    small.isHeldUp = other.isHeldUp = false
    await small.settled()
    for (const { response } of calls) response.writeHead(200, streamHead).end(fine)
    expect((await Promise.all(following)).map(({ status }) => status).sort()).toEqual([200, 409])
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
    expect(small.captures).toHaveLength(1)
  })

  test('it is one request at once, and of the minute, however often it has a ticket', async () => {
    const other = await gateway({ market: small.market, key: { openMax: 1, requestsPerMinute: 1 } })
    for (let n = 0; n < 3; n++) await ticketFrom(other, { headers })
    expect(said(await ask(other.url, { redirect: 'manual' }))).toBe('429 rate_limited')
  })

  test('one that asks for other tokens is a conflict', async () => {
    await ticketFrom(small, { headers })
    const answer = await ask(small.url, { headers, fields: { max_tokens: 9 }, redirect: 'manual' })
    expect(said(answer)).toBe('409 request_conflict')
    expect(answer.headers.get('x-should-retry')).toBe('false')
  })

  test('one that is being answered has no other ticket', async () => {
    const location = await ticketFrom(small, { headers })
    const following = follow(location)
    const { response } = await upstream.next()
    await small.settled()
    expect(said(await ask(small.url, { headers, redirect: 'manual' }))).toBe('409 request_open')
    response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
  })
})

describe('what is told of a refusal on the first hop', () => {
  test('is the request\'s id, and there is a report under it', async () => {
    await small.close()
    small = await gateway({ units: 0 })
    for (const mode of ['redirect', 'supplier']) {
      const { length } = small.reports
      const answer = await ask(small.url, { headers: { 'x-grid-delivery': mode }, redirect: 'manual' })
      const status = mode === 'redirect' ? 402 : 503
      expect(answer.status).toBe(status)
      const requestId = answer.headers.get('x-grid-request-id')
      expect(answer.json).toMatchObject({ request_id: requestId })
      expect(small.reports.slice(length)).toMatchObject([{ requestId, outcome: 'failed', status, delivery: mode, attempts: 0, keyId: 'api_key_ben' }])
    }
  })

  test('under a name that was used is the id of what was answered, which has one report', async () => {
    const headers = { 'idempotency-key': 'once', 'x-grid-delivery': 'direct' }
    const answering = ask(small.url, { headers })
    await serve()
    const id = (await answering).headers.get('x-grid-request-id')
    await small.settled()
    const again = await ask(small.url, { headers })
    expect(said(again)).toBe('409 request_done')
    expect(again.headers.get('x-grid-request-id')).toBe(id)
    expect(small.reports).toHaveLength(1)
  })
})

test('tokens that a redirect asked for are counted off until the replica has them', async () => {
  small.isHeldUp = true
  const before = small.requests.available(ben, prime.instrumentId)
  for (let n = 0; n < 3; n++) {
    expect((await ask(small.url, { fields: { max_tokens: 1000 }, redirect: 'manual' })).status).toBe(307)
  }
  const need = 1000 + 'Say something.'.length + 16
  expect(small.requests.available(ben, prime.instrumentId)).toBe(before - 3 * need)
  small.isHeldUp = false
  await small.settled()
  expect(small.tokens().held).toBe(3 * need)
  expect(small.requests.available(ben, prime.instrumentId)).toBe(before - 3 * need)
})
