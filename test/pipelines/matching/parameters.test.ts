import { describe, expect, test } from 'vitest'
import { marketView } from '../../../pipelines/matching/views.ts'
import type { TradingStatus } from '../../../schemas/matching/records.ts'
import { basisPoints, instrumentId, microdollars, units } from '../../../schemas/units.ts'
import { Market, became, deltas, listing, textPrime, trades, updates } from './support.ts'

const setStatus = (market: Market, status: TradingStatus) =>
  market.say({ kind: 'set-trading-status', instrumentId: textPrime, status })

describe('bands', () => {
  // 20 % of 100 ticks.
  const banded = (): Market => new Market({ bandBp: basisPoints(2000) })

  test.each([
    ['buy', 120, 'resting'],
    ['buy', 121, 'refused price_band'],
    ['buy', 1, 'resting'],
    ['sell', 80, 'resting'],
    ['sell', 79, 'refused price_band'],
    ['sell', 500, 'resting']
  ] as const)('a %s at %i ticks: %s', (side, ticks, outcome) => {
    expect(became(banded().place(1, { side, ticks }), 1)).toBe(outcome)
  })

  test('a market order stops at the band, and a trade there pauses the instrument', () => {
    const market = banded()
    market.place(1, { side: 'sell', ticks: 120 })
    market.place(2, { side: 'sell', ticks: 121 })
    const outputs = market.place(9, { ticks: 200, type: 'market', quantity: units(8) })
    expect(trades(outputs)).toEqual(['1→9 5@120'])
    expect(became(outputs, 9)).toBe('cancelled partially_filled_max_slippage')
    expect(became(market.place(3, { ticks: 100 }), 3)).toBe('refused paused')
    expect(became(market.amend(2, { ticks: 130 }), 2)).toBe('resting paused')
    expect(became(market.cancel(2), 2)).toBe('cancelled cancelled')
  })

  test('the pause ends by itself, by stage time', () => {
    const market = banded()
    market.place(1, { side: 'sell', ticks: 120 })
    market.place(9, { ticks: 120 })
    market.at += 29_999
    expect(became(market.place(3, { ticks: 100 }), 3)).toBe('refused paused')
    market.at += 1
    expect(became(market.place(3, { ticks: 100 }), 3)).toBe('resting')
  })

  test('judge an order that re-enters, not one that shrinks where it rests', () => {
    const market = new Market()
    market.place(1, { ticks: 80, side: 'sell' })
    market.place(2, { ticks: 80 })
    market.place(5, { ticks: 110, quantity: units(9) })
    // Bands come on around the last trade, with an order beyond them.
    market.say({ ...listing, bandBp: basisPoints(1000) })
    expect(became(market.amend(5, { quantity: units(4) }), 5)).toBe('resting')
    expect(became(market.amend(5, { quantity: units(5) }), 5)).toBe('resting price_band')
    expect(became(market.amend(5, { ticks: 109 }), 5)).toBe('resting price_band')
    expect(became(market.amend(5, { ticks: 80 }), 5)).toBe('resting')
  })

  test('are measured from the mean of five minutes, then from the last trade', () => {
    const market = banded()
    market.place(1, { side: 'sell', ticks: 110, quantity: units(3) })
    market.place(2, { ticks: 110, quantity: units(3) })
    market.at += 1000
    market.place(3, { side: 'sell', ticks: 101, quantity: units(6) })
    market.place(4, { ticks: 101, quantity: units(6) })
    expect(market.state.reference).toBe(microdollars(10_400))
    // The first trade's second has left; the second's has not.
    market.at += 299_500
    market.say({ kind: 'clock' })
    expect(market.state.reference).toBe(microdollars(10_100))
    market.at += 600_000
    market.say({ kind: 'clock' })
    expect(market.state.window.isEmpty).toBe(true)
    expect(market.state.reference).toBe(microdollars(10_100))
  })
})

describe('halts', () => {
  test('allow cancels only', () => {
    const market = new Market()
    market.place(1, { ticks: 100 })
    market.place(2, { ticks: 99 })
    setStatus(market, 'halted')
    expect(became(market.place(3, { ticks: 100 }), 3)).toBe('refused halted')
    expect(became(market.amend(1, { quantity: units(4) }), 1)).toBe('resting halted')
    expect(became(market.cancel(1), 1)).toBe('cancelled cancelled')
    setStatus(market, 'open')
    expect(became(market.amend(2, { quantity: units(4) }), 2)).toBe('resting')
  })

  test('show, and so do pauses and instruments that are not listed', () => {
    expect(marketView(new Market(null).state, 5)).toMatchObject({ status: 'unlisted', buys: [], sells: [], reference: null })
    const market = new Market({ bandBp: basisPoints(1000) })
    market.place(1, { ticks: 110, side: 'sell', quantity: units(7) })
    market.place(2, { ticks: 110 })
    expect(marketView(market.state, 5)).toMatchObject({
      status: 'paused',
      sells: [{ price: 11_000, quantity: 2, orders: 1 }],
      sequence: 2,
      lastTrade: { price: 11_000, quantity: 5, takerSide: 'buy' },
      reference: 11_000
    })
    setStatus(market, 'halted')
    expect(marketView(market.state, 0)).toMatchObject({ status: 'halted', sells: [] })
  })
})

describe('a new tick', () => {
  const change = { ...listing, tickSize: microdollars(200) }

  test('needs a halt', () => {
    const market = new Market()
    expect(updates(market.say(change))).toMatchObject([{ refused: true, reason: 'not_halted', holder: 0, cause: 'market' }])
    expect(market.state.tickSize).toBe(100)
  })

  test('cancels what is off it and moves the rest, in order', () => {
    const market = new Market()
    for (const [id, ticks] of [[1, 98], [2, 97], [3, 98], [4, 97]] as const) market.place(id, { ticks })
    market.place(5, { ticks: 101, side: 'sell' })
    setStatus(market, 'halted')
    const outputs = market.say(change)
    expect(updates(outputs).map(update => [update.orderId, update.reason])).toEqual([
      [2, 'tick_change'], [4, 'tick_change'], [5, 'tick_change']
    ])
    expect(deltas(outputs)[0]?.changes).toEqual([
      { side: 'buy', price: 9700, quantity: 0, orders: 0 },
      { side: 'sell', price: 10_100, quantity: 0, orders: 0 }
    ])
    setStatus(market, 'open')
    expect(trades(market.place(9, { side: 'sell', ticks: 98, quantity: units(6) }))).toEqual(['1→9 5@98', '3→9 1@98'])
  })
})

describe('operators’ refusals', () => {
  test.each([
    ['unknown_instrument', { instrumentId: instrumentId('code-prime') }],
    ['unsupported', { bandBp: basisPoints(10_001) }],
    ['unsupported', { pauseMs: -1 }],
    ['invalid_quantity', { quantityMin: units(0) }],
    ['invalid_quantity', { quantityMin: units(20_000) }],
    ['invalid_price', { tickSize: microdollars(0) }],
    ['invalid_price', { referencePrice: microdollars(0) }],
    ['off_tick', { referencePrice: microdollars(10_050) }]
  ] as const)('%s', (reason, change) => {
    const market = new Market()
    const outputs = market.say({ ...listing, ...change })
    expect(updates(outputs)).toMatchObject([{ orderId: 0, holder: 0, cause: 'market', refused: true, reason }])
    expect(market.state.parameters).toMatchObject({ tickSize: 100, quantityMin: 1 })
  })

  test('too late, and for an instrument that is not here', () => {
    const market = new Market(null)
    expect(updates(setStatus(market, 'halted'))).toMatchObject([{ reason: 'unknown_instrument' }])
    expect(updates(market.say(listing, true))).toMatchObject([{ reason: 'too_late' }])
    expect(market.state.parameters).toBeNull()
  })
})
