import { describe, expect, test } from 'vitest'
import type { PlaceOrder } from '../../../schemas/matching/records.ts'
import {
  basisPoints, instant, instrumentId, microdollars, notionalMax, orderId, priceTicksMax, quantityMax, units
} from '../../../schemas/units.ts'
import { Market, became, deltas, trades } from './support.ts'

describe('what is left of an order that can’t rest', () => {
  test.each([
    ['ioc', 100, 5, 'filled'],
    ['ioc', 100, 7, 'cancelled partially_filled_max_slippage'],
    ['ioc', 105, 12, 'cancelled partially_filled_no_liquidity'],
    ['ioc', 99, 5, 'cancelled no_fill_max_slippage'],
    ['gtc', 99, 5, 'resting'],
    ['gtc', 100, 7, 'partly_filled']
  ] as const)('%s buy at %i for %i: %s', (timeInForce, ticks, quantity, outcome) => {
    const market = new Market()
    market.place(1, { ticks: 100, side: 'sell' })
    market.place(2, { ticks: 105, side: 'sell' })
    expect(became(market.place(9, { ticks, timeInForce, quantity: units(quantity) }), 9)).toBe(outcome)
  })

  test('meets an empty side', () => {
    expect(became(new Market().place(1, { ticks: 100, timeInForce: 'ioc' }), 1)).toBe('cancelled no_fill_no_liquidity')
  })

  test.each(['gtc', 'ioc'] as const)('a market order never rests, whatever it says (%s)', timeInForce => {
    const market = new Market()
    market.place(1, { ticks: 100, side: 'sell' })
    const outputs = market.place(9, { ticks: 105, type: 'market', timeInForce, quantity: units(7) })
    expect(trades(outputs)).toEqual(['1→9 5@100'])
    expect(became(outputs, 9)).toBe('cancelled partially_filled_no_liquidity')
  })
})

describe('refusals', () => {
  const far = instant(2_000_000_000_000)
  const secondLeg = { orderId: orderId(2), isLimit: true, stopPrice: microdollars(11_000), price: microdollars(12_000) }
  const byNotional = { type: 'market', notional: microdollars(50_000), quantity: units(0) } as const
  const refusal = (terms: Partial<PlaceOrder>, market = new Market()): string =>
    became(market.place(1, { ticks: 100, ...terms }), 1)

  test.each([
    ['unknown_instrument', { instrumentId: instrumentId('code-prime') }],
    ['unsupported', { postOnly: true, timeInForce: 'ioc' }],
    ['unsupported', { postOnly: true, type: 'market' }],
    ['unsupported', { postOnly: true, type: 'stop_limit', stopPrice: microdollars(10_000) }],
    ['unsupported', { type: 'stop', timeInForce: 'ioc', stopPrice: microdollars(10_000) }],
    ['unsupported', { type: 'stop_limit', timeInForce: 'fok', stopPrice: microdollars(10_000) }],
    ['unsupported', { type: 'market', timeInForce: 'day', expiresAt: far }],
    ['unsupported', { type: 'market', oco: secondLeg }],
    ['unsupported', { timeInForce: 'ioc', oco: secondLeg }],
    ['unsupported', { notional: microdollars(1), quantity: units(0) }],
    ['unsupported', { ...byNotional, side: 'sell' }],
    ['unsupported', { ...byNotional, timeInForce: 'fok' }],
    ['unsupported', { ...byNotional, takerBp: basisPoints(501) }],
    ['invalid_quantity', { ...byNotional, quantity: units(1) }],
    ['invalid_quantity', { ...byNotional, notional: microdollars(0) }],
    ['notional_too_large', { ...byNotional, notional: microdollars(notionalMax + 1) }],
    ['off_tick', { oco: { ...secondLeg, price: microdollars(150) } }],
    ['duplicate_order', { oco: { ...secondLeg, orderId: orderId(1) } }],
    ['invalid_stop_price', { type: 'stop' }],
    ['invalid_stop_price', { type: 'stop_limit', stopPrice: microdollars(150) }],
    ['invalid_stop_price', { type: 'stop_limit', stopPrice: microdollars(0) }],
    ['invalid_stop_price', { oco: { ...secondLeg, stopPrice: microdollars(150) } }],
    ['invalid_expiry', { timeInForce: 'day' }],
    ['invalid_expiry', { timeInForce: 'gtd', expiresAt: instant(1_700_000_000_000) }],
    ['invalid_quantity', { quantity: units(0) }],
    ['invalid_quantity', { quantity: units(-4) }],
    ['invalid_quantity', { quantity: units(10_001) }],
    ['invalid_price', { price: microdollars(0) }],
    ['invalid_price', { price: microdollars(-100) }],
    ['invalid_price', { price: microdollars((priceTicksMax + 1) * 100) }],
    ['off_tick', { price: microdollars(150) }],
    ['off_tick', { price: microdollars(99) }]
  ] as const)('%s', (reason, terms) => {
    expect(refusal(terms)).toBe(`refused ${reason}`)
  })

  test.each([
    { type: 'stop' },
    { type: 'stop_limit' },
    { timeInForce: 'day' },
    { timeInForce: 'gtd' }
  ] as const)('version 1 knows no %o', terms => {
    const whole = { ...terms, stopPrice: microdollars(10_000), expiresAt: far }
    expect(refusal(whole, new Market({}, 1))).toBe('refused unsupported')
    expect(refusal(whole)).toBe('resting')
  })

  test('a spare partition knows no instrument', () => {
    expect(refusal({}, new Market(null))).toBe('refused unknown_instrument')
  })

  test('one order is worth $10 M at most', () => {
    const market = new Market({ quantityMax })
    const price = microdollars(100_000_000)
    expect(refusal({ price, quantity: units(notionalMax / price) }, market)).toBe('resting')
    market.cancel(1)
    expect(refusal({ price, quantity: units(notionalMax / price + 1) }, market)).toBe('refused notional_too_large')
  })

  test('an id that rests is not given twice; one that is closed may come again', () => {
    const market = new Market()
    market.place(1, { ticks: 100 })
    expect(became(market.place(1, { ticks: 99 }), 1)).toBe('refused duplicate_order')
    market.cancel(1)
    expect(became(market.place(1, { ticks: 99 }), 1)).toBe('resting')
  })

  test('post-only never takes', () => {
    const market = new Market()
    market.place(1, { ticks: 100, side: 'sell' })
    const outputs = market.place(2, { ticks: 100, postOnly: true })
    expect(became(outputs, 2)).toBe('refused post_only_would_cross')
    expect(outputs).toHaveLength(1)
    expect(became(market.place(2, { ticks: 99, postOnly: true }), 2)).toBe('resting')
  })

  test('of several that apply, the first in precedence is given', () => {
    const market = new Market({ bandBp: basisPoints(1000) })
    expect(refusal({ type: 'stop', timeInForce: 'ioc', quantity: units(0) }, market)).toBe('refused unsupported')
    expect(refusal({ quantity: units(0), price: microdollars(0) }, market)).toBe('refused invalid_quantity')
    market.say({ kind: 'set-trading-status', instrumentId: instrumentId('text-prime'), status: 'halted' })
    expect(refusal({ price: microdollars(20_000) }, market)).toBe('refused halted')
    expect(refusal({ type: 'stop' }, market)).toBe('refused halted')
  })
})

test('an order at the top of the ladder rests there', () => {
  const outputs = new Market().place(1, { ticks: priceTicksMax, side: 'sell' })
  expect(deltas(outputs)[0]?.changes).toEqual([{ side: 'sell', price: priceTicksMax * 100, quantity: 5, orders: 1 }])
})
