// A market that runs is backed up, and restored into a cluster that has nothing: the same log, offset by offset, and a
// market on it that goes on as the first would have.

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectClickHouse } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { backUp } from '../../pipelines/backup/backup.ts'
import type { Manifest } from '../../pipelines/backup/manifest.ts'
import { restore } from '../../pipelines/backup/restore.ts'
import { marketProcesses } from '../../pipelines/market.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { runStage } from '../../pipelines/process/run-stage.ts'
import { provide } from '../../pipelines/provide.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { connect } from '../../pipelines/runtime/kafka/client.ts'
import { KafkaLog } from '../../pipelines/runtime/kafka/kafka-log.ts'
import { trim } from '../../pipelines/runtime/janitor.ts'
import type { LogRecord, Outgoing } from '../../pipelines/runtime/log.ts'
import { sourceOf } from '../../pipelines/runtime/origin.ts'
import { Positions } from '../../pipelines/runtime/positions.ts'
import { readStretch } from '../../pipelines/runtime/read.ts'
import { SnapshotStore } from '../../pipelines/runtime/snapshot.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { runSinks } from '../../pipelines/sinks/run-sinks.ts'
import { Supervisor } from '../../pipelines/supervisor/supervisor.ts'
import { topology } from '../../pipelines/topology.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { topics } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import { Desk, type Told } from '../soak/orders/desk.ts'
import { Intentions } from '../soak/orders/intentions.ts'
import { peopleOf, traded } from '../soak/orders/soak.ts'
import { judge } from '../soak/orders/verdict.ts'
import { seededRandom } from '../soak/random.ts'
import { enrol, known } from '../support/people.ts'
import { GatewayClient } from '../support/trader.ts'
import { fromOutside, limitOrder } from '../support/orders.ts'
import { ownStack, stackEnv, temporaryDir, testDatabase, topicPrefix } from '../support/stack.ts'

type Variables = Readonly<Record<string, string>>

const people = peopleOf({ accounts: 12, seed: 5 })
const stages = topology.map(({ stage, reads }) => ({ stage, reads }))

async function contextOf (env: Variables): Promise<Context> {
  const context = await openContext(readConfig(env), 'test', error => { throw error as Error })
  onTestFinished(() => context.log.close())
  return context
}

type Running = { readonly gateway: GatewayClient, readonly stop: () => Promise<void> }

/** The stages in one process, a gateway, and sinks where they are asked for. */
async function start (context: Context, env: Variables, { hasSinks = false } = {}): Promise<Running> {
  const gatewayPort = await freePort()
  const folder = await temporaryDir()
  const { topicPrefix } = context.config
  const { leader, sinks, gateway } = marketProcesses({ topicPrefix, gatewayPort, metricsPorts: {}, folder })
  const supervisor = new Supervisor({
    env: { ...environmentFor(env), REQUESTS_A_MINUTE: '1000000' },
    logDir: folder,
    evict: (group, clientId) => evict(context.kafka, group, clientId),
    report: event => { throw new Error(`${event.name}: ${event.kind}`) }
  })
  onTestFinished(() => supervisor.stop())
  await Promise.all([leader, gateway, ...(hasSinks ? [sinks] : [])].map(spec => supervisor.start(spec)))
  const client = new GatewayClient(`http://127.0.0.1:${gatewayPort}`)
  onTestFinished(() => { client.close() })
  return { gateway: client, stop: () => supervisor.stop() }
}

const desksAt = (gateway: GatewayClient, name: string): Desk[] => people.map(({ trader }) =>
  new Desk(trader, [gateway], new Intentions(`${name}-${trader.holder}`, traded, seededRandom(trader.holder))))

async function trade (desks: readonly Desk[], rounds: number, told: Told[]): Promise<void> {
  await Promise.all(desks.map(async desk => {
    for (let round = 0; round < rounds; round++) told.push(await desk.next())
  }))
}

async function restoreInto (env: Variables, dir: string): Promise<Manifest> {
  const { kafka: address, registry, topicPrefix } = readConfig(env)
  const kafka = connect(address, 'restore', pino({ level: 'silent' }))
  const log = new KafkaLog(kafka)
  try {
    return await restore({ dir, kafka, log, registry, topicPrefix, replicationFactor: 1 })
  } finally {
    await log.close()
  }
}

/** Another cluster and registry; ClickHouse is shared. */
async function otherCluster (): Promise<Variables> {
  const shared = Object.fromEntries(Object.entries(stackEnv()).filter(([name]) => name.startsWith('CLICKHOUSE_')))
  const { CLICKHOUSE_DATABASE: _, ...env } = (await ownStack({ environment: shared })).env
  return env
}

/** Every record that a backup says it holds, as it lies in a log; but for the places of sinks, which are left out. */
async function recordsIn (log: KafkaLog, { partitions }: Manifest): Promise<string[]> {
  const lines = await Promise.all(partitions.map(async ({ topic, partition, start, end, file }) => {
    const isCompacted = /(snapshots|identities|instruments)-\d+$/.test(topic)
    const records: string[] = [`${topic}/${partition} from ${isCompacted ? '' : start}`]
    if (file === null) return records
    const until = isCompacted ? (await log.extent(topic, partition)).end : end
    await readStretch(log, { topic, partition, from: start, until }, batch => {
      for (const record of batch) {
        if (record.key?.toString().startsWith('sink/') !== true) records.push(lineOf(record, isCompacted))
      }
    })
    return records
  }))
  return lines.flat()
}

const lineOf = ({ offset, timestamp, key, value, headers }: LogRecord, isCompacted: boolean): string =>
  JSON.stringify([isCompacted ? '' : offset, timestamp, key?.toString(), value?.toString('base64'), headers])

const prefix = topicPrefix()
const trimmedPrefix = topicPrefix()
const [database, trimmedDatabase] = [testDatabase(), testDatabase()]
const names = { TOPIC_PREFIX: prefix, LOG_LEVEL: 'warn' }
const traders = people.map(({ trader }) => trader)

/** Faults of a market, when its clients were told this. */
async function faultsOf (context: Context, gateway: GatewayClient, told: readonly Told[]): Promise<readonly string[]> {
  const verdict = await judge({ context, gateways: [gateway], traders, told, say: () => {} })
  expect(verdict.fills).toBeGreaterThan(20)
  return verdict.faults
}

test('a market is backed up while it trades, and restored; then its folder is copied; it goes on each time', async () => {
  const env = { ...stackEnv(), ...names, CLICKHOUSE_DATABASE: database }
  const dataDir = await temporaryDir()
  const [source, stack] = await Promise.all([contextOf(env), ownStack({ dataDir })])
  await provide(source)
  await migrate(source.config.clickhouse)
  const first = await start(source, env)
  await enrol(source, people)
  await known(first.gateway, people)
  const told: Told[] = []
  const late: Told[] = []
  const desks = desksAt(first.gateway, 'first')
  await trade(desks, 12, told)
  const dir = join(await temporaryDir(), 'backup')
  const { log, config: { registry } } = source
  const [manifest] = await Promise.all([
    backUp({ log, registry, topicPrefix: prefix, stages, dir, takenAt: new Date() }),
    trade(desks, 12, late)
  ])
  await first.stop()

  const restoredEnv = { ...stack.env, ...names }
  expect(await restoreInto(restoredEnv, dir)).toEqual(manifest)
  const restored = await contextOf(restoredEnv)
  expect(restored.binder.listing).toEqual(source.binder.listing)
  expect(await recordsIn(restored.log, manifest)).toEqual(await recordsIn(log, manifest))
  await provide(restored)
  await migrate(restored.config.clickhouse)
  const second = await start(restored, restoredEnv, { hasSinks: true })
  await trade(desksAt(second.gateway, 'second'), 8, told)
  // What was asked for while the backup was taken is in it or not, and if it is, wholly.
  const asked = late.map(({ intention }) => intention.kind === 'place' ? intention.clientOrderId : '')
  const isLate = (fault: string): boolean => asked.some(id => fault === `${id} is in the log, and nobody was told of it`)
  const faults = await faultsOf(restored, second.gateway, told)
  expect(faults.filter(fault => !isLate(fault))).toEqual([])

  await second.stop()
  await restored.log.close()
  await stack.stop()
  const copyDir = join(await temporaryDir(), 'copy')
  await cp(dataDir, copyDir, { recursive: true })
  const copiedEnv = { ...(await ownStack({ dataDir: copyDir })).env, ...names }
  const copied = await contextOf(copiedEnv)
  const third = await start(copied, copiedEnv, { hasSinks: true })
  await trade(desksAt(third.gateway, 'third'), 4, told)
  const faultsOfCopy = await faultsOf(copied, third.gateway, told)
  expect(faultsOfCopy.filter(fault => !isLate(fault))).toEqual([])
}, 180_000)

test('a log that was trimmed is restored from where it begins, with the snapshot that reaches there', async () => {
  const env = { ...stackEnv(), TOPIC_PREFIX: trimmedPrefix, CLICKHOUSE_DATABASE: trimmedDatabase, LOG_LEVEL: 'warn' }
  const [source, stack] = await Promise.all([contextOf(env), otherCluster()])
  await provide(source)
  const snapshots = await trimmedMarket(source)
  const dir = join(await temporaryDir(), 'backup')
  const { log, config: { registry }, topic } = source
  const taken = { log, registry, topicPrefix: trimmedPrefix, stages, takenAt: new Date() }
  const manifest = await backUp({ ...taken, dir })
  const ofOrders = manifest.partitions.filter(copy => copy.topic === topic(topics.orders.name))
  expect(ofOrders[prime.index]!.start).toBeGreaterThan(20)

  const restoredEnv = { ...env, ...stack }
  await restoreInto(restoredEnv, dir)
  const restored = await contextOf(restoredEnv)
  expect(await recordsIn(restored.log, manifest)).toEqual(await recordsIn(log, manifest))
  const options = { leads: true, partitions: [prime.index] }
  const [before, after] = [source, restored].map(context => runStage(context, matching(), options))
  await Promise.all([before!.warm(), after!.warm()])
  expect(after!.machine(prime.index)?.hash()).toBe(before!.machine(prime.index)?.hash())
  await before!.close()

  // It goes on, and sinks that had stood beyond the beginning of what is there begin with it.
  await migrate(restored.config.clickhouse)
  const clickHouse = connectClickHouse(restored.config.clickhouse)
  onTestFinished(() => clickHouse.close())
  const { binder } = restored
  const sinks = await runSinks({
    ...restored,
    clickhouse: clickHouse,
    read: value => binder.read(value),
    encode: value => binder.current.encode(value),
    report: () => {}
  })
  await after!.join()
  await restored.log.send(pairs(restored, 1000, 1))
  const query = 'SELECT toString(uniqExact(sequence)) AS count FROM fills'
  const all = [{ count: String(pairsTraded + 1) }]
  await vi.waitFor(async () => { expect(await clickHouse.rows(query)).toEqual(all) }, { timeout: 20_000 })
  await sinks.close()
  await after!.close()

  // Without the snapshots there is nothing to begin from.
  const gone = (await snapshots.sets()).keysBelow(Number.MAX_SAFE_INTEGER)
  const place = { topic: topic(topics.snapshots.name), partition: prime.index }
  await log.send(gone.map(key => ({ ...place, key, value: null, headers: {}, timestamp: instant(0) })))
  await expect(backUp({ ...taken, dir: join(dir, 'again') })).rejects.toThrow('no snapshot of matching')
}, 120_000)

const prime = instrumentBySymbol('text-prime')!
const pairsTraded = 40

/** Orders that meet, one fill each. */
function pairs (context: Context, first: number, count: number): Outgoing[] {
  const { instrumentId, trading: { referencePrice: price } } = prime
  return Array.from({ length: 2 * count }, (_, index) => {
    const side = index % 2 === 0 ? 'sell' : 'buy'
    return fromOutside(context, prime.index, limitOrder({ id: first + index, instrumentId, side, price, quantity: 1 }))
  })
}

/** Snapshots often, then what is below the second-newest of them trimmed away, and book deltas as a day does it. */
async function trimmedMarket (context: Context): Promise<SnapshotStore> {
  const { log, topic } = context
  const orders = topic(topics.orders.name)
  const place = { topic: topic(topics.snapshots.name), partition: prime.index }
  const source = sourceOf('matching', orders, prime.index)
  const snapshots = new SnapshotStore(log, { ...place, source, writer: 'test' })
  const host = runStage(context, matching(), { leads: true, partitions: [prime.index], snapshotEvery: 20 })
  await host.warm()
  await host.join()
  const newest = async (): Promise<number> => [...(await snapshots.sets()).valid()][0]?.frame.next ?? 0
  for (const half of [0, 1]) {
    const before = await newest()
    await log.send(pairs(context, 1 + half * pairsTraded, pairsTraded / 2))
    await vi.waitFor(async () => { expect(await newest()).toBeGreaterThan(before) }, { timeout: 20_000 })
  }
  await host.close()
  const now = instant(Date.now() + 60_000)
  await trim({ log, topic: orders, partition: prime.index, snapshots }, { keepMs: 0, now })
  const deltas = topic(topics.bookDeltas.name)
  await log.trim(deltas, prime.index, 10)
  const positions = new Positions(log, { ...place, partitions: topics.snapshots.partitions, name: 'check-book-deltas' })
  await log.send([positions.record(deltas, prime.index, { position: 12, marks: [] })])
  return snapshots
}
