// Auto Mode: who has no tokens waits while some are bought; who can't be sold any is told so, or is served at
// a managed supplier's price, where he allows it.

import { afterEach, describe, expect, test } from 'vitest'
import { microdollars, units } from '../../../schemas/units.ts'
import { answerOf, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { orderOf } from '../adapters/small-market.ts'
import { ask, codeOf, until } from './asking.ts'
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
    small.market.say({
      kind: 'authorize-usage',
      holder: ben,
      instrumentId: prime.instrumentId,
      requestId: 'greedy',
      need: 1_000_000 as never,
      min: 1_000_000 as never,
      recorder: 'gateway',
      limitPrice: null,
      spendMax: null,
      keyId: '',
      budget: null,
      budgetPeriod: 'total',
      managedPrice: null
    })
    const answering = ask(small.url)
    await serve()
    small.isHeldUp = false
    await small.settled()
    expect((await answering).status).toBe(200)
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 1_000_000, drawn: 7 })
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
