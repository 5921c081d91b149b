import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClickHouse } from '../../../docker/local/clickhouse.ts'
import { clickHouseLibraryName, hasClickHouseLibrary } from '../../../docker/local/clickhouse-library.ts'
import { ask } from '../../../docker/local/http.ts'
import type { Part } from '../../../docker/local/part.ts'

let dir: string
let server: Part

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  server = await startClickHouse({ dataDir: dir, logDir: join(dir, 'logs') })
})

afterAll(async () => {
  await server.stop()
  await rm(dir, { recursive: true, force: true })
})

async function run (body: string, { user = 'market', key = server.env['CLICKHOUSE_PASSWORD'] ?? '' } = {}): Promise<string> {
  const headers = { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': key }
  return (await ask(server.env['CLICKHOUSE_URL']!, { method: 'POST', headers, body }))?.body.trim() ?? 'no reply'
}
const reader = () => ({ user: 'reader', key: server.env['CLICKHOUSE_READER_PASSWORD'] ?? '' })

describe('the user of the product', () => {
  test('makes and drops databases of its own name, with tables, views and rows', async () => {
    const statements = [
      'CREATE DATABASE market_example',
      'CREATE TABLE market_example.fills (a UInt64, v Decimal(18, 2)) ENGINE = ReplacingMergeTree ORDER BY a',
      'CREATE TABLE market_example.sums (a UInt64, n SimpleAggregateFunction(sum, Int64)) ENGINE = AggregatingMergeTree ORDER BY a',
      'CREATE MATERIALIZED VIEW market_example.summing TO market_example.sums AS SELECT a, 1 AS n FROM market_example.fills',
      'INSERT INTO market_example.fills VALUES (18446744073709551615, 0.1)',
      'OPTIMIZE TABLE market_example.fills FINAL',
      'ALTER TABLE market_example.fills ADD COLUMN b UInt8'
    ]
    for (const statement of statements) expect(await run(statement)).toBe('')
    expect(await run('SELECT a, v, n FROM market_example.fills JOIN market_example.sums USING (a) FORMAT JSONEachRow'))
      .toBe('{"a":"18446744073709551615","v":"0.1","n":"1"}')
    expect(await run('DROP DATABASE market_example')).toBe('')
  })

  test.each([
    'SELECT * FROM file(\'/etc/passwd\', \'LineAsString\')',
    'SELECT * FROM `/etc/passwd`',
    'SELECT * FROM url(\'http://127.0.0.1:1/\', \'LineAsString\')',
    'SELECT * FROM remote(\'127.0.0.1:1\', system.one)',
    'INSERT INTO FUNCTION file(\'out\', \'CSV\', \'a UInt8\') VALUES (1)',
    'CREATE TABLE market.file (a String) ENGINE = File(CSV)',
    'CREATE TABLE market.url (a String) ENGINE = URL(\'http://127.0.0.1:1/\', CSV)',
    'CREATE TABLE market.kafka (a String) ENGINE = Kafka(\'127.0.0.1:1\', \'t\', \'g\', \'CSV\')',
    'CREATE DICTIONARY market.web (a UInt64) PRIMARY KEY a SOURCE(HTTP(url \'http://127.0.0.1:1/\' format \'TSV\')) LAYOUT(FLAT()) LIFETIME(0)',
    'CREATE DATABASE elsewhere',
    'CREATE TABLE default.t (a UInt8) ENGINE = Memory',
    'SYSTEM SHUTDOWN'
  ])('may not %s', async statement => {
    expect(await run(statement)).toContain('ACCESS_DENIED')
  })
})

test('the engine\'s own user can not be logged in as', async () => {
  expect(await run('SELECT 1', { user: 'default', key: '' })).toContain('USER_SESSION_LIMIT_EXCEEDED')
})

test('a wrong password is refused', async () => {
  expect(await run('SELECT 1', { user: 'market', key: 'wrong' })).toContain('AUTHENTICATION_FAILED')
})

test('the reader reads and does not write', async () => {
  expect(await run('SELECT count() FROM system.tables WHERE database = \'market\'', reader())).toBe('0')
  expect(await run('CREATE TABLE market.mine (a UInt8) ENGINE = Memory', reader())).toContain('ACCESS_DENIED')
  expect(await run('SELECT * FROM system.users', reader())).toContain('ACCESS_DENIED')
})

test('its passwords are in one file that only its owner may read, and in no log', async () => {
  expect((await stat(join(dir, 'secrets.json'))).mode & 0o077).toBe(0)
  expect(await readFile(join(dir, 'users.d', 'users.xml'), 'utf8')).not.toContain(server.env['CLICKHOUSE_PASSWORD'])
  expect(await readFile(server.logFile, 'utf8')).not.toContain(server.env['CLICKHOUSE_PASSWORD'])
})

test('a killed server keeps the rows that it acknowledged', async () => {
  expect(await run('CREATE TABLE market.kept (a UInt8) ENGINE = MergeTree ORDER BY a')).toBe('')
  expect(await run('INSERT INTO market.kept VALUES (7)')).toBe('')
  await server.kill()
  expect(await run('SELECT 1')).toBe('no reply')
  await server.restart()
  expect(await run('SELECT a FROM market.kept')).toBe('7')
})

test('the library is named after the platform', () => {
  expect(clickHouseLibraryName('darwin', 'arm64')).toBe('@chdb/lib-darwin-arm64')
  expect(clickHouseLibraryName('linux', 'x64')).toBe('@chdb/lib-linux-x64-gnu')
  expect(hasClickHouseLibrary('@chdb/lib-plan9-mips')).toBe(false)
})
