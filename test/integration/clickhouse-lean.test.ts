// An oracle that none of us made: recorded bars through our fold, our tables and our queries.

import { beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../analytics/audit.ts'
import { history, type Bar } from '../../analytics/history.ts'
import type { Resolution } from '../../analytics/resolution.ts'
import { instant, instrumentId } from '../../schemas/units.ts'
import { insertFills, insertTraded, ourTables } from '../analytics/database.ts'
import { leanBars, leanDailyBars, leanFills, type LeanBar } from '../support/lean.ts'

const clickHouse = ourTables()
const [fromSeconds, fromMinutes] = [instrumentId('from-seconds'), instrumentId('from-minutes')]
const [start, end] = [instant(Date.UTC(2016, 9, 7)), instant(Date.UTC(2016, 9, 10) - 1)]

/** A whole number of the last of some places, to eight decimals. */
function decimal (value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places).padEnd(8, '0')}`
}

const asRecorded = (bar: Bar): LeanBar => ({
  start: bar.start,
  open: decimal(BigInt(bar.open), 6),
  high: decimal(BigInt(bar.high), 6),
  low: decimal(BigInt(bar.low), 6),
  close: decimal(BigInt(bar.close), 6),
  volume: decimal(bar.volume, 8)
})

async function barsOf (instrument: typeof fromSeconds, resolution: Resolution): Promise<readonly Bar[]> {
  return await history(clickHouse()).candles({ instrumentId: instrument, resolution, from: start, to: end, limit: 300_000, order: 'asc' })
}

beforeAll(async () => {
  const [seconds, minutes] = [leanFills(fromSeconds, leanBars('second')), leanFills(fromMinutes, leanBars('minute'))]
  await insertTraded(clickHouse(), seconds, 5000)
  await insertTraded(clickHouse(), minutes, 5000)
  // As a sink does after a crash.
  await insertFills(clickHouse(), seconds.slice(500, 3000))
})

describe('recorded bars', () => {
  test('11,520 of a second give themselves', async () => {
    const bars = (await barsOf(fromSeconds, '1s')).filter(bar => bar.trades > 0)
    expect(bars.map(asRecorded)).toEqual(leanBars('second'))
    expect(bars).toHaveLength(11_520)
  })

  test('of a second give 4,216 of 4,216 of a minute', async () => {
    const bars = await barsOf(fromSeconds, '1m')
    expect(bars.filter(bar => bar.trades > 0).map(asRecorded)).toEqual(leanBars('minute'))
    expect(leanBars('minute')).toHaveLength(4216)
    expect(bars).toHaveLength(3 * 24 * 60)
  })

  test('of a minute give 3 of 3 of a day', async () => {
    const bars = await barsOf(fromMinutes, '1d')
    expect(bars.map(asRecorded)).toEqual(leanDailyBars())
    expect(bars).toHaveLength(3)
  })

  test('are the same bars when they are made anew from the fills in the table', async () => {
    for (const instrument of [fromSeconds, fromMinutes]) {
      for (const base of ['1s', '1m'] as const) {
        const window = { from: start, to: instant(end + 1) }
        expect(await audit(clickHouse()).wrongCandles(instrument, base, window)).toEqual([])
      }
    }
  })
})
