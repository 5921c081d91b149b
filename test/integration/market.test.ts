// The whole market on the real servers: an order becomes a fill, a row and a candle over HTTP; a process of it is
// killed; garbage is on every topic.

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { marketProcesses } from '../../pipelines/market.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { Supervisor, type SupervisorEvent } from '../../pipelines/supervisor/supervisor.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { topicTable } from '../../schemas/topics.ts'
import { instant, type Side } from '../../schemas/units.ts'
import { clickHouseClient, stackEnv, testDatabase, topicPrefix } from '../support/stack.ts'
import { fromOutside, limitOrder } from '../support/orders.ts'

const prefix = topicPrefix()
const database = testDatabase()
const prime = instrumentBySymbol('text-prime')!
const events: SupervisorEvent[] = []

let context: Context
let supervisor: Supervisor
let url: string
let logDir: string

beforeAll(async () => {
  const variables = { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' }
  logDir = await mkdtemp(join(tmpdir(), 'market-test-'))
  context = await openContext(readConfig(variables), 'test', error => { throw error as Error })
  supervisor = new Supervisor({
    env: environmentFor(variables),
    logDir,
    evict: (group, clientId) => evict(context.kafka, group, clientId),
    report: event => { events.push(event) },
    backoff: { firstMs: 20, longestMs: 100, healthyMs: 60_000 }
  })
  const gatewayPort = await freePort()
  url = `http://127.0.0.1:${gatewayPort}`
  const { provide, leader, sinks, gateway } = marketProcesses({
    topicPrefix: prefix, gatewayPort, metricsPorts: {}, folder: logDir
  })
  await supervisor.runToEnd(provide)
  await Promise.all([leader, sinks, gateway].map(spec => supervisor.start(spec)))
})

afterAll(async () => {
  await supervisor.stop()
  await context.log.close()
  await rm(logDir, { recursive: true, force: true })
})

let lastId = 0

function order (side: Side, price: number, quantity: number): Outgoing {
  const command = limitOrder({ id: ++lastId, instrumentId: prime.instrumentId, side, price, quantity })
  return fromOutside(context, prime.index, command)
}

/** Two orders that make one fill between the best bid and the best ask, and leave nothing. */
const pair = (): Outgoing[] => [order('buy', 100_700, 1), order('sell', 100_700, 1)]

type Answer = { status: number, body: { data: Record<string, unknown>[] } }

async function get (path: string): Promise<Answer> {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: await response.json() as Answer['body'] }
}

async function rows<Row> (query: string): Promise<Row[]> {
  const client = clickHouseClient(stackEnv(), database)
  try {
    return await (await client.query({ query, format: 'JSONEachRow' })).json<Row>()
  } finally {
    await client.close()
  }
}

/** Until all fills up to a sequence are rows, each once. */
async function stored (last: number): Promise<void> {
  const query = `SELECT toUInt32(count()) AS n, toUInt32(uniqExact(sequence)) AS each, toUInt32(max(sequence)) AS last
    FROM fills`
  const all = [{ n: last, each: last, last }]
  await vi.waitFor(async () => expect(await rows(query)).toEqual(all), { timeout: 20_000, interval: 100 })
}

test('an order becomes a fill, a book and a candle, over HTTP', async () => {
  await vi.waitFor(async () => expect((await get('/ready')).status).toBe(200), { timeout: 10_000 })
  await context.log.send([order('sell', 101_000, 5), order('buy', 101_000, 3), order('buy', 100_500, 4)])
  await stored(1)
  // Its bar has a sink of its own.
  await vi.waitFor(async () => {
    const { body: { data } } = await get('/v1/trading/price-histories?market_id=text-prime&resolution=1m')
    expect(data.find(bar => bar['trade_count'] === 1)).toMatchObject({ close: '0.10100000', volume: '3' })
  }, { timeout: 10_000, interval: 100 })
  const book = await get('/v1/trading/markets/text-prime/orderbook')
  expect(book.body.data).toMatchObject({
    buy: [{ price: '0.10050000', quantity: 4 }],
    sell: [{ price: '0.10100000', quantity: 2 }]
  })
  const diagnostics = await get('/v1/diagnostics')
  expect(diagnostics.body.data).toMatchObject({ status: 'ok', summary: { ok: 4, warn: 0, fail: 0 } })
})

test('matching is killed under load: it comes back, and no fill is lost or doubled', async () => {
  const pairs = 300
  const sending = (async () => {
    for (let count = 0; count < pairs; count++) {
      await context.log.send(pair())
      await sleep(5)
    }
  })()
  await sleep(300)
  await supervisor.kill('matching')
  await supervisor.kill('sinks')
  await sending
  await stored(1 + pairs)
  expect(events.filter(({ kind }) => kind === 'not-evicted')).toEqual([])
  const members = async (group: string) => {
    const admin = context.kafka.admin()
    await admin.connect()
    const { groups } = await admin.describeGroups([context.group(group)])
    await admin.disconnect()
    return groups[0]!.members.map(({ clientId }) => clientId)
  }
  await vi.waitFor(async () => expect(await members('matching')).toHaveLength(1))
  await vi.waitFor(async () => expect(new Set(await members('sink-candles')).size).toBe(1))
})

test('garbage on every topic becomes dead letters that a query finds, and everything goes on', async () => {
  const unknownSchema = Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]), randomBytes(20)])
  const broken = Buffer.from(context.binder.current.encode({ kind: 'clock', sentAt: Date.now(), sender: 'test' } as never).subarray(0, 7))
  const garbage = [Buffer.alloc(0), Buffer.from('not avro'), unknownSchema, broken, null]
  await context.log.send(topicTable.flatMap(({ name, cleanup }) => garbage.map((value): Outgoing => ({
    topic: context.topic(name),
    partition: 1,
    key: cleanup === 'compact' ? randomUUID() : null,
    value,
    headers: {},
    timestamp: instant(Date.now())
  }))))
  const [before] = await rows<{ n: number }>('SELECT toUInt32(count()) AS n FROM fills')
  await context.log.send(pair())
  await stored(before!.n + 1)
  const letters = 'SELECT reader, toUInt32(count()) AS n FROM dead_letters GROUP BY reader ORDER BY reader'
  await vi.waitFor(async () => expect(await rows(letters)).toEqual([
    { reader: 'check-book-deltas', n: garbage.length },
    { reader: 'inspect-snapshots', n: garbage.length },
    { reader: 'ledger', n: garbage.length },
    { reader: 'matching', n: garbage.length },
    { reader: 'metering', n: garbage.length },
    { reader: 'sink-candles', n: garbage.length },
    { reader: 'sink-dead-letters', n: garbage.length },
    { reader: 'sink-fills', n: garbage.length },
    { reader: 'sink-journal', n: garbage.length },
    { reader: 'sink-order-updates', n: garbage.length },
    { reader: 'sink-reconciliation', n: garbage.length },
    { reader: 'sink-requests', n: garbage.length },
    { reader: 'sink-usage', n: garbage.length }
  ]), { timeout: 20_000, interval: 200 })
  const reasons = await rows<{ reason: string }>("SELECT DISTINCT reason FROM dead_letters WHERE reader = 'matching' ORDER BY reason")
  expect(reasons.map(({ reason }) => reason)).toEqual(['breaks_schema', 'not_wire_format', 'unknown_schema'])
  // A restart reads it all again, snapshots included.
  await Promise.all([supervisor.kill('matching'), supervisor.kill('gateway'), supervisor.kill('sinks')])
  await vi.waitFor(async () => expect((await get('/ready')).status).toBe(200), { timeout: 10_000 })
  await context.log.send(pair())
  await stored(before!.n + 2)
})
