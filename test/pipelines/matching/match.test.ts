import { describe, expect, test } from 'vitest'
import type { SelfTradePrevention } from '../../../schemas/matching/records.ts'
import { microdollars, ownerId, units } from '../../../schemas/units.ts'
import { Market, became, deltas, trades, updates } from './support.ts'

/** Asks of 5 each: 1 and 2 at 100 ticks, 3 at 101. */
function threeSells (): Market {
  const market = new Market()
  for (const [id, ticks] of [[3, 101], [1, 100], [2, 100]] as const) market.place(id, { ticks, side: 'sell' })
  return market
}

describe('price-time priority', () => {
  test('trades the best price first, then the oldest, at the maker’s price', () => {
    const outputs = threeSells().place(9, { ticks: 105, quantity: units(12) })
    expect(trades(outputs)).toEqual(['1→9 5@100', '2→9 5@100', '3→9 2@101'])
    expect([1, 2, 3, 9].map(id => became(outputs, id))).toEqual(['filled', 'filled', 'partly_filled', 'filled'])
  })

  test('tells each level once, as it is after the command', () => {
    const [delta] = deltas(threeSells().place(9, { ticks: 100, quantity: units(12) }))
    expect(delta?.changes).toEqual([
      { side: 'buy', price: 10_000, quantity: 2, orders: 1 },
      { side: 'sell', price: 10_000, quantity: 0, orders: 0 }
    ])
    expect([delta?.previous, delta?.sequence]).toEqual([3, 4])
  })

  test('gives each order one update a command, with totals that add up', () => {
    const outputs = threeSells().place(9, { ticks: 101, quantity: units(15) })
    const taker = updates(outputs).filter(update => update.orderId === 9)
    expect(taker).toMatchObject([{ status: 'filled', filledQuantity: 15, filledNotional: 5 * (10_000 + 10_000 + 10_100) }])
    expect(updates(outputs)).toHaveLength(4)
  })
})

describe('fill or kill', () => {
  const whole = { ticks: 101, quantity: units(15), timeInForce: 'fok' } as const

  test('fills whole', () => {
    expect(became(threeSells().place(9, whole), 9)).toBe('filled')
  })

  test.each([
    ['more than there is', { ...whole, quantity: units(16) }, 'cancelled no_fill_max_slippage'],
    ['more than its limit reaches', { ...whole, ticks: 100, quantity: units(11) }, 'cancelled no_fill_max_slippage'],
    ['an empty side', { ...whole, side: 'sell' }, 'cancelled no_fill_no_liquidity']
  ] as const)('changes nothing for %s', (_name, terms, outcome) => {
    const outputs = threeSells().place(9, terms)
    expect(became(outputs, 9)).toBe(outcome)
    expect(outputs).toHaveLength(1)
  })

  test.each([
    ['cancel_newest', 'cancelled self_trade'],
    ['cancel_both', 'cancelled self_trade'],
    ['decrement_and_cancel', 'cancelled self_trade'],
    ['cancel_oldest', 'filled']
  ] as const)('is judged after self-trade prevention: %s', (selfTradePrevention, outcome) => {
    const market = threeSells()
    const outputs = market.place(9, { ...whole, quantity: units(10), owner: ownerId(2), selfTradePrevention })
    expect(became(outputs, 9)).toBe(outcome)
    expect(trades(outputs)).toEqual(outcome === 'filled' ? ['1→9 5@100', '3→9 5@101'] : [])
  })
})

describe('self-trade prevention', () => {
  // Owner 2 sells at 100, behind order 1, and buys 12 up to 101.
  const meet = (selfTradePrevention: SelfTradePrevention, quantity = 12) =>
    threeSells().place(9, { ticks: 101, quantity: units(quantity), owner: ownerId(2), selfTradePrevention })

  test.each([
    ['cancel_newest', ['1→9 5@100'], 'nothing', 'cancelled self_trade'],
    ['cancel_oldest', ['1→9 5@100', '3→9 5@101'], 'cancelled self_trade', 'partly_filled'],
    ['cancel_both', ['1→9 5@100'], 'cancelled self_trade', 'cancelled self_trade'],
    ['decrement_and_cancel', ['1→9 5@100', '3→9 2@101'], 'cancelled self_trade', 'filled']
  ] as const)('%s', (mode, traded, maker, taker) => {
    const outputs = meet(mode)
    expect(trades(outputs)).toEqual(traded)
    expect([became(outputs, 2), became(outputs, 9)]).toEqual([maker, taker])
  })

  test('decrementing leaves the larger with the difference', () => {
    const outputs = meet('decrement_and_cancel', 8)
    expect(updates(outputs).find(update => update.orderId === 2)).toMatchObject({ status: 'resting', quantity: 2 })
    expect(updates(outputs).find(update => update.orderId === 9)).toMatchObject({
      status: 'cancelled', reason: 'self_trade', quantity: 8, filledQuantity: 5
    })
  })

  test('closes both when both have the same left', () => {
    const outputs = meet('decrement_and_cancel', 10)
    expect([became(outputs, 2), became(outputs, 9)]).toEqual(['cancelled self_trade', 'cancelled self_trade'])
    expect(deltas(outputs)[0]?.changes).toEqual([{ side: 'sell', price: microdollars(10_000), quantity: 0, orders: 0 }])
  })
})
