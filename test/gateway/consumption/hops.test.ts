// Redirects: a ticket is good for one answer to one request, at any gateway, for a minute.

import { afterEach, describe, expect, test } from 'vitest'
import { requestIds } from '../../../gateway/tickets/request-id.ts'
import { readSecrets } from '../../../gateway/tickets/secrets.ts'
import { tokens } from '../../../schemas/units.ts'
import { content, answerOf, role, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, asJson, bodyOf, codeOf, connect, until, type Answer } from './asking.ts'
import { ben, prime, secretNamed, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

const opened: { close (): Promise<void> }[] = []
let upstream: ScriptedUpstream

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function gateway (options: Partial<SmallOptions> = {}): Promise<Small> {
  if (opened.length === 0) {
    upstream = await scriptedUpstream()
    opened.push(upstream)
  }
  const account = { delivery: 'redirect' } as const
  const small = await smallConsumption({ upstreams: [upstream.url], account, ...options })
  opened.push(small)
  return small
}

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })

async function serve (): Promise<void> {
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
}

async function ticketFrom (small: Small, fields: object = {}): Promise<string> {
  const answer = await ask(small.url, { fields, redirect: 'manual' })
  expect(answer.status).toBe(307)
  return answer.headers.get('location')!
}

/** The second hop: without a key. */
const follow = (location: string, body = bodyOf('chat')): Promise<Answer> => ask(location, { path: location, key: null, body })

const said = ({ status, ...rest }: Answer): string => `${status} ${codeOf({ status, ...rest })}`

describe('a redirect', () => {
  test('leads to the same host, and needs no key there', async () => {
    const small = await gateway()
    const answer = await ask(small.url, { redirect: 'manual' })
    const location = answer.headers.get('location')!
    expect(location.startsWith(`${small.url}/r/v1/chat/completions?token=`)).toBe(true)
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    const following = follow(location)
    await serve()
    const served = await following
    expect(served.status).toBe(200)
    expect(served.headers.get('x-grid-request-id')).toBe(answer.headers.get('x-grid-request-id'))
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
    expect(small.reports).toMatchObject([{ delivery: 'redirect', outcome: 'completed' }])
  })

  test('minds no wrong key on its second hop, and no Referer', async () => {
    const small = await gateway()
    const location = await ticketFrom(small)
    const following = ask(location, { path: location, key: 'nonsense', headers: { referer: location } })
    await serve()
    expect((await following).status).toBe(200)
  })

  test('waits on its second hop for the authorisation', async () => {
    const small = await gateway()
    small.isHeldUp = true
    const location = await ticketFrom(small)
    const following = follow(location)
    await until(() => small.consumption.live.size === 1)
    small.isHeldUp = false
    await small.settled()
    await serve()
    expect((await following).status).toBe(200)
  })

  test('that came before the refusal is 402 on its second hop, before and after that is known there', async () => {
    const small = await gateway({ units: 1 })
    const all = tokens(1_000_000)
    small.isHeldUp = true
    small.market.say({
      kind: 'authorize-usage',
      holder: ben,
      instrumentId: prime.instrumentId,
      requestId: 'greedy',
      need: all,
      min: all,
      recorder: 'gateway',
      limitPrice: null,
      spendMax: null,
      keyId: '',
      budget: null,
      budgetPeriod: 'total',
      managedPrice: null
    })
    const [early, late] = [await ticketFrom(small), await ticketFrom(small)]
    const following = follow(early)
    await until(() => small.consumption.live.size === 1)
    await small.settled()
    expect(said(await following)).toBe('402 insufficient_credits')
    expect(said(await follow(late))).toBe('402 insufficient_credits')
    expect(small.tokens()).toMatchObject({ held: all, drawn: 0 })
  })

  test('that nobody follows is given back, once its time is over', async () => {
    let at = 0
    const small = await gateway({ elapsedMs: () => at })
    await ticketFrom(small)
    await small.settled()
    expect(small.tokens().held).toBeGreaterThan(0)
    at += 179_999
    small.consumption.abandoned.tick(at)
    await small.settled()
    expect(small.tokens().held).toBeGreaterThan(0)
    at += 1
    small.consumption.abandoned.tick(at)
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })
})

describe('a ticket', () => {
  test('that was changed is refused', async () => {
    const small = await gateway()
    const location = await ticketFrom(small)
    const at = location.indexOf('token=') + 'token=test.'.length
    for (const offset of [0, 20, 100]) {
      const other = location[at + offset] === 'A' ? 'B' : 'A'
      expect(said(await follow(location.slice(0, at + offset) + other + location.slice(at + offset + 1)))).toBe('401 ticket_invalid')
    }
    expect(said(await follow(location.split('?')[0]!))).toBe('401 ticket_invalid')
    expect(upstream.waiting).toBe(0)
  })

  test('is for its body and its path alone, and still good after a wrong try', async () => {
    const small = await gateway()
    const location = await ticketFrom(small)
    expect(said(await follow(location, bodyOf('chat', { max_tokens: 9 })))).toBe('401 ticket_invalid')
    expect(said(await follow(location.replace('/chat/completions', '/responses')))).toBe('401 ticket_invalid')
    const following = follow(location)
    await serve()
    expect((await following).status).toBe(200)
  })

  test('expires after a minute', async () => {
    const small = await gateway()
    const location = await ticketFrom(small)
    small.market.tick(60_000)
    await small.settled()
    expect(said(await follow(location))).toBe('408 ticket_expired')
  })

  test('whose account has moved to other secrets goes on at a gateway that signs with those', async () => {
    const [old, young] = [secretNamed('old', 1), secretNamed('young', 2)]
    const first = await gateway({ secrets: `${old},${young}` })
    const second = await gateway({ secrets: `${young},${old}`, market: first.market })
    const location = await ticketFrom(first)
    await first.settled()
    const following = follow(location.replace(first.url, second.url))
    await serve()
    expect((await following).status).toBe(200)
  })

  test('works again when the client left before the first byte', async () => {
    const small = await gateway()
    const location = await ticketFrom(small)
    const { hangUp } = connect(location, { path: location, key: null })
    const { closed } = await upstream.next()
    hangUp()
    await closed
    await until(() => small.reports.length === 1)
    await small.settled()
    expect(small.reports).toMatchObject([{ outcome: 'disconnected', status: 499 }])
    const following = follow(location)
    await serve()
    expect((await following).status).toBe(200)
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
    expect(small.captures).toHaveLength(1)
  })

  test('was used once something was sent, also when the client left then', async () => {
    const small = await gateway()
    const stream = bodyOf('chat', { stream: true })
    const location = await ticketFrom(small, { stream: true })
    const { answered } = connect(location, { path: location, key: null, body: stream })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('Hi'))
    const client = await answered
    await client.reading.next()
    expect(said(await follow(location, stream))).toBe('409 ticket_used')
    client.hangUp()
    await closed
    await until(() => small.reports.length === 1)
    await small.settled()
    expect(said(await follow(location, stream))).toBe('409 ticket_used')
    expect(small.captures).toHaveLength(1)
    expect(small.tokens().held).toBe(0)
  })
})

describe('one ticket at two gateways at once', () => {
  test('is served at one, 409 at the other, and captured once', async () => {
    const first = await gateway()
    const second = await gateway({ market: first.market })
    const location = await ticketFrom(first)
    await first.settled()
    first.isHeldUp = second.isHeldUp = true
    const following = [follow(location), follow(location.replace(first.url, second.url))]
    const calls = [await upstream.next(), await upstream.next()]
    first.isHeldUp = second.isHeldUp = false
    await first.settled()
    for (const { response } of calls) response.writeHead(200, streamHead).end(fine)
    const answers = await Promise.all(following)
    await first.settled()
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 409])
    expect(said(answers.find(({ status }) => status === 409)!)).toBe('409 ticket_used')
    expect(first.tokens()).toMatchObject({ held: 0, drawn: 7 })
    expect(first.captures).toHaveLength(1)
  })

  test('a replay does not disturb who waits for his upstream', async () => {
    const first = await gateway()
    const second = await gateway({ market: first.market })
    const location = await ticketFrom(first)
    const following = follow(location)
    const call = await upstream.next()
    await first.settled()
    // As it were a gateway whose replica is a moment behind: it has not seen the start.
    const { requests } = second.consumption
    const view = requests.view.bind(requests)
    requests.view = (holder, requestId) => {
      const found = view(holder, requestId)
      return found === undefined ? undefined : { ...found, status: 'authorized', nonce: '' }
    }
    expect(said(await follow(location.replace(first.url, second.url)))).toBe('409 ticket_used')
    call.response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
    await first.settled()
    expect(first.tokens()).toMatchObject({ held: 0, drawn: 7 })
  })
})

describe('delivery by the supplier himself', () => {
  test('leads to his address, once the ledger has the start', async () => {
    const small = await gateway({ endpoint: { publicUrl: 'https://supplier.example/market/' } })
    const answer = await ask(small.url, { redirect: 'manual', headers: { 'x-grid-delivery': 'supplier' } })
    const location = new URL(answer.headers.get('location')!)
    expect(location.origin + location.pathname).toBe('https://supplier.example/market/r/v1/chat/completions')
    const [, payload = ''] = location.searchParams.get('token')!.split('.')
    const claims = asJson(Buffer.from(payload, 'base64url').toString())!
    expect(claims).toMatchObject({
      aud: 'endpoint_0', supplier: 101, instrument: 'text-prime', method: 'POST', path: '/v1/chat/completions', recorder: 'supplier:101'
    })
    const requestId = answer.headers.get('x-grid-request-id')!
    expect(small.requests.view(ben, requestId)).toMatchObject({ status: 'started', nonce: claims['jti'], held: claims['held'] })
    expect(requestIds(readSecrets(secretNamed('test', 7))).holderOf(requestId)).toBe(ben)
  })

  test('is not for suppliers that clients can\'t reach', async () => {
    const small = await gateway()
    expect(said(await ask(small.url, { redirect: 'manual', headers: { 'x-grid-delivery': 'supplier' } }))).toBe('503 no_supplier')
    await small.settled()
    expect(small.tokens().held).toBe(0)
  })
})
