// A person at work, in front of an API that is written down here.

import { describe, expect, test } from 'vitest'
import { chanceOf } from '../../../pipelines/demo/chance.ts'
import type { Asked, Client, Reply } from '../../../pipelines/demo/client.ts'
import { Participant } from '../../../pipelines/demo/participant.ts'
import { people, type HabitName, type Person } from '../../../pipelines/demo/people.ts'
import { dollarsOf, microdollarsIn } from '../../../pipelines/demo/sight.ts'
import { microdollars } from '../../../schemas/units.ts'

const level = (price: string) => [{ price, quantity: 5 }]
const book = { buy: level('0.10000000'), sell: level('0.10200000') }

type Known = {
  readonly orders?: object[]
  readonly units?: string
  readonly commands?: (asked: Asked) => Partial<Reply> | undefined
}

const reply = (status: number, data: unknown = null, code: string | null = null): Reply =>
  ({ status, body: null, data, code })

class Api {
  readonly asked: Asked[] = []
  readonly #known: Known

  constructor (known: Known = {}) {
    this.#known = known
  }

  get (path: string): Promise<Reply> {
    const { orders = [], units = '3000' } = this.#known
    if (path.includes('/orderbook')) return Promise.resolve(reply(200, book))
    if (path.startsWith('/v1/orders')) return Promise.resolve(reply(200, orders))
    const cash = { instrument_symbol: 'usd', currency: 'USD', available_balance: '5' }
    return Promise.resolve(reply(200, [cash, { instrument_symbol: 'text-prime', available_balance: units }]))
  }

  ask (asked: Asked): Promise<Reply> {
    this.asked.push(asked)
    return Promise.resolve({ ...reply(201, asked.path.endsWith('batch') ? [] : {}), ...this.#known.commands?.(asked) })
  }
}

const [, prime] = people[0]!.trades
const fair = microdollars(101_000)

type At = { readonly api: Api, readonly counts: string[], readonly topUps: Person[], readonly participant: Participant }

function at (habit: HabitName, known: Known = {}): At {
  const person = people.find(each => each.habit === habit)!
  const [api, counts, topUps]: [Api, string[], Person[]] = [new Api(known), [], []]
  const participant = new Participant({
    person,
    client: api as unknown as Client,
    chance: chanceOf(5),
    topUp: who => {
      topUps.push(who)
      return Promise.resolve()
    },
    count: (_habit, outcome) => { counts.push(outcome) }
  })
  return { api, counts, topUps, participant }
}

type Item = { action: string, order_id?: string, market_id?: string, price?: string, post_only?: boolean }
const itemsOf = ({ body }: Asked): Item[] => (body as { items: Item[] }).items

describe('a person', () => {
  test('quotes in one batch: cancels of what rests, then what is to rest', async () => {
    const orders = [{ order_id: 'order_1', side: 'sell', price: '0.20000000', remaining_quantity: 5 }]
    const { api, participant } = at('supplier', { orders })
    expect(await participant.takeTurn(prime!, fair)).toBe(4)
    expect(api.asked).toHaveLength(1)
    const [cancel, ...places] = itemsOf(api.asked[0]!)
    expect(cancel).toEqual({ action: 'cancel', order_id: 'order_1' })
    for (const place of places) {
      expect(place).toMatchObject({ action: 'place', market_id: 'text-prime', side: 'sell', type: 'limit', post_only: true })
      expect(microdollarsIn(place.price)).toBeGreaterThan(fair)
      expect(place).not.toHaveProperty('client_order_id')
    }
  })

  test('cancels what it has in the market when a batch was not answered', async () => {
    const commands = ({ path }: Asked) => path.endsWith('batch') ? { status: 504, code: 'outcome_unknown' } : undefined
    const { api, participant } = at('supplier', { commands })
    await participant.takeTurn(prime!, fair)
    expect(api.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/markets/text-prime/orders' })
  })

  test('issues supply under a reference, moves it to Trading, and does not again', async () => {
    const { api, participant } = at('supplier', { units: '10' })
    await participant.takeTurn(prime!, fair)
    const supply = api.asked.slice(0, 2)
    expect(supply.map(({ path }) => path)).toEqual(['/v1/supply-issuances', '/v1/issuance-accounts/transfer'])
    expect(new Set(supply.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2)
    await participant.takeTurn(prime!, fair)
    expect(api.asked.filter(({ path }) => path === '/v1/supply-issuances')).toHaveLength(1)
  })

  test('names each order by itself, so that it takes effect once', async () => {
    const { api, participant } = at('impatient')
    for (let turn = 0; turn < 5; turn++) await participant.takeTurn(prime!, fair)
    const ids = api.asked.map(({ body }) => (body as { client_order_id: string }).client_order_id)
    expect(ids.every(id => /^demo-\w+-\d+$/.test(id))).toBe(true)
    expect(new Set(ids).size).toBe(5)
  })

  test('that has run out of money asks for more; one that has run out of units looks again', async () => {
    const commands = () => ({ status: 400, code: 'INSUFFICIENT_BALANCE' })
    const buyer = at('impatient', { commands })
    await buyer.participant.takeTurn(prime!, fair)
    expect(buyer.topUps).toEqual([buyer.participant.person])
    expect(buyer.counts).toEqual(['INSUFFICIENT_BALANCE'])
    const seller = at('reseller', { commands, units: '9' })
    await seller.participant.takeTurn(prime!, fair)
    expect(seller.topUps).toEqual([])
  })

  test('does nothing while the gateway can not say what the book is', async () => {
    const { api, participant } = at('impatient')
    api.get = () => Promise.resolve(reply(503))
    expect(await participant.takeTurn(prime!, fair)).toBe(0)
    expect(api.asked).toEqual([])
  })

  test('keeps its switch wound up, and can take everything back', async () => {
    const commands = () => ({ status: 200 })
    const { api, counts, participant } = at('supplier', { commands })
    await participant.stayAlive()
    expect(await participant.cancelAll()).toBe(true)
    expect(api.asked).toMatchObject([
      { method: 'POST', path: '/v1/orders/cancel-all-after', body: { timeout_ms: 60_000 } }, { method: 'DELETE', path: '/v1/orders' }
    ])
    expect(counts).toEqual(['done', 'done'])
  })
})

test('amounts are text, and never pass through a float', () => {
  expect(dollarsOf(microdollars(1))).toBe('0.000001')
  expect(dollarsOf(microdollars(12_345_678))).toBe('12.345678')
  expect(microdollarsIn('0.10070000')).toBe(100_700)
  expect(microdollarsIn('999999999.999999')).toBe(999_999_999_999_999)
  expect(['1e3', '-1', '0.00000001', '', null].map(microdollarsIn)).toEqual([null, null, null, null, null])
})
