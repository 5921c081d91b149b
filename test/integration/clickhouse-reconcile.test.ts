import { beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../analytics/audit.ts'
import { Block, candlesTable, orderUpdatesTable, type CandleRow } from '../../analytics/tables.ts'
import { reconcile, type LogSummaries, type Reconciled } from '../../pipelines/jobs/reconcile.ts'
import { orderUpdateRow } from '../../pipelines/sinks/rows.ts'
import type { Fill, OrderUpdate } from '../../schemas/matching/records.ts'
import { holderId, instant, instrumentId, microdollars, orderId, units } from '../../schemas/units.ts'
import { insertCandles, insertFills, insertTraded, ourTables } from '../analytics/database.ts'
import { candlesOf } from '../pipelines/sinks/candles-naive.ts'
import { someFill } from '../pipelines/sinks/fills.ts'

const clickHouse = ourTables()
const noDifferences = {
  fills: 0,
  candles: 0,
  journal_entries: 0,
  order_updates: 0,
  lot_changes: 0,
  usage_receipts: 0,
  meter_events: 0,
  unbilled_usage: 0
}
const start = Date.parse('2026-03-01T10:00:00Z')

/** Ten fills a minute. */
function fillsOf (instrument: string, count: number): Fill[] {
  return Array.from({ length: count }, (_, index) => someFill({
    instrument, sequence: index + 1, at: start + index * 6000, price: 3_000_000_000_000 + index, quantity: 1 + index % 7
  }))
}

function logOf (fills: readonly Fill[]): LogSummaries {
  const quantity = fills.reduce((sum, fill) => sum + BigInt(fill.quantity), 0n)
  const notional = fills.reduce((sum, fill) => sum + BigInt(fill.price) * BigInt(fill.quantity), 0n)
  const [first, last] = [fills[0]!, fills.at(-1)!]
  const one = { instrumentId: first.instrumentId, first: first.sequence, last: last.sequence, quantity, notional }
  return { summarize: async () => await Promise.resolve({ fills: [one], orderUpdates: [], journal: [] }) }
}

const run = async (log: LogSummaries) => await reconcile(log, audit(clickHouse()))
const inWords = (result: Reconciled) => result.differences.map(({ table, of, what }) => `${table} ${of} ${what}`)

describe('fills', () => {
  const fills = fillsOf('fills', 100)
  const log = logOf(fills)

  test('all there: nothing differs', async () => {
    await insertTraded(clickHouse(), fills)
    expect(await run(log)).toEqual({
      differences: [],
      missing: [],
      differencesByTable: noDifferences,
      compared: 100
    })
  })

  test('what is missing is named, at both ends and between, and goes in again', async () => {
    const lost = [1, 2, 3, 50, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 99, 100]
    await clickHouse().command('DELETE FROM fills_raw WHERE instrument_id = \'fills\' AND has({lost:Array(UInt64)}, sequence)', { lost })
    const result = await run(log)
    const ranges = [{ first: 1, last: 3 }, { first: 50, last: 50 }, { first: 60, last: 69 }, { first: 99, last: 100 }]
    expect(result.missing).toEqual([{ table: 'fills', instrumentId: 'fills', ranges }])
    expect(inWords(result)).toEqual(['fills fills rows', 'fills fills sequences', 'fills fills quantity', 'fills fills notional'])
    expect(result.differencesByTable).toEqual({ ...noDifferences, fills: 4 })
    await insertFills(clickHouse(), fills.filter(({ sequence }) => lost.includes(sequence)))
    expect((await run(log)).differences).toEqual([])
  })

  test('a part of the log can be held against by itself', async () => {
    expect((await run(logOf(fills.slice(33, 58)))).differences).toEqual([])
    expect((await run(logOf(fills.slice(41, 43)))).differences).toEqual([])
  })

  test('one fill with two times is found', async () => {
    await insertFills(clickHouse(), [{ ...fills[7]!, matchedAt: instant(start + 1) }])
    const words = ['fills fills rows', 'fills fills sequences', 'fills fills quantity', 'fills fills notional']
    expect(inWords(await run(log))).toEqual(words)
  })

  test('an empty table is one range', async () => {
    const result = await run(logOf(fillsOf('emptied', 25)))
    expect(result.missing).toContainEqual({ table: 'fills', instrumentId: 'emptied', ranges: [{ first: 1, last: 25 }] })
    expect(result.missing).toContainEqual({ table: 'candles', instrumentId: 'emptied', base: '1m', ranges: [{ first: 1, last: 25 }] })
  })
})

describe('candles', () => {
  const fills = fillsOf('bars', 100)
  const log = logOf(fills)
  const insertBar = async (row: CandleRow) => {
    const block = new Block(candlesTable)
    block.add(row)
    await clickHouse().insert(block)
  }
  const minutes = [...candlesOf(fills).values()].filter(row => row.resolution === '1m')
  const window = { from: instant(start), to: instant(start + 600_000) }
  const wrongMinutes = async () => await audit(clickHouse()).wrongCandles(instrumentId('bars'), '1m', window)

  beforeAll(async () => await insertTraded(clickHouse(), fills))

  test('made anew from the fills they are the same', async () => {
    expect((await run(log)).differences).toEqual([])
    expect(await wrongMinutes()).toEqual([])
    expect(await audit(clickHouse()).wrongCandles(instrumentId('bars'), '1s', window)).toEqual([])
  })

  test('bars ahead of the range, or open in it, are no difference', async () => {
    expect((await run(logOf(fills.slice(0, 95)))).differences).toEqual([])
  })

  test('lost bars are named by the fills in them', async () => {
    await clickHouse().command('DELETE FROM candles_raw WHERE instrument_id = \'bars\' AND resolution = \'1m\' AND first_sequence IN (1, 41)')
    const result = await run(log)
    expect(result.missing).toEqual([{ table: 'candles', instrumentId: 'bars', base: '1m', ranges: [{ first: 1, last: 10 }, { first: 41, last: 50 }] }])
    expect(await wrongMinutes()).toEqual([start, start + 240_000])
    await insertCandles(clickHouse(), fills)
    expect((await run(log)).differences).toEqual([])
  })

  test('a bar with a wrong volume is found', async () => {
    await insertBar({ ...minutes[3]!, volume: minutes[3]!.volume + 1n })
    expect(inWords(await run(log))).toEqual(['candles bars 1m quantity'])
    expect(await wrongMinutes()).toEqual([start + 180_000])
    await insertBar(minutes[3]!)
  })

  test('a bar with a wrong price is found', async () => {
    await insertBar({ ...minutes[5]!, high: minutes[5]!.high + 1 })
    expect(await wrongMinutes()).toEqual([start + 300_000])
  })
})

describe('order updates', () => {
  const update: OrderUpdate = {
    kind: 'order-update',
    orderId: orderId(1),
    holder: holderId(5),
    instrumentId: instrumentId('text-prime'),
    cause: 'place',
    refused: false,
    status: 'resting',
    reason: null,
    side: 'buy',
    price: microdollars(100),
    quantity: units(1),
    filledQuantity: units(0),
    filledNotional: microdollars(0),
    at: instant(start)
  }

  test('each source is held against its own numbers, in each partition', async () => {
    const block = new Block(orderUpdatesTable)
    const sources = ['matching orders-1 1', 'matching orders-1 2']
    for (const source of sources) {
      for (const partition of [0, 1]) {
        for (let sequence = 1; sequence <= 20; sequence++) {
          if (source === sources[1] && partition === 1 && sequence > 5 && sequence < 9) continue
          const origin = { source, offset: 10 * sequence + partition, index: 0, sequence }
          block.add(orderUpdateRow(update, { partition, offset: sequence }, origin))
        }
      }
    }
    await clickHouse().insert(block)
    await clickHouse().insert(block)
    const orderUpdates = sources.flatMap(source => [0, 1].map(partition => ({ source, partition, first: 1, last: 20 })))
    const result = await run({ summarize: async () => await Promise.resolve({ fills: [], orderUpdates, journal: [] }) })
    const source = { source: 'matching orders-1 2', partition: 1 }
    expect(result.missing).toEqual([{ table: 'order_updates', source, ranges: [{ first: 6, last: 8 }] }])
    expect(result.differencesByTable).toEqual({ ...noDifferences, order_updates: 2 })
  })
})
