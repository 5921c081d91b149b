// Auto Mode: who has no tokens waits while some are bought; who can't be sold any is told so, or is served at
// a managed supplier's price, where he allows it.

import { afterEach, describe, expect, test } from 'vitest'
import { microdollars, tokens, units } from '../../../schemas/units.ts'
import { answerOf, content, done, finish, role, scriptedUpstream, streamHead, usage, type Call, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { orderOf } from '../adapters/small-market.ts'
import { ask, codeOf, connect, until, type Answer, type Asking } from './asking.ts'
import { ada, ben, prime, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let upstream: ScriptedUpstream
let small: Small

async function market (options: Partial<SmallOptions> = {}): Promise<Small> {
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], units: 0, ...options })
  small.market.say({ kind: 'set-account-mode', holder: ben, mode: 'easy' })
  await small.settled()
  return small
}

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const sell = (quantity: number, price: number): void => {
  small.market.say(orderOf(`ask-${price}`, { holder: ada, side: 'sell', quantity: units(quantity), price: microdollars(price) }))
}
const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })

/** Somebody else holds so many of ben's tokens. */
function take (count: number): void {
  small.market.say({
    kind: 'authorize-usage',
    holder: ben,
    instrumentId: prime.instrumentId,
    requestId: 'greedy',
    need: tokens(count),
    min: tokens(count),
    recorder: 'gateway',
    limitPrice: null,
    spendMax: null,
    keyId: '',
    budget: null,
    budgetPeriod: 'total',
    managedPrice: null
  })
}

async function serve (): Promise<void> {
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
}

describe('a request without tokens', () => {
  test('waits while a unit is bought, and is served', async () => {
    await market()
    sell(3, 100_000)
    const answering = ask(small.url)
    await serve()
    expect((await answering).status).toBe(200)
    await small.settled()
    expect(small.tokens()).toEqual({ remaining: 1_000_000 - 7, held: 0, drawn: 7 })
    const states = small.market.told.filter(({ kind }) => kind === 'authorization-state') as unknown as { status: string }[]
    expect(states[0]!.status).toBe('parked')
  })

  test('of many, all wait for one purchase', async () => {
    await market()
    sell(3, 100_000)
    small.isHeldUp = true
    const answering = Array.from({ length: 5 }, () => ask(small.url))
    await until(() => small.consumption.live.size === 5)
    small.isHeldUp = false
    await small.settled()
    for (let served = 0; served < 5; served++) await serve()
    expect((await Promise.all(answering)).every(({ status }) => status === 200)).toBe(true)
    await small.settled()
    expect(small.tokens()).toMatchObject({ remaining: 1_000_000 - 35, held: 0, drawn: 35 })
  })

  test('is redirected once it has some', async () => {
    await market({ account: { delivery: 'redirect' } })
    sell(1, 100_000)
    const answering = ask(small.url)
    await serve()
    expect((await answering).status).toBe(200)
  })

  test('is sent to a supplier once it has some, with a start that counts', async () => {
    await market({ endpoint: { publicUrl: 'https://supplier.example' } })
    sell(1, 100_000)
    const answer = await ask(small.url, { redirect: 'manual', headers: { 'x-grid-delivery': 'supplier' } })
    expect(answer.status).toBe(307)
    await small.settled()
    expect(small.requests.view(ben, answer.headers.get('x-grid-request-id')!)).toMatchObject({ status: 'started' })
  })

  test.each([['nothing is for sale', () => {}], ['all of it is too dear', () => { sell(1, 121_000) }]])('is 402 where %s', async (_name, offer) => {
    await market()
    offer()
    const answer = await ask(small.url)
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 402, code: 'no_capacity' })
    expect(answer.headers.get('x-should-retry')).toBe('false')
    await small.settled()
    expect(small.tokens()).toEqual({ remaining: 0, held: 0, drawn: 0 })
    expect(upstream.waiting).toBe(0)
  })

  test('that the replica took for one with enough is started again after the purchase', async () => {
    await market({ units: 1 })
    sell(1, 100_100)
    await small.settled()
    small.isHeldUp = true
    take(1_000_000)
    const answering = ask(small.url)
    await serve()
    small.isHeldUp = false
    await small.settled()
    expect((await answering).status).toBe(200)
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 1_000_000, drawn: 7 })
  })
})

describe('a request that finds less than it needs', () => {
  async function capOf (offer: () => void): Promise<unknown> {
    await market({ units: 1 })
    take(995_000)
    offer()
    await small.settled()
    const answering = ask(small.url, { fields: { max_tokens: 16_000 } })
    const { response, body } = await upstream.next()
    response.writeHead(200, streamHead).end(fine)
    expect((await answering).status).toBe(200)
    await small.settled()
    return (JSON.parse(body) as { max_completion_tokens: unknown }).max_completion_tokens
  }

  test('is not cut short where more can be bought', async () => {
    expect(await capOf(() => { sell(3, 100_000) })).toBe(16_000)
    expect(small.tokens()).toMatchObject({ remaining: 1_005_000 - 7, held: 995_000, drawn: 7 })
  })

  test('makes do with what there is where it can\'t', async () => {
    const cap = await capOf(() => { sell(3, 121_000) })
    expect(cap).toBeGreaterThan(4900)
    expect(cap).toBeLessThan(5000)
  })

  test('on its way has more bought, and goes on', async () => {
    await market({ units: 1 })
    sell(1, 100_000)
    const { answered } = connect(small.url, { fields: { stream: true } })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).write(role)
    const { reading } = await answered
    await small.settled()
    take(small.requests.available(ben, prime.instrumentId))
    await small.settled()
    for (let count = 0; count < 12; count++) {
      response.write(content(' word'.repeat(1000)))
      await until(() => response.writableLength === 0)
      for (let turn = 0; turn < 30; turn++) await small.settled()
    }
    response.end(finish + usage({ input: 9, output: 12_000 }) + done)
    expect(await reading.rest()).toContain('"finish_reason":"stop"')
    await small.settled()
    expect(small.reports).toMatchObject([{ outcome: 'completed', outputTokens: 12_000 }])
    expect(small.captures).toMatchObject([{ usage: { billed: 12_009 } }])
  })
})

describe('a managed supplier', () => {
  const managed = { endpoint: { managedPrice: microdollars(2_000_000) }, account: { delivery: 'direct', usesManaged: true } } as const

  test('serves what can\'t be bought, for cash', async () => {
    await market(managed)
    const answering = ask(small.url)
    // The ledger waits a second for a purchase; nothing is for sale, so it does not wait at all.
    await serve()
    expect((await answering).status).toBe(200)
    await small.settled()
    expect(small.captures[0]!.usage).toMatchObject({ billed: 7, managedPrice: 2_000_000 })
    expect(small.tokens()).toEqual({ remaining: 0, held: 0, drawn: 0 })
  })

  test.each([
    ['chat', {}], ['chat', { stream: true, stream_options: { include_usage: true } }], ['responses', {}], ['responses', { stream: true }]
  ] as const)('is named nowhere: %s, %j', async (surface, fields) => {
    await market(managed)
    const answering = ask(small.url, { surface, fields })
    const named = JSON.stringify({ id: 'gen-of-scripted', model: 'scripted', provider: 'scripted', system_fingerprint: 'scripted' }).slice(1, -1)
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(fine.replaceAll('"id":"chatcmpl-1"', named).replaceAll(',"model":"scripted"}', '}'))
    const { status, text } = await answering
    expect(status).toBe(200)
    expect(text).toContain('text-prime')
    expect(text).not.toContain('scripted')
    await small.settled()
    expect(small.reports).toMatchObject([{ servedModel: 'text-prime', supplier: 101 }])
  })

  type Overtaken = { readonly answering: Promise<Answer>, readonly plain: ScriptedUpstream, readonly asked: Call }

  /** An ordinary supplier beside him is asked, since there seem to be tokens; others take them before. */
  async function overtaken (asking: Asking = {}): Promise<Overtaken> {
    upstream = await scriptedUpstream()
    const plain = await scriptedUpstream()
    const endpoint = [{ managedPrice: microdollars(2_000_000) }, {}]
    small = await smallConsumption({ ...managed, upstreams: [upstream.url, plain.url], units: 1, endpoint })
    small.isHeldUp = true
    take(1_000_000)
    const answering = ask(small.url, asking)
    const asked = await plain.next()
    asked.response.writeHead(200, streamHead).write(fine)
    return { answering, plain, asked }
  }

  test('is asked in the place of an ordinary one, where others took the tokens meanwhile', async () => {
    const { answering, plain, asked } = await overtaken()
    small.isHeldUp = false
    await small.settled()
    await asked.closed
    await serve()
    expect((await answering).status).toBe(200)
    await small.settled()
    expect(small.captures).toMatchObject([{ usage: { billed: 7, managedPrice: 2_000_000, supplier: 101 } }])
    expect(small.reports).toMatchObject([{ outcome: 'completed', supplier: 101, attempts: 2 }])
    expect(small.tokens()).toMatchObject({ held: 1_000_000, drawn: 0 })
    await plain.close()
  })

  test('is owed nothing by a client that leaves before he is asked, and nor is the ordinary one', async () => {
    const leaving = new AbortController()
    const { answering, plain, asked } = await overtaken({ signal: leaving.signal })
    answering.catch(() => {})
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => { setImmediate(resolve) })
    leaving.abort()
    await asked.closed
    await until(() => small.reports.length === 1)
    small.isHeldUp = false
    await small.settled()
    expect(small.captures).toEqual([])
    expect(small.reports).toMatchObject([{ outcome: 'disconnected', inputTokens: 0 }])
    expect(small.tokens()).toMatchObject({ held: 1_000_000, drawn: 0 })
    await plain.close()
  })

  test('that has gone meanwhile is missed: no other is paid in cash', async () => {
    const { answering, plain } = await overtaken()
    small.routing.removeEndpoint('endpoint_0')
    small.isHeldUp = false
    await small.settled()
    const answer = await answering
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 503, code: 'no_supplier' })
    await small.settled()
    expect(small.captures).toEqual([])
    expect(small.tokens()).toMatchObject({ held: 1_000_000, drawn: 0 })
    await plain.close()
  })

  test('is not asked where tokens can be bought', async () => {
    upstream = await scriptedUpstream()
    const plain = await scriptedUpstream()
    small = await smallConsumption({
      ...managed,
      upstreams: [upstream.url, plain.url],
      units: 1,
      endpoint: [{ managedPrice: microdollars(2_000_000) }, {}]
    })
    const answering = ask(small.url)
    const { response } = await plain.next()
    response.writeHead(200, streamHead).end(fine)
    expect((await answering).status).toBe(200)
    await small.settled()
    expect(small.captures[0]!.usage).toMatchObject({ billed: 7, managedPrice: null })
    await plain.close()
  })
})
