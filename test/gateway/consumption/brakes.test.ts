// What a key, an address and a process are held back by: rates, requests at once, strangers, a loop that is late.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { Shedding } from '../../../gateway/consumption/shedding.ts'
import { answerOf, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, bodyOf, codeOf, connect, expectForm, paths, until, type Asking } from './asking.ts'
import { benKey, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let upstream: ScriptedUpstream
let small: Small

async function market (options: Partial<SmallOptions> = {}): Promise<Small> {
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], ...options })
  return small
}

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })

async function serve (): Promise<void> {
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
}

const body = bodyOf('chat')

/** A request whose last byte is not sent yet. */
async function uploading (): Promise<ClientRequest> {
  const before = small.consumption.live.size
  const request = httpRequest(new URL(paths.chat, small.url), {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${benKey}`, 'content-length': String(body.length) }
  })
  request.write(body.slice(0, -1))
  await until(() => small.consumption.live.size > before)
  return request
}

async function statusOf (request: ClientRequest): Promise<number> {
  const answered = once(request, 'response')
  request.end(body.slice(-1))
  const [response] = await answered as [IncomingMessage]
  response.resume()
  return response.statusCode!
}

const none = { requestsPerMinute: null, tokensPerMinute: null, openMax: null }

describe('requests at once', () => {
  test.each([
    ['of a key', { key: { openMax: 1 } }],
    ['of an account', { limits: { ...none, openMax: 1 } }]
  ] as const)('%s: one that is answered leaves no room for another', async (_name, options) => {
    await market(options)
    const { answered } = connect(small.url)
    const { response } = await upstream.next()
    const second = await ask(small.url)
    expect({ status: second.status, code: codeOf(second), wait: second.headers.get('retry-after') })
      .toEqual({ status: 429, code: 'rate_limited', wait: '1' })
    response.writeHead(200, streamHead).end(fine)
    expect((await answered).status).toBe(200)
    await small.settled()
    const third = ask(small.url)
    await serve()
    expect((await third).status).toBe(200)
  })

  test.each([
    ['at once', { key: { openMax: 1 } }],
    ['a minute', { key: { requestsPerMinute: 1 } }]
  ] as const)('%s: bodies that arrive side by side are counted as they come to their end', async (_name, options) => {
    await market(options)
    const requests = await Promise.all([uploading(), uploading(), uploading()])
    const statuses = Promise.all(requests.map(statusOf))
    await serve()
    expect((await statuses).sort()).toEqual([200, 429, 429])
    await small.settled()
    expect(small.captures).toHaveLength(1)
  })
})

describe('calls that ask for no inference', () => {
  const calls: readonly (readonly [string, Asking])[] = [
    ['a count of tokens', { surface: 'messages', path: '/v1/messages/count_tokens?beta=true' }],
    ['the models', { path: '/v1/models', method: 'GET' }],
    ['one model', { path: '/v1/models/text-prime', method: 'GET' }],
    ['receipts', { path: '/v1/usage', method: 'GET' }],
    ['their sums', { path: '/v1/usage/summary', method: 'GET' }],
    ['a response that was kept', { path: '/v1/responses/resp_1', method: 'GET' }]
  ]

  test.each(calls)('%s counts as a request of its key', async (_name, asking) => {
    await market({ key: { requestsPerMinute: 1 } })
    expect([200, 404]).toContain((await ask(small.url, asking)).status)
    const second = await ask(small.url, asking)
    expect({ status: second.status, code: codeOf(second) }).toEqual({ status: 429, code: 'rate_limited' })
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(codeOf(await ask(small.url))).toBe('rate_limited')
    small.market.tick(60_000)
    expect([200, 404]).toContain((await ask(small.url, asking)).status)
  })

  test('are no requests at once, and take no tokens', async () => {
    await market({ key: { openMax: 1, tokensPerMinute: 1 } })
    const { answered } = connect(small.url)
    const { response } = await upstream.next()
    for (const [, asking] of calls) expect([200, 404]).toContain((await ask(small.url, asking)).status)
    response.writeHead(200, streamHead).end(fine)
    expect((await answered).status).toBe(200)
    await small.settled()
    for (const [, asking] of calls) expect([200, 404]).toContain((await ask(small.url, asking)).status)
  })
})

describe('a count of tokens', () => {
  const counting = async (text: string): Promise<number> => {
    const fields = { messages: [{ role: 'user', content: text }] }
    const { status, json } = await ask(small.url, { surface: 'messages', path: '/v1/messages/count_tokens', fields })
    expect(status).toBe(200)
    return Number(json!['input_tokens'])
  }

  test('of what an instrument takes is exact, of more an estimate, and others have their turn meanwhile', async () => {
    await market()
    expect(await counting(' market'.repeat(1000))).toBe(1000 + 4)
    let looked = 0
    let most = 0
    const { countTokens } = small.consumption
    Object.assign(small.consumption, {
      countTokens: (text: string) => {
        looked += text.length
        most = Math.max(most, text.length)
        return countTokens(text)
      }
    })
    const tokens = 1_000_000
    expect(Math.abs(await counting(' market'.repeat(tokens)) / tokens - 1)).toBeLessThan(0.01)
    expect(looked).toBeLessThan(2_000_000)
    expect(most).toBeLessThan(100_000)
  })
})

describe('a process that is late', () => {
  test('refuses what is new, until it is in time again', async () => {
    let lateMs = 0
    const delay = { enable: () => true, disable: () => true, percentile: () => lateMs * 1e6, reset: () => {} }
    const shedding = new Shedding(500, delay)
    await market({ shedding })
    lateMs = 501
    shedding.tick()
    for (const asking of [{}, { surface: 'messages' }, { surface: 'responses' }] as const) {
      const answer = await ask(small.url, asking)
      expect(answer).toMatchObject({ status: 503, json: { errors: { detail: 'overloaded' } } })
      expect(answer.headers.get('retry-after')).toBe('1')
      expectForm('surface' in asking ? asking.surface : 'chat', answer)
    }
    expect(codeOf(await ask(small.url, { surface: 'messages', path: '/v1/messages/count_tokens' }))).toBe('overloaded')
    expect((await ask(small.url, { path: '/v1/models', method: 'GET' })).status).toBe(200)
    lateMs = 500
    shedding.tick()
    const answering = ask(small.url)
    await serve()
    expect((await answering).status).toBe(200)
  })
})

describe('strangers', () => {
  const unknown = (key: string): Promise<string> => ask(small.url, { key }).then(codeOf)

  test('have sixty keys a minute that nobody has; after that nothing is looked up for their address', async () => {
    await market()
    for (let n = 0; n < 61; n++) expect(await unknown(`nobody-${n}`)).toBe('unauthorized')
    let looked = 0
    const { keys } = small.consumption
    const consumptionKey = keys.consumptionKey.bind(keys)
    keys.consumptionKey = key => {
      looked++
      return consumptionKey(key)
    }
    const barred = await ask(small.url, { surface: 'messages' })
    expect({ status: barred.status, code: codeOf(barred) }).toEqual({ status: 429, code: 'rate_limited' })
    expect(Number(barred.headers.get('retry-after'))).toBeGreaterThan(0)
    expectForm('messages', barred)
    expect(looked).toBe(0)
    small.market.tick(60_000)
    await small.settled()
    const answering = ask(small.url)
    await serve()
    expect((await answering).status).toBe(200)
  })
})
