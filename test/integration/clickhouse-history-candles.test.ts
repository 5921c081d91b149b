import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { history, type BarQuery } from '../../analytics/history.ts'
import { resolution } from '../../analytics/resolution.ts'
import type { HistoryPort } from '../../gateway/ports.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { instant, instrumentId } from '../../schemas/units.ts'
import { barsOf } from '../analytics/bars-naive.ts'
import { insertTraded, ourTables } from '../analytics/database.ts'
import { someFill } from '../pipelines/sinks/fills.ts'

const clickHouse = ourTables()
// analytics may not import the gateway, so the two say the same types twice; here the compiler holds them together.
const port = (): HistoryPort => history(clickHouse())
const at = (iso: string) => instant(Date.parse(iso))

type Traded = readonly [iso: string, price: number, quantity: number]

/** Makes the trades, and answers what history says of them in as few words: `start close volume`. */
async function traded (instrument: string, trades: readonly Traded[]) {
  const fills = trades.map(([iso, price, quantity], index) => {
    return someFill({ instrument, sequence: index + 1, at: at(iso), price, quantity })
  })
  await insertTraded(clickHouse(), fills)
  return async (width: BarQuery['resolution'], from: string | null, to: string, more: Partial<BarQuery> = {}) => {
    const asked = { instrumentId: instrumentId(instrument), resolution: width, from: from === null ? null : at(from), to: at(to), limit: 100, order: 'asc' as const, ...more }
    const bars = await port().candles(asked)
    expect(bars).toEqual(barsOf(fills, asked))
    return bars.map(bar => `${new Date(bar.start).toISOString().slice(0, 16)} ${bar.close} ${bar.volume}`)
  }
}

describe('gaps', () => {
  test('are filled with the close before them, however long, in all four prices', async () => {
    const bars = await traded('gap', [
      ['2026-03-01T10:00:10Z', 50, 1], ['2026-03-01T10:00:20Z', 70, 2], ['2026-03-01T10:00:30Z', 60, 3], ['2026-03-01T10:04:00Z', 40, 5]
    ])
    expect(await bars('1m', null, '2026-03-01T10:05:59.999Z')).toEqual([
      '2026-03-01T10:00 60 6', '2026-03-01T10:01 60 0', '2026-03-01T10:02 60 0', '2026-03-01T10:03 60 0', '2026-03-01T10:04 40 5', '2026-03-01T10:05 40 0'
    ])
    const [, empty] = await port().candles({
      instrumentId: instrumentId('gap'), resolution: '1m', from: null, to: at('2026-03-01T10:02:00Z'), limit: 9, order: 'asc'
    })
    expect(empty).toEqual({
      start: at('2026-03-01T10:01:00Z'), end: at('2026-03-01T10:02:00Z'), open: 60, high: 60, low: 60, close: 60, volume: 0n, notional: 0n, trades: 0
    })
  })

  test('a window that starts inside a gap begins with the close before it', async () => {
    const bars = await traded('inside', [['2026-03-01T10:00:10Z', 50, 1], ['2026-03-01T10:09:00Z', 40, 5]])
    expect(await bars('1m', '2026-03-01T10:03:00Z', '2026-03-01T10:05:00Z')).toEqual([
      '2026-03-01T10:03 50 0', '2026-03-01T10:04 50 0', '2026-03-01T10:05 50 0'
    ])
    expect(await bars('1m', '2026-03-01T10:07:30Z', '2026-03-01T10:10:00Z')).toEqual([
      '2026-03-01T10:08 50 0', '2026-03-01T10:09 40 5', '2026-03-01T10:10 40 0'
    ])
  })

  test('a window after the last trade repeats its price', async () => {
    const bars = await traded('after', [['2026-03-01T10:00:10Z', 50, 1]])
    expect(await bars('1h', '2026-03-05T10:30:00Z', '2026-03-05T12:00:00Z')).toEqual(['2026-03-05T11:00 50 0', '2026-03-05T12:00 50 0'])
  })
})

describe('the first trade', () => {
  test('no bar lies before it, wherever the window starts', async () => {
    const bars = await traded('first', [['2026-03-01T10:00:10Z', 50, 1]])
    const only = ['2026-03-01T10:00 50 1']
    expect(await bars('1m', '2020-01-01T00:00:00Z', '2026-03-01T10:00:59Z')).toEqual(only)
    expect(await bars('1m', null, '2026-03-01T10:00:59Z', { order: 'desc' })).toEqual(only)
    expect(await bars('1m', null, '2026-03-01T09:59:59Z')).toEqual([])
    expect(await bars('1M', '2020-01-01T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual(['2026-03-01T00:00 50 1'])
  })

  test('an instrument that never traded has no bars', async () => {
    const asked = { instrumentId: instrumentId('never'), resolution: '1m', from: null, to: at('2026-03-01T00:00:00Z'), limit: 9, order: 'asc' } as const
    expect(await port().candles(asked)).toEqual([])
  })
})

describe('the calendar', () => {
  test('weeks start on Monday, at 00:00 UTC', async () => {
    const bars = await traded('weeks', [
      ['2026-03-01T23:59:59.999Z', 10, 1], ['2026-03-02T00:00:00Z', 20, 1], ['2026-03-16T00:00:00Z', 30, 1]
    ])
    expect(await bars('1w', null, '2026-03-17T00:00:00Z')).toEqual([
      '2026-02-23T00:00 10 1', '2026-03-02T00:00 20 1', '2026-03-09T00:00 20 0', '2026-03-16T00:00 30 1'
    ])
  })

  test('months are as long as they are, February in a leap year too', async () => {
    const bars = await traded('months', [
      ['2024-01-31T23:59:59.999Z', 10, 1], ['2024-02-29T23:59:59.999Z', 20, 2], ['2024-03-01T00:00:00Z', 30, 3], ['2025-02-28T12:00:00Z', 40, 4]
    ])
    expect(await bars('1M', null, '2024-04-30T00:00:00Z')).toEqual([
      '2024-01-01T00:00 10 1', '2024-02-01T00:00 20 2', '2024-03-01T00:00 30 3', '2024-04-01T00:00 30 0'
    ])
    expect(await bars('1M', '2024-12-01T00:00:00Z', '2025-03-01T00:00:00Z')).toEqual([
      '2024-12-01T00:00 30 0', '2025-01-01T00:00 30 0', '2025-02-01T00:00 40 4', '2025-03-01T00:00 40 0'
    ])
  })

  test('a day on which clocks change elsewhere has 24 hours', async () => {
    const bars = await traded('clocks', [['2026-03-28T23:30:00Z', 10, 1], ['2026-03-30T00:30:00Z', 20, 1]])
    expect(await bars('1h', '2026-03-29T00:00:00Z', '2026-03-29T23:59:00Z')).toHaveLength(24)
    expect(await bars('1d', null, '2026-03-30T12:00:00Z')).toEqual(['2026-03-28T00:00 10 1', '2026-03-29T00:00 10 0', '2026-03-30T00:00 20 1'])
  })
})

describe('pages', () => {
  test('ascending and descending meet in the middle', async () => {
    const bars = await traded('pages', [['2026-03-01T10:00:10Z', 50, 1], ['2026-03-01T10:07:00Z', 40, 5]])
    const whole = await bars('1m', null, '2026-03-01T10:09:00Z')
    expect(whole).toHaveLength(10)
    expect(await bars('1m', null, '2026-03-01T10:09:00Z', { limit: 4 })).toEqual(whole.slice(0, 4))
    expect(await bars('1m', '2026-03-01T10:03:00.001Z', '2026-03-01T10:09:00Z', { limit: 4 })).toEqual(whole.slice(4, 8))
    expect(await bars('1m', null, '2026-03-01T10:09:00Z', { limit: 4, order: 'desc' })).toEqual(whole.slice(6).reverse())
    expect(await bars('1m', null, '2026-03-01T10:05:59.999Z', { limit: 99, order: 'desc' })).toEqual(whole.slice(0, 6).reverse())
  })
})

/** Fills at random, one after the other by one of some pauses, and instants to ask about. */
function atRandom (instrument: string, pauseMs: readonly number[]) {
  const count = { minLength: 80, maxLength: 80 }
  const drawn = fc.tuple(fc.array(fc.constantFrom(...pauseMs), count), fc.array(fc.integer({ min: 1, max: 9 }), count))
  const [pauses, prices] = fc.sample(drawn, { numRuns: 1, seed: 7 })[0]!
  let now = Date.parse('2023-12-30T22:00:00Z')
  const fills = pauses.map((pause, index): Fill => {
    now += pause
    return someFill({ instrument, sequence: index + 1, at: now, price: prices[index]!, quantity: 1 + index % 5 })
  })
  const spare = (now - fills[0]!.matchedAt) / 5
  const anyTime = fc.integer({ min: Math.floor(fills[0]!.matchedAt - spare), max: Math.floor(now + spare) })
  return { fills, moment: fc.oneof(anyTime, fc.constantFrom(...fills.map(fill => fill.matchedAt))).map(instant) }
}

describe('any trades, any window', () => {
  // Bursts of many fills in a second, silent hours, silent weeks; and the same within a few minutes.
  const weeks = atRandom('weeks-at-random', [0, 0, 5, 300, 1000, 40_000, 700_000, 9_000_000, 400_000_000])
  const minutes = atRandom('minutes-at-random', [0, 0, 5, 300, 1000, 3000, 9000])
  beforeAll(async () => {
    await insertTraded(clickHouse(), weeks.fills)
    await insertTraded(clickHouse(), minutes.fills)
  })

  test.each([
    { name: 'weeks', ...weeks, widths: resolution.slice(1) }, { name: 'minutes', ...minutes, widths: ['1s', '1m'] as const }
  ])('$name: equal the bars that a walk along the calendar makes', async ({ fills, moment, widths }) => {
    const limit = fc.integer({ min: 1, max: 60 })
    await fc.assert(fc.asyncProperty(
      fc.constantFrom(...widths), fc.option(moment), moment, limit, fc.constantFrom('asc', 'desc'),
      async (width, from, to, limit, order) => {
        const asked = { instrumentId: fills[0]!.instrumentId, resolution: width, from, to, limit, order } as const
        expect(await port().candles(asked)).toEqual(barsOf(fills, asked))
      }
    ), { numRuns: 30, seed: 5 })
  })
})
