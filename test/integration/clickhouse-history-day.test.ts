import { expect, test } from 'vitest'
import { history } from '../../analytics/history.ts'
import { instant, instrumentId } from '../../schemas/units.ts'
import { insertTraded, ourTables } from '../analytics/database.ts'
import { someFill } from '../pipelines/sinks/fills.ts'

const clickHouse = ourTables()
const dayMs = 24 * 60 * 60 * 1000
const now = Date.parse('2026-03-01T10:00:30.500Z')

type Traded = readonly [at: number, price: number, quantity: number]

/** The trades, then the day before `now`. */
async function dayOf (instrument: string, trades: readonly Traded[]) {
  const fills = trades.map(([at, price, quantity], index) => {
    return someFill({ instrument, sequence: index + 1, at, price, quantity })
  })
  if (fills.length > 0) await insertTraded(clickHouse(), fills)
  return await history(clickHouse()).day(instrumentId(instrument), instant(now))
}

test('nothing ever: nothing to take a price from', async () => {
  expect(await dayOf('nothing', [])).toEqual({
    open: null, high: null, low: null, close: null, volume: 0n, notional: 0n, trades: 0, volumeTotal: 0n, tradesTotal: 0
  })
})

test('the window is exact to the millisecond at both ends', async () => {
  const day = await dayOf('exact', [
    [now - dayMs - 20_000, 90, 1], [now - dayMs - 1, 80, 2],
    [now - dayMs, 100, 4], [now - dayMs + 29_499, 300, 8], [now - dayMs + 29_500, 20, 16],
    [now - 500_000, 50, 32], [now - 30_501, 60, 64], [now - 30_500, 70, 128], [now - 1, 75, 256], [now, 999, 512]
  ])
  const inside = [[100, 4], [300, 8], [20, 16], [50, 32], [60, 64], [70, 128], [75, 256]] as const
  expect(day).toEqual({
    open: 80,
    high: 300,
    low: 20,
    close: 75,
    volume: BigInt(inside.reduce((sum, [, quantity]) => sum + quantity, 0)),
    notional: BigInt(inside.reduce((sum, [price, quantity]) => sum + price * quantity, 0)),
    trades: 7,
    volumeTotal: 1023n,
    tradesTotal: 10
  })
})

test('without a price before the window, the first in it opens the day', async () => {
  expect(await dayOf('young', [[now - 5000, 30, 1], [now - 4000, 40, 1]])).toMatchObject({ open: 30, high: 40, low: 30, close: 40, trades: 2 })
})

test('a silent day keeps the last price and has no range', async () => {
  expect(await dayOf('silent', [[now - 3 * dayMs, 30, 1], [now - 2 * dayMs, 40, 2]])).toEqual({
    open: 40, high: null, low: null, close: 40, volume: 0n, notional: 0n, trades: 0, volumeTotal: 3n, tradesTotal: 2
  })
})

test('sums pass 2^53 exactly', async () => {
  const price = 10_000_000_000
  const day = await dayOf('wide', [[now - 120_000, price, 999_999_999], [now - 1000, price, 999_999_999]])
  expect(day.notional).toBe(2n * BigInt(price) * 999_999_999n)
})
