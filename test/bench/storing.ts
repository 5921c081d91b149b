// A process that runs the sinks until all that is in the log is stored, and then inserts the same blocks from memory;
// once for each round that it is told:
//   node test/bench/storing.ts

import { connectClickHouse, type ClickHouse, type EncodedBlock } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { KafkaLog } from '../../pipelines/runtime/kafka/kafka-log.ts'
import { deleteTopics, provideTopics } from '../../pipelines/runtime/kafka/topics.ts'
import type { Log } from '../../pipelines/runtime/log.ts'
import { runSinks } from '../../pipelines/sinks/run-sinks.ts'
import { topics } from '../../schemas/topics.ts'

export type Counts = { readonly fills: number, readonly updates: number }
export type StoreRound = { readonly round: number, readonly expected: Counts }
export type Stored = { readonly oursSeconds: number, readonly plainSeconds: number, readonly rows: number }

type Copy = EncodedBlock & { readonly rows: number }

async function store (context: Context, { round, expected }: StoreRound): Promise<Stored> {
  const ours = await inDatabase(context, `ours_${round}`, click => bySinks(context, { click, round, expected }))
  const plainSeconds = await inDatabase(context, `plain_${round}`, click => byHand(click, ours.blocks))
  const rows = ours.blocks.reduce((sum, block) => sum + block.rows, 0)
  return { oursSeconds: ours.seconds, plainSeconds, rows }
}

/** With the tables of the market, and gone afterwards. */
async function inDatabase<Result> (
  { config }: Context, name: string, work: (clickhouse: ClickHouse) => Promise<Result>
): Promise<Result> {
  const database = `${config.clickhouse.database}_${name}`
  const address = { ...config.clickhouse, database }
  await migrate(address)
  const clickhouse = connectClickHouse(address)
  try {
    return await work(clickhouse)
  } finally {
    await clickhouse.command('DROP DATABASE {database:Identifier}', { database })
    await clickhouse.close()
  }
}

async function bySinks (context: Context, { click, round, expected }: StoreRound & { click: ClickHouse }) {
  const { binder, config, kafka, failed } = context
  const { table, done, blocks } = copies(click, expected)
  const clock = { began: 0 }
  // Where sinks stand is kept under their names: each round has a place of its own for it.
  const prefix = `${config.topicPrefix}round${round}.`
  await provideTopics(kafka, { prefix, replicationFactor: config.kafka.replicationFactor, isSimulated: true })
  const log = new KafkaLog(kafka)
  const running = await runSinks({
    log: timedLog(log, clock),
    clickhouse: table,
    topic: name => name === topics.snapshots.name ? `${prefix}${name}-${topics.snapshots.incarnation}` : context.topic(name),
    group: role => `${prefix}${role}`,
    read: value => binder.read(value),
    encode: value => binder.current.encode(value),
    failed,
    report: () => {}
  })
  const ended = await done
  await running.close()
  await log.close()
  await deleteTopics(kafka, prefix)
  await check(click, expected)
  return { seconds: (ended - clock.began) / 1000, blocks }
}

/** Keeps every block that is inserted, and says when the last fill and the last update were. */
function copies (clickhouse: ClickHouse, { fills, updates }: Counts) {
  const blocks: Copy[] = []
  const missing = new Map([['fills_raw', fills], ['order_updates_raw', updates]])
  const done = Promise.withResolvers<number>()
  const table: ClickHouse = {
    ...clickhouse,
    insert: async block => {
      const bytes = Buffer.from(block.bytes())
      const { table, columns } = block
      const rows = (block as Copy).rows
      await clickhouse.insert(block)
      blocks.push({ table, columns, rows, bytes: () => bytes })
      if (missing.has(table)) missing.set(table, missing.get(table)! - rows)
      if ([...missing.values()].every(count => count === 0)) done.resolve(performance.now())
    }
  }
  return { table, blocks, done: done.promise }
}

/** The same log; it notes when the first records are handed to a reader. */
function timedLog (log: Log, clock: { began: number }): Log {
  const read: Log['read'] = (place, deliver, failed) => log.read(place, batch => {
    if (clock.began === 0) clock.began = performance.now()
    return deliver(batch)
  }, failed)
  return {
    read,
    extent: (topic, partition) => log.extent(topic, partition),
    send: records => log.send(records),
    committed: (group, topic) => log.committed(group, topic),
    own: request => log.own(request),
    offsetAt: (topic, partition, at) => log.offsetAt(topic, partition, at),
    trim: (topic, partition, before) => log.trim(topic, partition, before),
    sleep: ms => log.sleep(ms)
  }
}

async function byHand (clickhouse: ClickHouse, blocks: readonly Copy[]): Promise<number> {
  const lanes = Map.groupBy(blocks, ({ table }) => table)
  const began = performance.now()
  await Promise.all([...lanes.values()].map(async lane => {
    for (const block of lane) await clickhouse.insert(block)
  }))
  return (performance.now() - began) / 1000
}

async function check (clickhouse: ClickHouse, expected: Counts): Promise<void> {
  const [found] = await clickhouse.rows<{ fills: string, updates: string }>(
    'SELECT toString(count()) AS fills, (SELECT toString(count()) FROM order_updates_raw FINAL) AS updates FROM fills_raw FINAL')
  if (Number(found?.fills) !== expected.fills || Number(found?.updates) !== expected.updates) {
    throw new Error(`stored were ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  }
}

const end = (error: unknown): never => {
  console.error(error)
  process.exit(1)
}

process.once('disconnect', () => process.exit())
const context = await openContext(readConfig(process.env), 'bench-storing', end)
process.on('message', (round: StoreRound) => {
  store(context, round).then(stored => process.send?.(stored), end)
})
process.send?.('ready')
