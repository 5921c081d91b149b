// The replay as a person runs it, on the real stack.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { BareFlow } from '../../pipelines/replay/bare-flow.ts'
import { flash1Flow } from '../../pipelines/replay/flash1-flow.ts'
import { flash1Checkpoints } from '../../pipelines/replay/flash1.ts'
import { instrumentId } from '../../schemas/units.ts'
import { clickHouseClient, kafkaClient, stackEnv, temporaryDir } from '../support/stack.ts'

type Ended = { readonly status: number | null, readonly out: string, readonly err: string }

async function replay (args: readonly string[], servers = stackEnv()): Promise<Ended> {
  const child = spawn(process.execPath, ['pipelines/replay/main.ts', ...args], {
    env: { ...process.env, ...servers }, stdio: ['ignore', 'pipe', 'pipe']
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, out, err }
}

/** What bears the name of a replay: topics, groups, databases. */
async function left (prefix: string, database: string): Promise<string[]> {
  const admin = (await kafkaClient(stackEnv())).admin()
  const clickHouse = clickHouseClient(stackEnv(), 'default')
  await admin.connect()
  try {
    const { groups } = await admin.listGroups()
    const databases = await clickHouse.query({ query: 'SHOW DATABASES', format: 'JSONEachRow' })
    const databaseNames = (await databases.json<{ name: string }>()).map(({ name }) => name)
    const names = [...await admin.listTopics(), ...groups.map(({ groupId }) => groupId), ...databaseNames]
    return names.filter(name => name.startsWith(prefix) || name === database)
  } finally {
    await admin.disconnect()
    await clickHouse.close()
  }
}

const lastLine = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1)!)

test('the first 100,000 messages come to the oracle’s first checkpoint; what is changed afterwards is found', async () => {
  const [checkpoint] = flash1Checkpoints()
  const { sha256, ...counts } = checkpoint!
  const limit = ['--limit', '100000', '--json']
  const first = await replay([...limit, '--keep'])
  expect(first, first.err).toMatchObject({ status: 0 })
  const fills = counts.trades
  const seconds = expect.any(Number) as unknown
  expect(lastLine(first.out)).toEqual({
    ...counts, reportSha256: sha256, fillsInLog: fills, fillsInClickHouse: fills, seconds, ok: true
  })

  const [, prefix = '', database = ''] = /kept: topics (replay-\w+\.)\*, database (\w+)/.exec(first.err) ?? []
  expect(await left(prefix, database)).toContain(database)
  const clickHouse = clickHouseClient(stackEnv(), database)
  await clickHouse.command({ query: "INSERT INTO candles_raw SELECT * REPLACE (high + 1 AS high, now64(3) + 1 AS inserted_at) FROM candles_raw WHERE resolution = '1m' ORDER BY bucket LIMIT 1" })
  await clickHouse.command({ query: 'ALTER TABLE fills_raw DELETE WHERE sequence = 77 SETTINGS mutations_sync = 2' })
  await clickHouse.close()
  const second = await replay([...limit, '--resume', prefix])
  expect(second, second.err).toMatchObject({ status: 1 })
  const changed = { ...counts, reportSha256: sha256, fillsInClickHouse: fills - 1, ok: false }
  expect(lastLine(second.out)).toMatchObject(changed)
  expect(second.out).toContain('DIFFERS    the 1m candle at 2025-01-06 00:00:00 is not what its fills are')
  expect(second.out).toContain(`DIFFERS    fills in ClickHouse against the log: expected ${fills}, found ${fills - 1}`)
  expect(await left(prefix, database)).toEqual([])
}, 120_000)

test('through accounts the same messages come to the same reports, and every balance is told alike three times', async () => {
  const { status, out, err } = await replay(['--accounts', '--limit', '2500', '--json'])
  expect({ status, err }).toMatchObject({ status: 0 })
  const bare = new BareFlow(flash1Flow({ instrumentId: instrumentId('text-prime'), limit: 2500 }))
  for await (const batch of flash1Flow({ instrumentId: instrumentId('text-prime'), limit: 2500 }).batches(0, 2500)) {
    for (const message of batch) bare.play(message)
  }
  const { sha256, ...counts } = bare.reports.summary()
  const trades = counts.trades
  expect(trades).toBeGreaterThan(50)
  expect(lastLine(out)).toEqual({
    ...counts,
    reportSha256: sha256,
    fillsInLog: trades,
    fillsInClickHouse: trades,
    accounts: 100,
    conserved: true,
    seconds: expect.any(Number) as unknown,
    ok: true
  })
}, 120_000)

test('of a file with a line that is no message nothing is sent', async () => {
  const path = join(await temporaryDir(), 'flow.csv')
  await writeFile(path, 'action,order_id,side,price,quantity\nplace,1,buy,1.5,10\nplace,2,sell,1.5,ten\n')
  let connections = 0
  const anything = createServer(() => { connections++ }).listen(0, '127.0.0.1')
  await once(anything, 'listening')
  const address = `127.0.0.1:${(anything.address() as AddressInfo).port}`
  const servers = { KAFKA_BROKERS: address, SCHEMA_REGISTRY_URL: `http://${address}`, CLICKHOUSE_URL: `http://${address}` }
  const { status, out, err } = await replay(['--file', path, '--json'], servers)
  anything.close()
  expect({ status, out, connections }).toEqual({ status: 2, out: '', connections: 0 })
  expect(err).toBe(`${path}:3: quantity is a whole number up to 999999999, not "ten"\nNothing was sent.\n`)
})

test('a file of one’s own goes through: trades, and refusals of what makes no sense', async () => {
  const path = join(await temporaryDir(), 'flow.csv')
  await writeFile(path, [
    'time,action,order_id,side,price,quantity',
    '2025-03-03T12:00:00.000Z,place,1,sell,1.5000,10',
    '2025-03-03T12:00:00.500Z,place,2,sell,1.50005,10',
    '2025-03-03T15:00:00.000Z,place,3,buy,1.6,4',
    '2025-03-03T15:00:01.000Z,amend,1,,1.4,5',
    '2025-03-03T15:00:02.000Z,cancel,9,,,'
  ].join('\n'))
  const { status, out, err } = await replay(['--file', path, '--instrument', 'code-prime', '--json'])
  expect({ status, err }).toMatchObject({ status: 0 })
  expect(lastLine(out)).toMatchObject({ messages: 5, reports: 6, trades: 1, fillsInClickHouse: 1, ok: true })
}, 120_000)
