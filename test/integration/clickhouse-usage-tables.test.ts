import { expect, test } from 'vitest'
import { Block, type Table } from '../../analytics/tables.ts'
import { meterEventsTable, unbilledUsageTable } from '../../analytics/usage-tables.ts'
import { meterEventRow, unbilledUsageRow } from '../../pipelines/sinks/usage-rows.ts'
import { instant, tokens } from '../../schemas/units.ts'
import { ourTables } from '../analytics/database.ts'
import { originOf, someMeterEvent, someUnbilled } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const largest = Number.MAX_SAFE_INTEGER
const oddText = 'Zürich \'"\\\n\u0000 價格 🜚'
const start = 1_772_000_000_000

async function insert<Row> (table: Table<Row>, ...rows: readonly Row[]): Promise<void> {
  const block = new Block(table)
  rows.forEach(row => block.add(row))
  await clickHouse().insert(block)
}

test('a meter event is read as it was sent, however odd, once for each place where it lies', async () => {
  const odd = someMeterEvent({
    id: oddText,
    source: oddText,
    requestId: oddText,
    nonce: oddText,
    reason: oddText,
    sequence: -largest,
    inputTokens: tokens(-largest)
  })
  const row = meterEventRow(odd, { partition: 7, offset: 1 }, instant(start))
  await insert(meterEventsTable, row, row)
  await insert(meterEventsTable, row)
  const read = await clickHouse().rows('SELECT * EXCEPT inserted_at FROM meter_events')
  expect(read).toEqual([{
    ...row,
    holder: '7',
    accepted_at: '2026-02-25 06:13:20.000',
    occurred_at: '2026-02-25 06:13:20.000',
    request_sequence: String(-largest),
    input_tokens: String(-largest),
    output_tokens: '500',
    more_tokens: '0',
    supplier: '21',
    log_offset: '1'
  }])
})

test('of two events of one name both are kept, and the first counts', async () => {
  const [first, second] = [500, 900].map((count, index) =>
    meterEventRow(someMeterEvent({ id: 'twice', outputTokens: tokens(count) }), { partition: 7, offset: 10 + index }, instant(start + index)))
  await insert(meterEventsTable, second!)
  await insert(meterEventsTable, first!)
  await clickHouse().command('OPTIMIZE TABLE meter_events_raw FINAL')
  const of = async (view: string) =>
    await clickHouse().rows(`SELECT log_offset, output_tokens FROM ${view} WHERE event_id = 'twice' ORDER BY log_offset`)
  expect(await of('meter_events')).toEqual([{ log_offset: '10', output_tokens: '500' }, { log_offset: '11', output_tokens: '900' }])
  expect(await of('readings')).toEqual([{ log_offset: '10', output_tokens: '500' }])
})

test('unbilled usage is there once for each reason that was given', async () => {
  const rows = (['beyond_held', 'below_produced'] as const).map((reason, index) =>
    unbilledUsageRow(someUnbilled({ reason }), { partition: 7, offset: index }, originOf(7, index + 1)))
  await insert(unbilledUsageTable, ...rows, rows[0]!)
  await insert(unbilledUsageTable, rows[1]!)
  const read = await clickHouse().rows('SELECT reason, tokens, told_at, origin_sequence FROM unbilled_usage ORDER BY origin_sequence')
  const told = { tokens: '40', told_at: '2026-02-25 06:13:20.000' }
  expect(read).toEqual([{ reason: 'beyond_held', ...told, origin_sequence: '1' }, { reason: 'below_produced', ...told, origin_sequence: '2' }])
})
