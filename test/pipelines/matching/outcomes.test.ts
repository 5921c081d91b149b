import { describe, expect, test } from 'vitest'
import { legsMax } from '../../../schemas/matching/records.ts'
import { basisPoints, instant, microdollars, orderId, periodOf, units } from '../../../schemas/units.ts'
import { Market, outcomes, textPrime, tick, updates } from './support.ts'

const held = { isHeld: true }

describe('what the ledger is told', () => {
  test('one outcome an order, with its own side of the fills', () => {
    const market = new Market()
    market.place(1, { ticks: 100, side: 'sell', ...held })
    market.place(2, { ticks: 101, side: 'sell', ...held })
    const outputs = market.place(9, { ticks: 101, quantity: units(7), ...held })
    expect(updates(outputs)).toEqual([])
    expect(outcomes(outputs)).toEqual([
      {
        kind: 'order-outcome',
        orderId: 1,
        holder: 1,
        instrumentId: textPrime,
        cause: 'match',
        refusal: null,
        status: 'filled',
        closureReason: null,
        price: 100 * tick,
        stopPrice: null,
        quantity: 5,
        filledQuantity: 5,
        filledNotional: 500 * tick,
        expiresAt: null,
        legs: [{ sequence: 1, role: 'maker', price: 100 * tick, quantity: 5, grant: 0 }],
        isLast: true,
        period: periodOf(instant(market.at)),
        at: market.at
      },
      expect.objectContaining({ orderId: 2, status: 'partly_filled', legs: [expect.objectContaining({ quantity: 2 })] }),
      expect.objectContaining({
        orderId: 9,
        cause: 'place',
        status: 'filled',
        filledNotional: 702 * tick,
        legs: [
          { sequence: 1, role: 'taker', price: 100 * tick, quantity: 5, grant: 0 },
          { sequence: 2, role: 'taker', price: 101 * tick, quantity: 2, grant: 0 }
        ]
      })
    ])
  })

  test('more fills than one outcome may tell come in several, with the same state', () => {
    const market = new Market()
    const makers = legsMax + 1
    for (let id = 1; id <= makers; id++) market.place(id, { ticks: 100, side: 'sell', quantity: units(1) })
    const told = outcomes(market.place(9999, { ticks: 100, quantity: units(makers), ...held }))
    expect(told.map(({ legs, isLast, status }) => [legs.length, isLast, status])).toEqual([
      [legsMax, false, 'filled'], [1, true, 'filled']
    ])
    const sequences = told.flatMap(({ legs }) => legs.map(({ sequence }) => sequence))
    expect(sequences).toEqual(sequences.map((_, index) => index + 1))
    expect(new Set(told.map(({ filledQuantity }) => filledQuantity))).toEqual(new Set([makers]))
  })

  test('a stop that waits, then what it did when it triggered', () => {
    const market = new Market()
    market.place(1, { ticks: 100, side: 'sell', quantity: units(2) })
    const expiresAt = instant(market.at + 1000)
    const terms = { type: 'stop_limit', timeInForce: 'gtd', expiresAt, stopPrice: microdollars(100 * tick) } as const
    const [waits] = outcomes(market.place(2, { ticks: 100, ...terms, ...held }))
    expect(waits).toMatchObject({ cause: 'place', status: 'resting', stopPrice: 100 * tick, expiresAt, legs: [] })
    const [triggers] = outcomes(market.place(3, { ticks: 100, quantity: units(1) }))
    expect(triggers).toMatchObject({ cause: 'match', status: 'partly_filled', stopPrice: null, expiresAt, filledQuantity: 1 })
  })

  test('a refused order, with what it asked for', () => {
    const terms = { stopPrice: microdollars(150), expiresAt: instant(5), timeInForce: 'day', type: 'stop' } as const
    expect(outcomes(new Market().place(1, { ticks: 100, ...terms, ...held }))).toEqual([expect.objectContaining({
      cause: 'place',
      refusal: 'invalid_stop_price',
      status: 'refused',
      closureReason: null,
      stopPrice: 150,
      expiresAt: 5,
      price: 100 * tick,
      quantity: 5,
      filledQuantity: 0,
      legs: [],
      isLast: true
    })])
  })

  test('a refused amend or cancel of an open order, which stays as it is', () => {
    const market = new Market()
    market.place(1, { ticks: 100, ...held })
    const [malformed] = outcomes(market.amend(1, { ticks: 0 }))
    expect(malformed).toMatchObject({ cause: 'amend', refusal: 'invalid_price', status: 'resting', price: 100 * tick })
    const late = { kind: 'cancel-order', orderId: orderId(1), holder: 1 as never, instrumentId: textPrime, reason: 'cancelled' } as const
    expect(outcomes(market.say(late, true))[0]).toMatchObject({ cause: 'cancel', refusal: 'too_late', status: 'resting' })
  })

  test('not of orders that are not open: whose they were is not known any more', () => {
    const outputs = new Market().cancel(1)
    expect(outcomes(outputs)).toEqual([])
    expect(updates(outputs)).toEqual([expect.objectContaining({ refused: true, reason: 'unknown_order' })])
  })

  test('an order by notional, by what it filled', () => {
    const market = new Market()
    market.place(1, { ticks: 100, side: 'sell' })
    const notional = microdollars(300 * tick + 30)
    const terms = { type: 'market', quantity: units(0), notional, takerBp: basisPoints(10) } as const
    expect(outcomes(market.place(2, { ticks: 120, ...terms, ...held }))).toEqual([expect.objectContaining({
      status: 'filled', quantity: 3, filledQuantity: 3, filledNotional: 300 * tick
    })])
  })
})

describe('grant money', () => {
  const grants = (market: Market, quantity: number): number[] =>
    outcomes(market.place(2, { ticks: 90, side: 'sell', quantity: units(quantity) }))
      .flatMap(({ legs }) => legs.map(({ grant }) => grant))

  test('is spent first, and by buys alone', () => {
    const market = new Market()
    market.place(1, { ticks: 100, grantNotional: microdollars(150 * tick), ...held })
    expect([...grants(market, 1), ...grants(market, 1), ...grants(market, 1)]).toEqual([100 * tick, 50 * tick, 0])
    market.place(3, { ticks: 95, side: 'sell', grantNotional: microdollars(100 * tick), quantity: units(1), ...held })
    expect(market.state.book.orders.grant(market.state.book.find(3))).toBe(0)
  })

  test.each([
    ['at first', (market: Market) => { market.place(1, { ticks: 10, grantNotional: microdollars(90 * tick), ...held }) }, 50],
    ['after a fill at a better price', (market: Market) => {
      market.place(5, { ticks: 80, side: 'sell', quantity: units(4) })
      market.place(1, { ticks: 100, grantNotional: microdollars(500 * tick), ...held })
    }, 100],
    ['after an amend', (market: Market) => {
      market.place(1, { ticks: 100, grantNotional: microdollars(500 * tick), ...held })
      market.amend(1, { quantity: units(2) })
    }, 200],
    ['after a decrement', (market: Market) => {
      market.place(1, { ticks: 100, grantNotional: microdollars(500 * tick), ...held })
      market.place(7, { ticks: 100, side: 'sell', quantity: units(2), owner: 1 as never, selfTradePrevention: 'decrement_and_cancel' })
    }, 300]
  ])('is never more than the order may still cost: %s', (_when, act, ticksLeft) => {
    const market = new Market()
    act(market)
    expect(market.state.book.orders.grant(market.state.book.find(1))).toBe(ticksLeft * tick)
  })
})

test('what bands are measured from is said once a minute while it changes', () => {
  const market = new Market()
  const references = (): number[] => market.say({ kind: 'clock' })
    .filter(output => output.kind === 'reference-price').map(({ price }) => price)
  const trade = (ticks: number): void => {
    market.place(1, { ticks, side: 'sell' })
    market.place(2, { ticks })
  }
  trade(120)
  expect(references()).toEqual([])
  market.at += 60_000
  expect([references(), references()]).toEqual([[120 * tick], []])
  market.at += 60_000
  expect(references()).toEqual([])
  // The trade leaves the window, and is still the last: nothing new.
  market.at += 600_000
  expect(references()).toEqual([])
})
