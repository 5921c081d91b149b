import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { orderHistory, type OrderCondition, type OrderQuery, type PastOrder } from '../../analytics/orders.ts'
import type { Comparison } from '../../analytics/trades.ts'
import type { OrderState } from '../../schemas/ledger/records.ts'
import { holderId, instant, instrumentId, microdollars, orderId, units } from '../../schemas/units.ts'
import { insertStates, ourTables } from '../analytics/database.ts'
import { someState } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const start = 1_772_000_000_000
const dayMs = 86_400_000

// Orders of three holders, interleaved, over four months; each goes through up to three states.
const endings: Partial<OrderState>[] = [
  {},
  { status: 'filled', cause: 'match', filledQuantity: units(5) },
  { status: 'cancelled', cause: 'cancel', closureReason: 'cancelled' },
  { status: 'cancelled', cause: 'market', closureReason: 'dead_man' },
  { status: 'refused', refusal: 'insufficient_balance' },
  { status: 'expired', cause: 'market', closureReason: 'expired' }
]

const statesOf = (index: number): OrderState[] => {
  const accepted = instant(start + index * dayMs)
  const one = {
    orderId: orderId(1000 + 128 * index),
    holder: holderId(1 + index % 3),
    instrumentId: instrumentId(['aaa', 'bbb'][index % 2]!),
    side: index % 5 < 2 ? 'buy' : 'sell',
    clientOrderId: index % 4 === 0 ? `mine ${index}` : null,
    acceptedAt: accepted,
    submittedAt: instant(accepted - 5)
  } as const
  const ending = endings[index % endings.length]!
  const isClosed = ending.status !== undefined
  const first = someState(ending.status === 'refused' ? { ...one, ...ending, closedAt: accepted } : { ...one, at: accepted })
  if (ending.status === 'refused') return [first]
  const second = { ...first, sequence: 2, status: 'partly_filled', filledQuantity: units(2), at: instant(accepted + 7) } as const
  const at = instant(accepted + 9)
  const third = { ...second, sequence: 3, ...ending, at, closedAt: isClosed ? at : null }
  return [first, second, third]
}

const states = Array.from({ length: 120 }, (_, index) => statesOf(index)).flat()
const orders = states.filter(({ orderId, sequence }) =>
  states.every(other => other.orderId !== orderId || other.sequence <= sequence))

function past ({ kind: _kind, sequence: _sequence, cause: _cause, ...order }: OrderState): PastOrder {
  return order
}

beforeAll(async () => {
  // Later states first, some again and again: what an order is now does not depend on it.
  await insertStates(clickHouse(), states.slice(200).reverse())
  await insertStates(clickHouse(), states.slice(0, 230))
  await insertStates(clickHouse(), states.filter(({ sequence }) => sequence === 2))
  await insertStates(clickHouse(), states.slice(20, 60))
})

const compared: Record<Comparison, (a: number | string | null, b: number | string) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a !== null && a > b,
  '<': (a, b) => a !== null && a < b,
  '>=': (a, b) => a !== null && a >= b,
  '<=': (a, b) => a !== null && a <= b
}

function holds (order: OrderState, { field, op, value }: OrderCondition): boolean {
  if (field !== 'standing') return compared[op](order[field], value)
  return value.includes(order.status === 'cancelled' ? order.closureReason ?? 'cancelled' : order.status)
}

function naive ({ holder, conditions, beyond, limit, order }: OrderQuery): PastOrder[] {
  const sign = order === 'asc' ? 1 : -1
  return orders
    .filter(each => each.holder === holder && conditions.every(condition => holds(each, condition)))
    .filter(each => beyond === null || sign * (each.orderId - beyond) > 0)
    .sort((a, b) => sign * (a.orderId - b.orderId))
    .slice(0, limit).map(past)
}

const asked = async (query: OrderQuery) => await orderHistory(clickHouse()).orders(query)
const everything = { holder: holderId(2), conditions: [], beyond: null, limit: 1000, order: 'asc' } as const

test('an order is what its last state says, with every word of it', async () => {
  const found = await asked(everything)
  expect(found).toEqual(naive(everything))
  expect(found).toHaveLength(40)
})

test('numbers and instants at their ends come back as they were', async () => {
  const odd = someState({
    holder: holderId(99),
    orderId: orderId(Number.MAX_SAFE_INTEGER),
    clientOrderId: 'Zürich \'"\\\n 價格 🜚',
    price: null,
    stopPrice: microdollars(1),
    notional: microdollars(10_000_000_000_000),
    heldAmount: Number.MAX_SAFE_INTEGER,
    expiresAt: instant(253_402_300_799_999),
    type: 'stop_limit',
    timeInForce: 'gtd',
    postOnly: true,
    reduceOnly: true,
    autoTransfer: true,
    side: 'sell',
    otherLeg: orderId(7)
  })
  await insertStates(clickHouse(), [odd])
  expect(await asked({ ...everything, holder: odd.holder })).toEqual([past(odd)])
})

test.each(['asc', 'desc'] as const)('pages, %s: one after the other they give each order once, while states arrive', async order => {
  const seen: PastOrder[] = []
  for (;;) {
    const page = await asked({ ...everything, beyond: seen.at(-1)?.orderId ?? null, limit: 7, order })
    seen.push(...page)
    await insertStates(clickHouse(), states.slice(0, 40))
    if (page.length < 7) break
  }
  expect(seen).toEqual(naive({ ...everything, order }))
})

test('any conditions, any page, equal a filter and a sort', async () => {
  const equality = fc.constantFrom('==', '!=')
  const standing = fc.subarray(['resting', 'partly_filled', 'filled', 'cancelled', 'dead_man', 'expired', 'refused'], { minLength: 1 })
  const condition = fc.oneof(
    fc.record({ field: fc.constant('instrumentId'), op: equality, value: fc.constantFrom('aaa', 'bbb', 'zzz') }),
    fc.record({ field: fc.constant('side'), op: equality, value: fc.constantFrom('buy', 'sell') }),
    fc.record({ field: fc.constant('clientOrderId'), op: equality, value: fc.constantFrom('mine 8', 'mine 16', 'x\' OR 1 = 1 --') }),
    fc.record({ field: fc.constant('orderId'), op: equality, value: fc.constantFrom(...orders.map(each => each.orderId), -1) }),
    fc.record({ field: fc.constant('acceptedAt'), op: fc.constantFrom('==', '!=', '>', '<', '>=', '<='), value: fc.constantFrom(0, start + 3 * dayMs, start + 40 * dayMs + 1) }),
    fc.record({ field: fc.constant('standing'), op: fc.constant('in'), value: standing })
  ) as fc.Arbitrary<OrderCondition>
  const beyond = fc.option(fc.constantFrom(...orders.map(each => each.orderId), orderId(0)))
  await fc.assert(fc.asyncProperty(
    fc.constantFrom(holderId(1), holderId(2), holderId(4)), fc.array(condition, { maxLength: 3 }), beyond,
    fc.integer({ min: 1, max: 30 }), fc.constantFrom('asc', 'desc'),
    async (holder, conditions, beyond, limit, order) => {
      const query: OrderQuery = { holder, conditions, beyond, limit, order }
      expect(await asked(query)).toEqual(naive(query))
    }
  ), { numRuns: 60, seed: 12 })
})

describe('the views', () => {
  test('orders has each order once, as it is now', async () => {
    const rows = await clickHouse().rows<{ order_id: string, sequence: string }>(
      'SELECT order_id, sequence FROM orders WHERE holder = 2 ORDER BY order_id')
    const expected = orders.filter(({ holder }) => holder === 2)
      .map(({ orderId, sequence }) => ({ order_id: String(orderId), sequence: String(sequence) }))
    expect(rows).toEqual(expected)
  })

  test('order_states has each state once, after a merge as well', async () => {
    const counted = async () => await clickHouse().rows('SELECT count() AS rows, uniqExact(order_id, sequence) AS states FROM order_states WHERE holder <= 3')
    const expected = [{ rows: String(states.length), states: String(states.length) }]
    expect(await counted()).toEqual(expected)
    await clickHouse().command('OPTIMIZE TABLE order_states_raw FINAL')
    expect(await counted()).toEqual(expected)
  })
})
