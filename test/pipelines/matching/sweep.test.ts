import { describe, expect, test } from 'vitest'
import { instant, microdollars, orderId, periodMs, periodOf, units } from '../../../schemas/units.ts'
import { Market, deltas, outcomes, textPrime, tick, trades } from './support.ts'

/** A market shortly before a sweep, and the period that it is in. */
function shortlyBefore (): { market: Market, period: number, sweep: number } {
  const market = new Market()
  const period = periodOf(instant(market.at))
  const sweep = (period + 1) * periodMs
  market.at = sweep - 1000
  return { market, period, sweep }
}

const heldIn = (period: number) => ({ isHeld: true, period })

describe('a sweep', () => {
  test('tells each order, what became of its level, and then that the period is closed', () => {
    const { market, period, sweep } = shortlyBefore()
    market.place(2, { ticks: 101, side: 'sell', ...heldIn(period) })
    market.place(1, { ticks: 102, side: 'sell', quantity: units(3), ...heldIn(period) })
    market.place(3, { ticks: 101, side: 'sell', isIssuer: true, ...heldIn(period) })
    market.at = sweep
    const outputs = market.say({ kind: 'clock' })
    expect(outputs.map(({ kind }) => kind)).toEqual([
      'order-outcome', 'book-delta', 'order-outcome', 'book-delta', 'period-closed'
    ])
    expect(outcomes(outputs)[0]).toEqual({
      kind: 'order-outcome',
      orderId: 1,
      holder: 1,
      instrumentId: textPrime,
      cause: 'market',
      refusal: null,
      status: 'cancelled',
      closureReason: 'swept',
      price: 102 * tick,
      stopPrice: null,
      quantity: 3,
      filledQuantity: 0,
      filledNotional: 0,
      expiresAt: null,
      legs: [],
      isLast: true,
      period: period + 1,
      at: sweep
    })
    expect(deltas(outputs).map(({ changes }) => changes)).toEqual([
      [{ side: 'sell', price: 102 * tick, quantity: 0, orders: 0 }],
      [{ side: 'sell', price: 101 * tick, quantity: 5, orders: 1 }]
    ])
    expect(outputs.at(-1)).toEqual({ kind: 'period-closed', instrumentId: textPrime, period: period + 1, at: sweep })
  })

  test('closes the second leg first where its id is the lower', () => {
    const { market, period, sweep } = shortlyBefore()
    const [stopPrice, price] = [microdollars(90 * tick), microdollars(80 * tick)]
    const oco = { orderId: orderId(4), isLimit: true, stopPrice, price }
    market.place(7, { ticks: 120, side: 'sell', oco, ...heldIn(period) })
    market.at = sweep
    const told = outcomes(market.say({ kind: 'clock' }))
    expect(told.map(({ orderId, closureReason }) => [orderId, closureReason])).toEqual([[4, 'swept'], [7, 'oco']])
  })

  test('takes a stop that has triggered and rests', () => {
    const { market, period, sweep } = shortlyBefore()
    const stop = { type: 'stop_limit', stopPrice: microdollars(100 * tick) } as const
    market.place(1, { ticks: 99, side: 'sell', ...stop, ...heldIn(period) })
    market.place(2, { ticks: 100, quantity: units(1) })
    market.place(3, { ticks: 100, side: 'sell', quantity: units(1) })
    expect(market.state.stops.count).toBe(0)
    market.at = sweep
    expect(outcomes(market.say({ kind: 'clock' }))).toMatchObject([{ orderId: 1, closureReason: 'swept' }])
  })

  test('of a partition that has no instrument yet is not told', () => {
    const market = new Market(null)
    market.say({ kind: 'clock' })
    market.at += periodMs
    expect(market.say({ kind: 'clock' })).toEqual([])
    expect(market.state.period).toBe(periodOf(instant(market.at)))
  })
})

describe('the period', () => {
  test('of fills is that of matching, on both sides, whatever the stamps', () => {
    const { market, period, sweep } = shortlyBefore()
    market.place(1, { ticks: 100, side: 'sell', isIssuer: true, ...heldIn(period) })
    market.place(2, { ticks: 100, quantity: units(1), ...heldIn(period) })
    market.at = sweep
    const outputs = market.place(3, { ticks: 100, quantity: units(1), ...heldIn(period) })
    expect(trades(outputs)).toEqual(['1→3 1@100'])
    expect(outcomes(outputs).map(each => [each.orderId, each.period])).toEqual([[1, period + 1], [3, period + 1]])
  })

  test('never goes back: what a later stamp has opened stays open while the clock catches up', () => {
    const { market, period, sweep } = shortlyBefore()
    market.place(1, { ticks: 90, ...heldIn(period + 2) })
    expect(market.state.period).toBe(period + 2)
    market.at = sweep
    expect(market.say({ kind: 'clock' })).toEqual([])
    market.at = sweep + periodMs
    expect(market.say({ kind: 'clock' })).toEqual([])
    expect(outcomes(market.place(2, { ticks: 99, side: 'sell', ...heldIn(period + 1) }))).toMatchObject([
      { refusal: 'period_closed', status: 'refused', period: period + 2 }
    ])
    market.at = sweep + 2 * periodMs
    expect(market.say({ kind: 'clock' })).toMatchObject([{ kind: 'period-closed', period: period + 3 }])
  })

  test('is left by an order for another instrument, or one that is refused, all the same', () => {
    const { market, period } = shortlyBefore()
    market.place(1, { ticks: 99, side: 'sell', ...heldIn(period) })
    const outputs = market.place(2, { ticks: 99, instrumentId: 'code-prime' as never, ...heldIn(period + 1) })
    expect(outcomes(outputs)).toMatchObject([{ closureReason: 'swept' }, { refusal: 'unknown_instrument' }])
    expect(market.state.period).toBe(period + 1)
  })
})
