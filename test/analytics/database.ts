// A database of a test file's own, with all our tables, and what tests put into it.

import { afterAll, beforeAll } from 'vitest'
import { connectClickHouse, type ClickHouse, type ClickHouseConfig } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { journalTable, orderStatesTable } from '../../analytics/ledger-tables.ts'
import { Block, candlesTable, fillsTable } from '../../analytics/tables.ts'
import { lotChangesTable, usageReceiptsTable } from '../../analytics/usage-tables.ts'
import { CandleFold } from '../../pipelines/sinks/candles.ts'
import { journalRow, orderStateRow } from '../../pipelines/sinks/ledger-rows.ts'
import { fillRow } from '../../pipelines/sinks/rows.ts'
import { lotChangeRows, usageReceiptRow } from '../../pipelines/sinks/usage-rows.ts'
import type { JournalEntry, OrderState } from '../../schemas/ledger/records.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { partitionOfHolder } from '../../schemas/units.ts'
import { originOf } from '../pipelines/sinks/ledger.ts'
import { stackEnv, testDatabase } from '../support/stack.ts'

export function configOf (database: string): ClickHouseConfig {
  const env = stackEnv()
  return {
    url: env['CLICKHOUSE_URL'] ?? '',
    username: env['CLICKHOUSE_USERNAME'] ?? '',
    password: env['CLICKHOUSE_PASSWORD'] ?? '',
    database
  }
}

/** Called at the top of a file; the connection is there from before its first test until after its last. */
export function ourTables (): () => ClickHouse {
  const database = testDatabase()
  let connection: ClickHouse | undefined
  beforeAll(async () => {
    await migrate(configOf(database))
    connection = connectClickHouse(configOf(database))
  })
  afterAll(async () => await connection?.close())
  return () => connection!
}

export async function insertFills (clickHouse: ClickHouse, fills: readonly Fill[], partition = 0): Promise<void> {
  const block = new Block(fillsTable)
  fills.forEach(fill => block.add(fillRow(fill, { partition, offset: fill.sequence })))
  await clickHouse.insert(block)
}

/** Each state as the sink finds it: the log has them in the order given, their emitter numbers them so. */
export async function insertStates (clickHouse: ClickHouse, states: readonly OrderState[]): Promise<void> {
  const block = new Block(orderStatesTable)
  states.forEach((state, offset) => block.add(orderStateRow(state, { partition: 0, offset }, originOf(0, offset + 1))))
  await clickHouse.insert(block)
}

/** Entries lie where their holder's partition is, and are numbered there by their own sequence. */
export async function insertEntries (clickHouse: ClickHouse, entries: readonly JournalEntry[]): Promise<void> {
  const [journal, lots, receipts] = [new Block(journalTable), new Block(lotChangesTable), new Block(usageReceiptsTable)]
  for (const entry of entries) {
    const partition = partitionOfHolder(entry.holder, 2)
    const position = { partition, offset: entry.sequence }
    const origin = originOf(partition, entry.sequence)
    journal.add(journalRow(entry, position, origin))
    for (const row of lotChangeRows(entry, position, origin)) lots.add(row)
    const receipt = usageReceiptRow(entry, position, origin)
    if (receipt !== null) receipts.add(receipt)
  }
  for (const block of [journal, lots, receipts]) if (block.rows > 0) await clickHouse.insert(block)
}

/** As the candle sink does it, in blocks, so that some bars are written more than once. */
export async function insertCandles (
  clickHouse: ClickHouse, fills: readonly Fill[], fillsPerBlock = 50
): Promise<void> {
  const fold = new CandleFold()
  for (let start = 0; start < fills.length; start += fillsPerBlock) {
    fills.slice(start, start + fillsPerBlock).forEach((fill, index) => fold.apply(fill, start + index))
    const block = new Block(candlesTable)
    fold.take().forEach(row => block.add(row))
    await clickHouse.insert(block)
  }
}

/** Fills and their candles, of one instrument. */
export async function insertTraded (
  clickHouse: ClickHouse, fills: readonly Fill[], fillsPerBlock = 50
): Promise<void> {
  await insertFills(clickHouse, fills)
  await insertCandles(clickHouse, fills, fillsPerBlock)
}
