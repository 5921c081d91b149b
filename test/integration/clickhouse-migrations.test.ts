import { describe, expect, test } from 'vitest'
import { connectClickHouse } from '../../analytics/client.ts'
import { forCluster, migrate, readMigrations, type Migration } from '../../analytics/migrate.ts'
import { candlesTable, deadLettersTable, fillsTable, orderUpdatesTable } from '../../analytics/tables.ts'
import { commandOutcomesTable, journalTable, orderStatesTable } from '../../analytics/ledger-tables.ts'
import { keptColumns } from '../../analytics/kept-responses.ts'
import { requestReportsTable } from '../../analytics/request-table.ts'
import { statements } from '../../analytics/statements.ts'
import {
  lotChangesTable, meterEventsTable, unbilledUsageTable, usageReceiptsTable
} from '../../analytics/usage-tables.ts'
import { configOf } from '../analytics/database.ts'
import { testDatabase } from '../support/stack.ts'

const all = [
  '0001_fills', '0002_order_updates', '0003_dead_letters', '0004_candles', '0005_order_states', '0006_command_outcomes',
  '0007_journal_entries', '0008_lot_changes', '0009_usage_receipts', '0010_meter_events', '0011_unbilled_usage',
  '0012_receipts_of_keys', '0013_kept_responses', '0014_request_reports'
]

describe('a database', () => {
  const database = testDatabase()

  test('is brought to our shape once, and is left alone from then on', async () => {
    expect(await migrate(configOf(database))).toEqual({ applied: all, repaired: [] })
    expect(await migrate(configOf(database))).toEqual({ applied: [], repaired: [] })
  })

  test('has the columns that the sinks write', async () => {
    const clickHouse = connectClickHouse(configOf(database))
    const tables: { readonly name: string, readonly columns: readonly string[] }[] = [
      fillsTable, orderUpdatesTable, deadLettersTable, candlesTable,
      orderStatesTable, commandOutcomesTable, journalTable,
      lotChangesTable, usageReceiptsTable, meterEventsTable, unbilledUsageTable,
      requestReportsTable, { name: 'kept_responses_raw', columns: keptColumns }
    ]
    for (const { name, columns } of tables) {
      const rows = await clickHouse.rows<{ name: string }>(
        'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {name:String} AND default_kind = \'\' ORDER BY name',
        { name }
      )
      expect(rows.map(row => row.name), name).toEqual([...columns].sort())
    }
    await clickHouse.close()
  })

  test('gets a dropped table back', async () => {
    const clickHouse = connectClickHouse(configOf(database))
    await clickHouse.command('DROP TABLE candles_raw')
    expect(await migrate(configOf(database))).toEqual({ applied: [], repaired: ['0004_candles'] })
    expect(await clickHouse.rows('SELECT count() AS rows FROM candles')).toEqual([{ rows: '0' }])
    await clickHouse.close()
  })

  test('is refused when an old migration reads otherwise today', async () => {
    const [first, ...others] = await readMigrations()
    const changed = [{ ...first!, sql: `${first!.sql}\n-- one word more` }, ...others]
    await expect(migrate(configOf(database), { migrations: changed })).rejects.toThrow('0001_fills is not what ran')
  })

  test('is refused when it is ahead of the program', async () => {
    const fewer = (await readMigrations()).slice(0, -1)
    await expect(migrate(configOf(database), { migrations: fewer })).rejects.toThrow(`ahead of this program: it has migration ${all.length}`)
  })
})

describe('a new database', () => {
  test('takes every migration twice: each can run again at any time', async () => {
    const database = newDatabase()
    expect((await migrate(configOf(database))).applied).toEqual(all)
    await forget(database)
    expect((await migrate(configOf(database))).applied).toEqual(all)
    await drop(database)
  })

  test('can be migrated by several processes at once', async () => {
    const database = newDatabase()
    const runs = await Promise.all([1, 2, 3, 4].map(async () => await migrate(configOf(database))))
    expect(new Set(runs.flatMap(run => run.applied))).toEqual(new Set(all))
    expect(await migrate(configOf(database))).toEqual({ applied: [], repaired: [] })
    await drop(database)
  })

  test('is refused when a check finds something, and is not said to be migrated', async () => {
    const database = newDatabase()
    const wrong: Migration = {
      number: 1,
      name: '0001_things',
      sql: 'CREATE TABLE IF NOT EXISTS things (a Int64) ENGINE = MergeTree ORDER BY a',
      check: 'SELECT \'no b\' AS wrong FROM system.columns WHERE database = currentDatabase() AND name = \'b\' HAVING count() = 0;'
    }
    await expect(migrate(configOf(database), { migrations: [wrong] })).rejects.toThrow('after migration 0001_things: no b')
    const right = { ...wrong, sql: `${wrong.sql};\nALTER TABLE things ADD COLUMN IF NOT EXISTS b Int64;` }
    expect(await migrate(configOf(database), { migrations: [right] })).toEqual({ applied: ['0001_things'], repaired: [] })
    await drop(database)
  })
})

test('for a cluster, the server understands every statement, and every table is replicated', async () => {
  const clickHouse = connectClickHouse(configOf('default'))
  for (const { name, sql } of await readMigrations()) {
    for (const statement of statements(forCluster(sql, 'our_cluster'))) {
      const [row] = await clickHouse.rows<{ formatted: string }>('SELECT formatQuery({statement:String}) AS formatted', { statement })
      expect(row?.formatted, name).toMatch(/^(CREATE (TABLE|VIEW) IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE) \w+ ON CLUSTER `?our_cluster`?/)
      const added = row?.formatted.match(/ADD COLUMN.{14}/g) ?? []
      expect(added.filter(words => !words.endsWith(' IF NOT EXISTS')), name).toEqual([])
      if (row?.formatted.startsWith('CREATE TABLE') === true) expect(row.formatted).toContain('ENGINE = ReplicatedReplacingMergeTree(')
    }
  }
  await clickHouse.close()
})

let made = 0
/** A name that nobody has made yet: making it is migrate's first step. */
function newDatabase (): string {
  made += 1
  return `market_migrations_${process.pid}_${made}`
}

/** Forgets what ran, so that all runs again on the tables that are there. */
async function forget (database: string): Promise<void> {
  const clickHouse = connectClickHouse(configOf(database))
  await clickHouse.command('TRUNCATE TABLE migrations')
  await clickHouse.close()
}

async function drop (database: string): Promise<void> {
  const clickHouse = connectClickHouse(configOf('default'))
  await clickHouse.command('DROP DATABASE IF EXISTS {database:Identifier}', { database })
  await clickHouse.close()
}
