import { describe, expect, test } from 'vitest'
import { holderId, instrumentId, microdollars, notionalMax, orderId, ownerId, quantityMax, units } from '../../../schemas/units.ts'
import { Market, became, deltas, trades, updates } from './support.ts'
import { cancelDefaults } from '../../../schemas/matching/records.ts'

/** Sells of 5 at 100 ticks: 1, then 2. */
function twoSells (): Market {
  const market = new Market()
  market.place(1, { ticks: 100, side: 'sell' })
  market.place(2, { ticks: 100, side: 'sell' })
  return market
}

const first = (market: Market): string | undefined => trades(market.place(9, { ticks: 100, quantity: units(1) }))[0]

describe('priority', () => {
  test.each([
    ['a lower total at its price keeps it', { quantity: units(4) }, '1→9 1@100'],
    ['the same total loses it', { quantity: units(5) }, '2→9 1@100'],
    ['a higher total loses it', { quantity: units(6) }, '2→9 1@100'],
    ['nothing new loses it', {}, '2→9 1@100'],
    ['fewer leaves lose it', { quantity: units(4), quantityIs: 'leaves' }, '2→9 1@100']
  ] as const)('%s', (_name, terms, expected) => {
    const market = twoSells()
    expect(became(market.amend(1, terms), 1)).toBe('resting')
    expect(first(market)).toBe(expected)
  })

  test('a new price loses it, there and back', () => {
    const market = twoSells()
    market.amend(1, { ticks: 101 })
    market.amend(1, { ticks: 100 })
    expect(first(market)).toBe('2→9 1@100')
  })
})

describe('quantity', () => {
  test('is the new total: what is filled counts', () => {
    const market = twoSells()
    market.place(9, { ticks: 100, quantity: units(2) })
    const [update] = updates(market.amend(1, { quantity: units(4) }))
    expect(update).toMatchObject({ status: 'partly_filled', quantity: 4, filledQuantity: 2, filledNotional: 20_000 })
  })

  test('or what is to remain, as recorded flows say it', () => {
    const market = twoSells()
    market.place(9, { ticks: 100, quantity: units(2) })
    const [update] = updates(market.amend(1, { quantity: units(4), quantityIs: 'leaves' }))
    expect(update).toMatchObject({ status: 'partly_filled', quantity: 6, filledQuantity: 2 })
  })

  test.each([
    ['5, where it is 3 by now,', { quantity: units(5), quantityBefore: units(5) }, 'resting order_changed'],
    ['5, where it was known to be 3,', { quantity: units(5), quantityBefore: units(3) }, 'resting'],
    ['whatever it is, at a new price,', { ticks: 101, quantityBefore: units(5) }, 'resting']
  ] as const)('a total of %s after an own order took 2', (_name, terms, expected) => {
    const market = twoSells()
    market.place(9, { ticks: 100, quantity: units(2), owner: ownerId(1), selfTradePrevention: 'decrement_and_cancel' })
    expect(became(market.amend(1, terms), 1)).toBe(expected)
  })

  test.each([1, 2])('a total of %i, with 2 filled, closes the order as filled', total => {
    const market = twoSells()
    market.place(9, { ticks: 100, quantity: units(2) })
    const outputs = market.amend(1, { quantity: units(total) })
    expect(updates(outputs)).toMatchObject([{ status: 'filled', reason: null, quantity: 2, filledQuantity: 2 }])
    expect(deltas(outputs)[0]?.changes).toEqual([{ side: 'sell', price: 10_000, quantity: 5, orders: 1 }])
    expect(became(market.cancel(1), 1)).toBe('refused unknown_order')
  })
})

test('an amended order may trade, with all levels told once', () => {
  const market = twoSells()
  market.place(3, { ticks: 98, quantity: units(12) })
  const outputs = market.amend(3, { ticks: 100 })
  expect(trades(outputs)).toEqual(['1→3 5@100', '2→3 5@100'])
  expect(became(outputs, 3)).toBe('partly_filled')
  expect(deltas(outputs)[0]?.changes).toEqual([
    { side: 'buy', price: 10_000, quantity: 2, orders: 1 },
    { side: 'buy', price: 9800, quantity: 0, orders: 0 },
    { side: 'sell', price: 10_000, quantity: 0, orders: 0 }
  ])
})

describe('refusals leave the order as it was', () => {
  test('a post-only order that would cross', () => {
    const market = twoSells()
    market.place(3, { ticks: 98, postOnly: true })
    const outputs = market.amend(3, { ticks: 100, quantity: units(7) })
    expect(updates(outputs)).toMatchObject([{
      refused: true, status: 'resting', reason: 'post_only_would_cross', price: 9800, quantity: 5
    }])
    expect(outputs).toHaveLength(1)
  })

  test('quantity below what is allowed, or worth too much', () => {
    const market = new Market({ quantityMin: units(3), quantityMax })
    market.place(1, { ticks: 100 })
    expect(became(market.amend(1, { quantity: units(0) }), 1)).toBe('refused invalid_quantity')
    expect(became(market.amend(1, { quantity: units(2) }), 1)).toBe('resting invalid_quantity')
    const tooMany = units(Math.floor(notionalMax / 1_000_000) + 1)
    const costly = market.amend(1, { price: microdollars(1_000_000), quantity: tooMany })
    expect(became(costly, 1)).toBe('resting notional_too_large')
  })

  test('an order that is late', () => {
    const market = twoSells()
    const outputs = market.say({
      ...cancelDefaults, kind: 'cancel-order', orderId: orderId(1), holder: holderId(1), instrumentId: instrumentId('text-prime')
    }, true)
    expect(updates(outputs)).toMatchObject([{ cause: 'cancel', refused: true, status: 'resting', reason: 'too_late' }])
  })
})

test('another holder’s order is as unknown as none', () => {
  const market = twoSells()
  const [theirs] = updates(market.cancel(1, 2))
  const [nobodys] = updates(market.cancel(77, 2))
  expect({ ...theirs, orderId: 0 }).toEqual({ ...nobodys, orderId: 0 })
  expect(theirs).toMatchObject({ refused: true, status: 'refused', reason: 'unknown_order', holder: 2, price: 0 })
  expect(became(market.amend(1, { holder: holderId(2), ticks: 1 }), 1)).toBe('refused unknown_order')
  expect(became(market.cancel(1), 1)).toBe('cancelled cancelled')
})
