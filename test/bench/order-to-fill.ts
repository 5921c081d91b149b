// How fast orders go through Kafka and matching and come back as fills, order updates and book deltas, beside kafkajs
// moving the same records and doing nothing with them.
//
//   ours    this process sends the orders and reads all that is emitted; `matching` runs in a process of its own
//   floor   this process sends the orders while another reads them; then it sends what matching emitted, while the
//           other reads that. Two processes that overlap, as ours; the time is that of both phases.
//   alone   one process sends the orders, reads them, sends what was emitted, reads that: the sum of the four
//
// In all three kafkajs itself sends and reads here, the same records, made beforehand: same bytes, headers and order.

import { createHash } from 'node:crypto'
import { readStretch } from '../../pipelines/runtime/read.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { topics } from '../../schemas/topics.ts'
import type { BenchOptions } from './bench.ts'
import { handOver, recordsIn, timed } from './hand-over.ts'
import { openProducer, produce, RawConsumer, sendsOf } from './raw.ts'
import { provideFor, record, recordedFlow, type Recorded } from './recorded.ts'
import { median, type BenchRow } from './row.ts'
import { inWorld, matcher, type World } from './world.ts'

const emitted = [topics.fills, topics.orderUpdates, topics.bookDeltas].map(({ name }) => name)
const ordersOnly = [topics.orders.name]

export async function orderToFill (options: BenchOptions): Promise<BenchRow[]> {
  const messages = options.small ? 2000 : 200_000
  const rounds = options.small ? 1 : 3
  const flow = recordedFlow(messages)
  const open = <Result>(work: (world: World) => Promise<Result>): Promise<Result> =>
    inWorld(options, provideFor(flow), work)
  const recorded = await open(({ context }) => record(context, flow))
  const seconds: { ours: number, floor: number, alone: number }[] = []
  for (let round = 1; round <= rounds; round++) {
    const ours = await open(world => throughMatching(world, recorded))
    const floor = await open(world => byTwo(world, recorded))
    const alone = await open(world => byOne(world, recorded))
    seconds.push({ ours, floor, alone })
    options.progress(`round ${round}: ${ours.toFixed(2)} s; kafkajs: two processes ${floor.toFixed(2)} s, one ${alone.toFixed(2)} s`)
  }
  const conditions = `flash1, first ${messages} messages (${recorded.inputs.length} records with clocks), ` +
    `${recorded.outputs.length} records emitted, each equal to that of a machine in this process; ${rounds} rounds, in turns`
  const rate = (arm: 'ours' | 'floor' | 'alone'): number => Math.round(median(seconds.map(each => messages / each[arm])))
  const row = (arm: 'floor' | 'alone', goal: number | null): Omit<BenchRow, 'name' | 'beside' | 'conditions'> => {
    const ratio = median(seconds.map(each => each[arm] / each.ours))
    const [value, besideValue] = [rate('ours'), rate(arm)]
    return { unit: 'orders/s', value, besideValue, ratio: Number(ratio.toFixed(3)), goal, ok: goal === null || ratio >= goal }
  }
  return [
    {
      name: 'order to fill',
      beside: 'kafkajs, two processes',
      ...row('floor', options.small ? null : 0.5),
      conditions: `${conditions}; beside: one sends while the other reads, the orders, then what was emitted`
    },
    {
      name: 'order to fill, one process beside',
      beside: 'kafkajs, one process',
      ...row('alone', null),
      conditions: `${conditions}; beside: sends, reads, sends, reads, one after the other`
    }
  ]
}

async function throughMatching (world: World, { inputs, outputs }: Recorded): Promise<number> {
  const { context, supervisor } = world
  await supervisor.start(matcher(world, 'matching'))
  const producer = await openProducer(context.kafka)
  const consumer = await RawConsumer.open(context.kafka, emitted.map(context.topic))
  try {
    const sends = sendsOf(inputs, context.topic)
    const seconds = await timed(async () => {
      await Promise.all([produce(producer, sends), consumer.until(outputs.length)])
    })
    await compare(world, outputs)
    return seconds
  } finally {
    await Promise.all([producer.disconnect(), consumer.close()])
  }
}

async function byTwo (world: World, { inputs, outputs }: Recorded): Promise<number> {
  const { context: { topic } } = world
  const orders = await handOver(world, inputs, ordersOnly.map(topic))
  return orders + await handOver(world, outputs, emitted.map(topic))
}

async function byOne (world: World, { inputs, outputs }: Recorded): Promise<number> {
  const { context } = world
  let seconds = 0
  for (const [records, names] of [[inputs, ordersOnly], [outputs, emitted]] as const) {
    const there = await recordsIn(context, names.map(context.topic))
    const producer = await openProducer(context.kafka)
    const sends = sendsOf(records, context.topic)
    seconds += await timed(() => produce(producer, sends))
    await producer.disconnect()
    const consumer = await RawConsumer.open(context.kafka, names.map(context.topic))
    seconds += await timed(() => consumer.until(records.length + there))
    await consumer.close()
  }
  return seconds
}

/** What was emitted is what had to be, record by record: partitions, keys, values. */
async function compare ({ context }: World, expected: readonly Outgoing[]): Promise<void> {
  for (const [place, records] of Map.groupBy(expected, ({ topic, partition }) => `${topic} ${partition}`)) {
    const [name = '', partition] = place.split(' ')
    const found = createHash('sha256')
    const due = createHash('sha256')
    const at = { topic: context.topic(name), partition: Number(partition) }
    const { end } = await context.log.extent(at.topic, at.partition)
    await readStretch(context.log, { ...at, from: 0, until: end }, batch => {
      for (const { key, value } of batch) found.update(key!).update(value!)
      return Promise.resolve()
    })
    for (const { key, value } of records) due.update(key!).update(value!)
    if (end !== records.length || found.digest('hex') !== due.digest('hex')) {
      throw new Error(`${at.topic}/${at.partition} holds ${end} records that are not the ${records.length} expected`)
    }
  }
}
