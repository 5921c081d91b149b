import { describe, expect, test } from 'vitest'
import { connectClickHouse, type ClickHouseConfig } from '../../analytics/client.ts'
import { canRetry, ClickHouseFailure, passing } from '../../analytics/failure.ts'
import { Block, fillsTable, type FillRow, type Table } from '../../analytics/tables.ts'
import { fillRow } from '../../pipelines/sinks/rows.ts'
import { configOf, ourTables } from '../analytics/database.ts'
import { someFill } from '../pipelines/sinks/fills.ts'

const clickHouse = ourTables()

async function failureOf (promise: Promise<unknown>): Promise<ClickHouseFailure> {
  const failed = await promise.then(() => null, (error: unknown) => error)
  expect(failed).toBeInstanceOf(ClickHouseFailure)
  return failed as ClickHouseFailure
}

/** What comes of a query over a connection of its own. */
async function failureWith (change: Partial<ClickHouseConfig>, sql = 'SELECT 1'): Promise<ClickHouseFailure> {
  const connection = connectClickHouse({ ...configOf('market'), ...change })
  try {
    return await failureOf(connection.rows(sql))
  } finally {
    await connection.close()
  }
}

function blockOf (table: Table<FillRow>, rows = 20_000) {
  const block = new Block(table)
  for (let sequence = 1; sequence <= rows; sequence++) {
    block.add(fillRow(someFill({ instrument: 'block', sequence, at: sequence * 1000 }), { partition: 0, offset: sequence }))
  }
  return block
}

test('the server knows every code that we wait for', async () => {
  const names = await clickHouse().rows<{ name: string }>('SELECT errorCodeToName(number) AS name FROM numbers(2000)')
  const known = new Set(names.map(({ name }) => name))
  expect(passing.filter(code => !known.has(code))).toEqual([])
})

describe('worth waiting for', () => {
  test('nobody is listening', async () => {
    const failed = await failureWith({ url: 'http://127.0.0.1:1' })
    expect([failed.code, failed.canRetry]).toEqual(['ECONNREFUSED', true])
  })

  test('no answer in time', async () => {
    expect(await failureWith({ requestTimeoutMs: 100 }, 'SELECT sleep(2)')).toMatchObject({ canRetry: true })
  })

  test('not enough memory for the query', async () => {
    const failed = await failureOf(clickHouse().rows('SELECT groupArray(number) FROM numbers(1000000) SETTINGS max_memory_usage = 1000000'))
    expect([failed.code, failed.canRetry]).toEqual(['MEMORY_LIMIT_EXCEEDED', true])
  })

  test('too many parts: the same block goes in once there is room', async () => {
    await clickHouse().command('CREATE TABLE narrow (sequence UInt64) ENGINE = MergeTree ORDER BY sequence SETTINGS parts_to_throw_insert = 1')
    await clickHouse().command('SYSTEM STOP MERGES narrow').catch(() => {})
    const block = new Block<{ sequence: number }>({ name: 'narrow', columns: ['sequence'], write: (to, row) => to.uint64(row.sequence) })
    block.add({ sequence: 1 })
    await clickHouse().insert(block)
    const failed = await failureOf(clickHouse().insert(block))
    expect([failed.code, canRetry(failed)]).toEqual(['TOO_MANY_PARTS', true])
    await clickHouse().command('ALTER TABLE narrow MODIFY SETTING parts_to_throw_insert = 100')
    await clickHouse().insert(block)
    expect(await clickHouse().rows('SELECT count() AS rows FROM narrow')).toEqual([{ rows: '2' }])
  })
})

describe('not worth waiting for', () => {
  test('no such table, whatever the size of the block', async () => {
    for (const rows of [1, 20_000]) {
      const failed = await failureOf(clickHouse().insert(blockOf({ ...fillsTable, name: 'nowhere' }, rows)))
      expect([failed.code, failed.canRetry]).toEqual(['UNKNOWN_TABLE', false])
    }
  })

  test('no such column', async () => {
    const columns = ['instrument', ...fillsTable.columns.slice(1)] as unknown as Table<FillRow>['columns']
    const failed = await failureOf(clickHouse().insert(blockOf({ ...fillsTable, columns })))
    expect([failed.code, failed.canRetry]).toEqual(['NO_SUCH_COLUMN_IN_TABLE', false])
  })

  test('rows of another shape', async () => {
    const columns = fillsTable.columns.slice(1)
    const failed = await failureOf(clickHouse().insert(blockOf({ ...fillsTable, columns })))
    expect(failed.canRetry).toBe(false)
    expect(await clickHouse().rows('SELECT count() AS rows FROM fills')).toEqual([{ rows: '0' }])
  })

  test('a wrong password, and it is not repeated in the message', async () => {
    const failed = await failureWith({ password: 'not-the-password' })
    expect([failed.code, failed.canRetry]).toEqual(['AUTHENTICATION_FAILED', false])
    expect(String(failed)).not.toContain('not-the-password')
  })

  test('no such database', async () => {
    expect(await failureWith({ database: 'market_nowhere' })).toMatchObject({ code: 'UNKNOWN_DATABASE', canRetry: false })
  })
})

test('a name that is no plain name is never sent', async () => {
  const columns = ['sequence) SELECT 1 --'] as unknown as Table<FillRow>['columns']
  await expect(clickHouse().insert(blockOf({ ...fillsTable, columns }, 1))).rejects.toThrow('is not a name of a table or column')
})
