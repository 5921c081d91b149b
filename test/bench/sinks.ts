// How fast the sinks store what is in the log, beside inserts of the very same blocks from memory.
//
//   ours    the sinks as `pipelines/main.ts sinks` runs them, on topics that hold all there is, from the first
//           records handed to one until the last block is acknowledged
//   plain   the blocks that the sinks inserted, same bytes, same tables, same client, a table's one after the other, as
//           sinks do, into a database of their own
//   read    the same records read with kafkajs and counted: no sink on that library can do without, and reading and
//           inserting one after the other is what the second line stands beside

import { connectClickHouse, type ClickHouse, type EncodedBlock } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { KafkaLog } from '../../pipelines/runtime/kafka/kafka-log.ts'
import { deleteTopics, provideTopics } from '../../pipelines/runtime/kafka/topics.ts'
import type { Log } from '../../pipelines/runtime/log.ts'
import { runSinks } from '../../pipelines/sinks/run-sinks.ts'
import { topics } from '../../schemas/topics.ts'
import type { BenchOptions } from './bench.ts'
import { openProducer, produce, RawConsumer, sendsOf } from './raw.ts'
import { provideFor, record, recordedFlow, type Recorded } from './recorded.ts'
import { median, type BenchRow } from './row.ts'
import { inWorld, type World } from './world.ts'

type Stored = { readonly seconds: number, readonly rows: number }
type Round = { readonly ours: Stored, readonly plain: Stored, readonly readSeconds: number }

export async function sinks (options: BenchOptions): Promise<BenchRow[]> {
  const messages = options.small ? 2000 : 200_000
  const rounds = options.small ? 1 : 3
  const flow = recordedFlow(messages)
  const taken: Round[] = []
  const counts = await inWorld(options, provideFor(flow), async world => {
    const recorded = await record(world.context, flow)
    await fill(world, recorded)
    const expected = countsOf(recorded)
    for (let round = 1; round <= rounds; round++) {
      const { blocks, ...ours } = await inDatabase(world, `ours_${round}`, click => bySinks(world, { click, round, expected }))
      const plain = await inDatabase(world, `plain_${round}`, click => byHand(click, blocks))
      const readSeconds = await reading(world, expected)
      taken.push({ ours, plain, readSeconds })
      options.progress(`round ${round}: ${ours.rows} rows in ${ours.seconds.toFixed(2)} s; ` +
        `plain ${plain.seconds.toFixed(2)} s, reading ${readSeconds.toFixed(2)} s`)
    }
    return expected
  })
  const conditions = `${counts.fills} fills and ${counts.updates} order updates of flash1, already in the log, with the candles ` +
    `they make, but no book deltas, of which there are no rows; ${rounds} rounds, in turns`
  return [
    {
      name: 'sinks',
      beside: 'plain inserts',
      ...compared(taken, ({ plain }) => plain.seconds, options.small ? null : 0.7),
      conditions: `${conditions}; beside: the blocks that the sinks made, from memory`
    },
    {
      name: 'sinks, reading beside',
      beside: 'kafkajs, then inserts',
      ...compared(taken, ({ plain, readSeconds }) => plain.seconds + readSeconds, null),
      conditions: `${conditions}; beside: kafkajs reads the same records and counts them, then the same blocks are inserted`
    }
  ]
}

function compared (rounds: readonly Round[], besideSeconds: (round: Round) => number, goal: number | null) {
  const rate = (seconds: (round: Round) => number): number =>
    Math.round(median(rounds.map(round => round.ours.rows / seconds(round))))
  const ratio = median(rounds.map(round => besideSeconds(round) / round.ours.seconds))
  return {
    unit: 'rows/s',
    value: rate(({ ours }) => ours.seconds),
    besideValue: rate(besideSeconds),
    ratio: Number(ratio.toFixed(3)),
    goal,
    ok: goal === null || ratio >= goal
  }
}

type Counts = { readonly fills: number, readonly updates: number }

function countsOf ({ outputs }: Recorded): Counts {
  const count = (name: string): number => outputs.filter(({ topic }) => topic === name).length
  return { fills: count(topics.fills.name), updates: count(topics.orderUpdates.name) }
}

async function fill ({ context }: World, { outputs }: Recorded): Promise<void> {
  const producer = await openProducer(context.kafka)
  await produce(producer, sendsOf(outputs.filter(({ topic }) => topic !== topics.bookDeltas.name), context.topic))
  await producer.disconnect()
}

/** With the tables of the market, and gone afterwards. */
async function inDatabase<Result> (
  { context: { config } }: World, name: string, work: (clickhouse: ClickHouse) => Promise<Result>
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

type Copy = EncodedBlock & { readonly rows: number }
type Run = { readonly click: ClickHouse, readonly round: number, readonly expected: Counts }

async function bySinks (world: World, { click, round, expected }: Run): Promise<Stored & { blocks: Copy[] }> {
  const { context } = world
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
  return { seconds: (ended - clock.began) / 1000, rows: rowsOf(blocks), blocks }
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

async function byHand (clickhouse: ClickHouse, blocks: readonly Copy[]): Promise<Stored> {
  const lanes = Map.groupBy(blocks, ({ table }) => table)
  const began = performance.now()
  await Promise.all([...lanes.values()].map(async lane => {
    for (const block of lane) await clickhouse.insert(block)
  }))
  return { seconds: (performance.now() - began) / 1000, rows: rowsOf(blocks) }
}

async function reading ({ context }: World, { fills, updates }: Counts): Promise<number> {
  const names = [topics.fills.name, topics.orderUpdates.name].map(context.topic)
  const consumer = await RawConsumer.open(context.kafka, names)
  const began = performance.now()
  await consumer.until(fills + updates)
  const seconds = (performance.now() - began) / 1000
  await consumer.close()
  return seconds
}

const rowsOf = (blocks: readonly Copy[]): number => blocks.reduce((sum, { rows }) => sum + rows, 0)

async function check (clickhouse: ClickHouse, expected: Counts): Promise<void> {
  const [found] = await clickhouse.rows<{ fills: string, updates: string }>(
    'SELECT toString(count()) AS fills, (SELECT toString(count()) FROM order_updates_raw FINAL) AS updates FROM fills_raw FINAL')
  if (Number(found?.fills) !== expected.fills || Number(found?.updates) !== expected.updates) {
    throw new Error(`stored were ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  }
}
