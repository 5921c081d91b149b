import { describe, expect, test } from 'vitest'
import {
  Block, candlesTable, deadLettersTable, fillsTable, orderUpdatesTable,
  type CandleRow, type DeadLetterRow, type FillRow, type OrderUpdateRow, type Table
} from '../../analytics/tables.ts'
import { fillRow } from '../../pipelines/sinks/rows.ts'
import { ourTables } from '../analytics/database.ts'
import { someFill } from '../pipelines/sinks/fills.ts'

const clickHouse = ourTables()

async function insert<Row> (table: Table<Row>, rows: readonly Row[]): Promise<void> {
  const block = new Block(table)
  rows.forEach(row => block.add(row))
  await clickHouse().insert(block)
}

// Values at the ends of what a column holds, and text that RowBinary, JSON and SQL would each trip over.
const largest = Number.MAX_SAFE_INTEGER
const oddText = 'Zürich \'"\\\n\u0000 價格 🜚'
const longText = 'x'.repeat(70_000)

describe('what is written is what is read', () => {
  test('fills', async () => {
    const row: FillRow = {
      instrument_id: oddText,
      sequence: largest,
      matched_at: 1_700_000_000_123,
      taker_side: 'sell',
      price: largest,
      quantity: 2 ** 32,
      maker_order_id: 2 ** 31,
      taker_order_id: 2 ** 33 + 1,
      maker_holder: -1,
      taker_holder: -(2 ** 32),
      log_partition: 2 ** 31 - 1,
      log_offset: -largest
    }
    await insert(fillsTable, [row])
    const [read] = await clickHouse().rows<Record<string, unknown>>('SELECT * EXCEPT inserted_at FROM fills WHERE instrument_id = {instrument:String}', { instrument: oddText })
    expect(read).toEqual({
      ...row,
      sequence: String(row.sequence),
      matched_at: '2023-11-14 22:13:20.123',
      price: String(row.price),
      quantity: String(row.quantity),
      maker_order_id: String(row.maker_order_id),
      taker_order_id: String(row.taker_order_id),
      maker_holder: String(row.maker_holder),
      taker_holder: String(row.taker_holder),
      log_offset: String(row.log_offset)
    })
  })

  test('order updates', async () => {
    const row: OrderUpdateRow = {
      holder: 7,
      updated_at: 1,
      order_id: 21,
      instrument_id: 'text-prime',
      cause: 'place',
      is_refused: true,
      status: 'refused',
      reason: 'off_tick',
      side: 'buy',
      price: 31,
      quantity: 41,
      filled_quantity: 51,
      filled_notional: 61,
      origin_source: 'matching orders-1 3',
      origin_offset: 71,
      origin_index: 81,
      origin_sequence: 91,
      log_partition: 5,
      log_offset: 101
    }
    await insert(orderUpdatesTable, [row, { ...row, is_refused: false, reason: null, side: 'sell', origin_index: 82 }])
    const read = await clickHouse().rows<Record<string, unknown>>('SELECT * EXCEPT inserted_at FROM order_updates ORDER BY origin_index')
    const asRead = {
      ...row,
      holder: '7',
      updated_at: '1970-01-01 00:00:00.001',
      order_id: '21',
      price: '31',
      quantity: '41',
      filled_quantity: '51',
      filled_notional: '61',
      origin_offset: '71',
      origin_sequence: '91',
      log_offset: '101'
    }
    expect(read).toEqual([asRead, { ...asRead, is_refused: false, reason: '', side: 'sell', origin_index: 82 }])
  })

  test('dead letters', async () => {
    const row: DeadLetterRow = {
      topic: 'orders-1',
      topic_partition: 3,
      topic_offset: 12,
      reader: 'matching',
      reason: 'undecodable',
      detail: oddText,
      key_base64: null,
      value_base64: longText,
      accepted_at: 1000,
      log_partition: 1,
      log_offset: 2
    }
    await insert(deadLettersTable, [row])
    const read = await clickHouse().rows('SELECT * EXCEPT inserted_at FROM dead_letters')
    expect(read).toEqual([{ ...row, topic_offset: '12', accepted_at: '1970-01-01 00:00:01.000', log_offset: '2' }])
  })

  test('candles', async () => {
    const row: CandleRow = {
      instrument_id: 'text-prime',
      resolution: '1m',
      bucket: (2 ** 32 - 1) * 1000,
      open: 1,
      high: 4,
      low: 0,
      close: 3,
      volume: 2n ** 127n - 1n,
      notional: -(2n ** 127n),
      trades: 5,
      first_sequence: 6,
      last_sequence: 10
    }
    await insert(candlesTable, [row])
    const read = await clickHouse().rows('SELECT * EXCEPT (bucket, inserted_at), toUnixTimestamp(bucket) AS bucket FROM candles')
    expect(read).toEqual([{
      ...row,
      bucket: 2 ** 32 - 1,
      open: '1',
      high: '4',
      low: '0',
      close: '3',
      volume: '170141183460469231731687303715884105727',
      notional: '-170141183460469231731687303715884105728',
      trades: '5',
      first_sequence: '6',
      last_sequence: '10'
    }])
  })
})

describe('what comes again', () => {
  const instrument = 'again'
  const monthMs = 31 * 24 * 60 * 60 * 1000
  // Across months, so that parts of several partitions are made final beside each other.
  const rows = Array.from({ length: 300 }, (_, index) => {
    const at = 1_700_000_000_000 + Math.floor(index / 100) * monthMs
    return fillRow(someFill({ instrument, sequence: index + 1, at }), { partition: 0, offset: index })
  })
  const counted = async () => await clickHouse().rows(
    'SELECT count() AS rows, max(sequence) AS last, uniqExact(sequence) AS sequences FROM fills WHERE instrument_id = {instrument:String}', { instrument }
  )

  test('leaves one row each, whatever the blocks', async () => {
    await insert(fillsTable, rows.slice(0, 120))
    await insert(fillsTable, rows.slice(0, 120))
    await insert(fillsTable, rows.slice(50, 250))
    await insert(fillsTable, [...rows.slice(200), ...rows.slice(100, 130)])
    await insert(fillsTable, rows.slice(249, 251).reverse())
    expect(await counted()).toEqual([{ rows: '300', last: '300', sequences: '300' }])
  })

  test('leaves one row each after a merge as well', async () => {
    await clickHouse().command('OPTIMIZE TABLE fills_raw FINAL')
    expect(await counted()).toEqual([{ rows: '300', last: '300', sequences: '300' }])
  })

  test('from another place in the log, keeps the later place', async () => {
    await insert(fillsTable, [{ ...rows[4]!, log_offset: 900 }])
    await insert(fillsTable, [rows[4]!])
    const read = await clickHouse().rows('SELECT log_offset FROM fills WHERE instrument_id = {instrument:String} AND sequence = 5', { instrument })
    expect(read).toEqual([{ log_offset: '900' }])
  })

  test('a bar with fewer fills never takes the place of a fuller one', async () => {
    const bar: CandleRow = {
      instrument_id: instrument,
      resolution: '1m',
      bucket: 60_000,
      open: 1,
      high: 9,
      low: 1,
      close: 5,
      volume: 3n,
      notional: 15n,
      trades: 3,
      first_sequence: 1,
      last_sequence: 3
    }
    await insert(candlesTable, [bar])
    await insert(candlesTable, [{ ...bar, trades: 2, close: 9, last_sequence: 2 }])
    await insert(candlesTable, [{ ...bar, trades: 1, close: 1, last_sequence: 1 }])
    const read = await clickHouse().rows('SELECT close, trades FROM candles WHERE instrument_id = {instrument:String}', { instrument })
    expect(read).toEqual([{ close: '5', trades: '3' }])
  })
})
