import { describe, expect, test } from 'vitest'
import { commandOutcomesTable, journalTable } from '../../analytics/ledger-tables.ts'
import { Block, type Table } from '../../analytics/tables.ts'
import { commandOutcomeRow, journalRow } from '../../pipelines/sinks/ledger-rows.ts'
import { holderId, instrumentId } from '../../schemas/units.ts'
import { ourTables } from '../analytics/database.ts'
import { originOf, posting, someEntry, someLeg, someOutcome } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const largest = Number.MAX_SAFE_INTEGER
const oddText = 'Zürich \'"\\\n\u0000 價格 🜚'
const longText = 'x'.repeat(70_000)

async function insert<Row> (table: Table<Row>, ...rows: readonly Row[]): Promise<void> {
  const block = new Block(table)
  rows.forEach(row => block.add(row))
  await clickHouse().insert(block)
}

test('a command\'s outcome is read as it was written, once', async () => {
  const outcome = someOutcome({ reference: oddText, refusal: null, count: largest })
  const rows = [1, 2].map(number => commandOutcomeRow(outcome, { partition: 3, offset: number }, originOf(3, number)))
  await insert(commandOutcomesTable, ...rows, rows[0]!)
  await insert(commandOutcomesTable, { ...rows[0]!, log_offset: 9 })
  const read = await clickHouse().rows('SELECT * EXCEPT inserted_at FROM command_outcomes ORDER BY origin_offset')
  const asRead = {
    ...rows[0]!,
    holder: '7',
    decided_at: '2026-02-25 06:13:20.000',
    order_id: '0',
    order_count: String(largest),
    origin_offset: '10',
    origin_sequence: '1',
    log_offset: '9'
  }
  expect(read).toEqual([asRead, { ...asRead, origin_offset: '20', origin_sequence: '2', log_offset: '2' }])
})

describe('a journal entry', () => {
  const many = Array.from({ length: 300 }, (_, index) => posting('trading', index, `asset ${index % 7}`, index % 2 === 0 ? largest : -largest))
  const entry = someEntry({ reference: longText, postings: many, instrumentId: instrumentId(oddText) })
  const row = journalRow(entry, { partition: 1, offset: 5 }, originOf(1, 1))
  const none = journalRow(someEntry({ sequence: 2, postings: [] }), { partition: 1, offset: 6 }, originOf(1, 2))

  test('is read as it was written, with all its postings or none', async () => {
    await insert(journalTable, row, none)
    await insert(journalTable, none, row)
    const read = await clickHouse().rows<Record<string, unknown>>(
      'SELECT sequence, reference, instrument_id, accounts, holders, assets, amounts, side, role FROM journal_entries ORDER BY sequence')
    expect(read).toEqual([
      {
        sequence: '1',
        reference: longText,
        instrument_id: oddText,
        accounts: row.accounts,
        holders: row.holders.map(String),
        assets: row.assets,
        amounts: row.amounts.map(String),
        side: 'none',
        role: 'none'
      },
      { sequence: '2', reference: 'd1', instrument_id: '', accounts: [], holders: [], assets: [], amounts: [], side: 'none', role: 'none' }
    ])
    const postings = await clickHouse().rows('SELECT posting_index, posting_holder, amount FROM postings ORDER BY posting_index LIMIT 2')
    expect(postings).toEqual([
      { posting_index: 1, posting_holder: '0', amount: String(largest) }, { posting_index: 2, posting_holder: '1', amount: String(-largest) }
    ])
  })

  test('is there once whatever the blocks, after a merge as well, in every view', async () => {
    const monthMs = 31 * 86_400_000
    const legs = Array.from({ length: 200 }, (_, index) => journalRow(
      someLeg({ holder: 9, entry: index + 1, trade: index + 1, side: index % 2 === 0 ? 'buy' : 'sell', at: 1_700_000_000_000 + Math.floor(index / 70) * monthMs }),
      { partition: 1, offset: 10 + index }, originOf(1, 10 + index)))
    await insert(journalTable, ...legs.slice(100).reverse())
    await insert(journalTable, ...legs.slice(0, 150))
    await insert(journalTable, ...legs.slice(90, 110))
    const counted = async () => await clickHouse().rows(`
      SELECT count() AS entries, (SELECT count() FROM postings WHERE holder = 9) AS postings,
        (SELECT count() FROM own_trades WHERE holder = 9 AND side = 'buy') AS bought
      FROM journal_entries WHERE holder = 9`)
    expect(await counted()).toEqual([{ entries: '200', postings: '1000', bought: '100' }])
    await clickHouse().command('OPTIMIZE TABLE journal_entries_raw FINAL')
    expect(await counted()).toEqual([{ entries: '200', postings: '1000', bought: '100' }])
  })

  test('of two holders with one number are two', async () => {
    const both = [20, 21].map(holder => {
      const entry = someEntry({ sequence: 5, holder: holderId(holder) })
      return journalRow(entry, { partition: holder % 2, offset: 5 }, originOf(holder % 2, 5))
    })
    await insert(journalTable, ...both)
    expect(await clickHouse().rows('SELECT holder FROM journal_entries WHERE holder >= 20 ORDER BY holder')).toEqual([{ holder: '20' }, { holder: '21' }])
  })
})
