// Habits: from what is seen to what is asked for.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chanceOf } from '../../../pipelines/demo/chance.ts'
import type { Act, Habit, NewOrder, OpenOrder, Sight } from '../../../pipelines/demo/habits/habit.ts'
import { impatient } from '../../../pipelines/demo/habits/impatient.ts'
import { maker } from '../../../pipelines/demo/habits/maker.ts'
import { patient } from '../../../pipelines/demo/habits/patient.ts'
import { reseller } from '../../../pipelines/demo/habits/reseller.ts'
import { sibling } from '../../../pipelines/demo/habits/sibling.ts'
import { supplier } from '../../../pipelines/demo/habits/supplier.ts'
import { instant, microdollars, type Microdollars } from '../../../schemas/units.ts'

const tick = 100
const now = instant(Date.UTC(2026, 0, 5))
const price = (ticks: number): Microdollars => microdollars(ticks * tick)

const quiet: Sight = {
  tickSize: price(1),
  fair: price(1000),
  bid: price(995),
  ask: price(1005),
  units: 3000,
  open: [],
  at: now,
  chance: chanceOf(1)
}

const ordersOf = (acts: readonly Act[]): NewOrder[] =>
  acts.flatMap(act => act.kind === 'place' ? [act.order] : act.kind === 'quote' ? act.orders : [])

const open = (orderId: string, side: 'buy' | 'sell', ticks: number | null, remaining = 10): OpenOrder =>
  ({ orderId, side, price: ticks === null ? null : price(ticks), remaining })

const draws = 100

/** Everything that a habit does with one sight, whatever chance says. */
const allOf = (habit: Habit, sight: Partial<Sight> = {}): Act[][] =>
  Array.from({ length: draws }, (_, seed) => [...habit({ ...quiet, ...sight, chance: chanceOf(seed) })])

const kinds = (all: readonly Act[][]): Set<string> => new Set(all.flat().map(({ kind }) => kind))

describe('a supplier', () => {
  test('quotes several levels above fair value, post-only, and nothing else', () => {
    for (const acts of allOf(supplier)) {
      const orders = ordersOf(acts)
      expect(orders).toHaveLength(3)
      for (const order of orders) expect(order).toMatchObject({ side: 'sell', type: 'limit', postOnly: true })
      const prices = orders.map(order => order.price!)
      expect(prices).toEqual([...new Set(prices)].sort((a, b) => a - b))
      expect(prices[0]).toBeGreaterThan(quiet.fair)
    }
  })

  test('leaves what lies well, and cancels what does not', () => {
    const [acts] = allOf(supplier)
    const rests = ordersOf(acts!).map(({ price: at }, level) => ({ ...open(`o${level}`, 'sell', 0), price: at! }))
    const again = supplier({ ...quiet, chance: chanceOf(0), open: rests })
    expect(again).toEqual([])
    const dearer = { fair: price(1100), bid: price(1090), ask: price(1110) }
    const moved = supplier({ ...quiet, ...dearer, chance: chanceOf(0), open: rests })
    expect(moved).toMatchObject([{ kind: 'quote', cancels: ['o0', 'o1', 'o2'] }])
    expect(ordersOf(moved)).toHaveLength(3)
  })

  test('issues more before it runs out', () => {
    expect(kinds(allOf(supplier))).toEqual(new Set(['quote']))
    for (const [first] of allOf(supplier, { units: 100 })) expect(first).toEqual({ kind: 'supply', quantity: 5000 })
  })
})

describe('a market maker', () => {
  test('bids at several levels below fair value, and offers what it has', () => {
    for (const acts of allOf(maker, { units: 25 })) {
      const orders = ordersOf(acts)
      expect(orders.map(({ side }) => side)).toEqual(['buy', 'buy', 'buy', 'sell'])
      expect(orders[3]).toMatchObject({ quantity: 25, postOnly: true })
      for (const { price: at } of orders.slice(0, 3)) expect(at).toBeLessThan(quiet.fair)
    }
    for (const acts of allOf(maker, { units: 0 })) expect(ordersOf(acts).every(({ side }) => side === 'buy')).toBe(true)
  })

  test('offers what a cancel gives back only in the next turn', () => {
    for (const acts of allOf(maker, { units: 0, open: [open('old', 'sell', 2000, 30)] })) {
      expect(acts).toMatchObject([{ kind: 'quote', cancels: ['old'] }])
      expect(ordersOf(acts).some(({ side }) => side === 'sell')).toBe(false)
    }
  })
})

describe('the impatient', () => {
  test('buy at once, in every way there is, and have it sent on', () => {
    const orders = allOf(impatient).flatMap(ordersOf)
    for (const order of orders) expect(order).toMatchObject({ side: 'buy', autoTransfer: true })
    expect(orders.some(({ type, quantity }) => type === 'market' && quantity !== undefined)).toBe(true)
    expect(orders.some(({ type, notional }) => type === 'market' && notional !== undefined)).toBe(true)
    expect(new Set(orders.map(({ timeInForce }) => timeInForce))).toEqual(new Set([undefined, 'ioc', 'fok']))
  })

  test('want nothing of an empty book', () => {
    expect(allOf(impatient, { ask: null }).flat()).toEqual([])
  })
})

describe('the patient', () => {
  test('bid below the market, for a while or for the day', () => {
    const orders = allOf(patient).flatMap(ordersOf)
    expect(orders).toHaveLength(draws)
    expect(new Set(orders.map(({ timeInForce }) => timeInForce))).toEqual(new Set(['gtd', 'day']))
    for (const { expiresAt, timeInForce } of orders) {
      if (timeInForce === 'gtd') expect(expiresAt! - now).toBeGreaterThanOrEqual(120_000)
      else expect(expiresAt).toBeUndefined()
    }
  })

  test('raise their oldest bid, or give it up', () => {
    const bids = [open('first', 'buy', 900), open('second', 'buy', 901)]
    expect(allOf(patient, { open: bids }).flat().every(act => act.kind === 'amend' && act.orderId === 'first')).toBe(true)
    const high = [open('first', 'buy', 1004), open('second', 'buy', 901)]
    for (const acts of allOf(patient, { open: high })) expect(acts).toEqual([{ kind: 'cancel', orderId: 'first' }])
  })
})

describe('a reseller', () => {
  test('buys at the offer when it has nothing', () => {
    const orders = allOf(reseller, { units: 0 }).flatMap(ordersOf)
    expect(orders).toHaveLength(draws)
    for (const order of orders) expect(order).toMatchObject({ side: 'buy', timeInForce: 'ioc' })
    expect(allOf(reseller, { units: 0, ask: price(1100) }).flat()).toEqual([])
  })

  test('offers in every way there is, never more than it has', () => {
    const orders = allOf(reseller, { units: 7 }).flatMap(ordersOf)
    for (const { side, quantity } of orders) expect([side, quantity! <= 7]).toEqual(['sell', true])
    expect(new Set(orders.map(({ type }) => type))).toEqual(new Set(['market', 'stop', 'limit']))
    const pairs = orders.filter(({ ocoStopPrice }) => ocoStopPrice !== undefined)
    expect(pairs.length).toBeGreaterThan(0)
    for (const { price: limit, ocoStopPrice } of pairs) expect(ocoStopPrice!).toBeLessThan(limit!)
  })

  test('takes an offer back now and then', () => {
    expect(kinds(allOf(reseller, { units: 0, open: [open('old', 'sell', 1100)] }))).toEqual(new Set(['cancel']))
  })
})

test('siblings offer at the front of the book, and take what is there', () => {
  const orders = allOf(sibling, { units: 10 }).flatMap(ordersOf)
  expect(new Set(orders.map(({ side, price: at }) => `${side} ${at}`))).toEqual(new Set(['sell 100400', 'buy 100500']))
  expect(allOf(sibling, { ask: null }).flat()).toEqual([])
  expect(kinds(allOf(sibling, { open: [open('a', 'sell', 1004), open('b', 'sell', 1004)] }))).toEqual(new Set(['cancel']))
})

const ticks = fc.integer({ min: 2, max: 60 })
const sights: fc.Arbitrary<Sight> = fc.record({
  tickSize: fc.constant(price(1)),
  fair: ticks.map(price),
  bid: fc.option(ticks.map(price)),
  ask: fc.option(ticks.map(price)),
  units: fc.integer({ min: 0, max: 3000 }),
  open: fc.array(fc.record({
    orderId: fc.uuid(), side: fc.constantFrom('buy', 'sell'), price: fc.option(ticks.map(price)), remaining: fc.integer({ min: 1, max: 99 })
  }), { maxLength: 6 }),
  at: fc.constant(now),
  chance: fc.integer().map(chanceOf)
}).filter(({ bid, ask }) => bid === null || ask === null || bid < ask)

test.each(Object.entries({ supplier, maker, impatient, patient, reseller, sibling }))('%s asks for nothing that it sees to be refused', (_name, habit) => {
  fc.assert(fc.property(sights, sight => {
    const acts = habit(sight)
    const supplied = acts.reduce((sum, act) => act.kind === 'supply' ? sum + act.quantity : sum, 0)
    const known = new Set(sight.open.map(({ orderId }) => orderId))
    let sold = 0
    for (const order of ordersOf(acts)) {
      const { side, type, quantity, notional, price: at } = order
      if (side === 'sell') sold += quantity!
      if (type === 'limit') expect(at! > 0 && at! % sight.tickSize === 0).toBe(true)
      if (notional === undefined) expect(Number.isInteger(quantity) && quantity! >= 1 && quantity! <= 10_000).toBe(true)
      if (order.postOnly === true && side === 'buy' && sight.ask !== null && at! > sight.tickSize) expect(at).toBeLessThan(sight.ask)
      if (order.postOnly === true && side === 'sell' && sight.bid !== null) expect(at).toBeGreaterThan(sight.bid)
      if (order.ocoStopPrice !== undefined) expect(order.ocoStopPrice).toBeLessThan(at!)
      if (order.expiresAt !== undefined) expect(order.expiresAt).toBeGreaterThan(sight.at)
    }
    expect(sold).toBeLessThanOrEqual(sight.units + supplied)
    for (const act of acts) {
      if (act.kind === 'cancel' || act.kind === 'amend') expect(known).toContain(act.orderId)
      if (act.kind === 'quote') for (const id of act.cancels) expect(known).toContain(id)
    }
  }), { seed: 4, numRuns: 2000 })
})
