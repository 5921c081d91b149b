// How fast the sinks store what is in the log, beside inserts of the very same blocks from memory.
//
//   ours    the sinks as `pipelines/main.ts sinks` runs them, on topics that hold all there is, from the first
//           records handed to one until the last block is acknowledged
//   plain   the blocks that the sinks inserted, same bytes, same tables, same client, same process, a table's one after
//           the other, as sinks do, into a database of their own
//   read    the same records read with kafkajs and counted, in a process that has nothing of ours: no sink on that
//           library as it is can do without, and reading and inserting one after the other is what the second line
//           stands beside

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Flow } from '../../pipelines/replay/flow.ts'
import { topics } from '../../schemas/topics.ts'
import type { BenchOptions } from './bench.ts'
import { openProducer, produce, sendsOf } from './raw.ts'
import type { ReadRound } from './raw-reading.ts'
import { provideFor, record, recordedFlow } from './recorded.ts'
import { median, type BenchRow } from './row.ts'
import type { Counts, Stored, StoreRound } from './storing.ts'
import { inWorld, type World } from './world.ts'

type Round = Stored & { readonly readSeconds: number }

export async function sinks (options: BenchOptions): Promise<BenchRow[]> {
  const messages = options.small ? 2000 : 1_000_000
  const rounds = options.small ? 1 : 3
  const flow = recordedFlow(messages)
  const taken: Round[] = []
  const counts = await inWorld(options, provideFor(flow), async world => {
    const expected = await fill(world, flow)
    const storing = await Child.start<StoreRound, Stored>(world, 'storing.ts')
    const reading = await Child.start<ReadRound, number>(world, 'raw-reading.ts')
    const toRead = { topics: stored.map(world.context.topic), count: expected.fills + expected.updates }
    // The round before the first warms all of them up.
    for (let round = 0; round <= rounds; round++) {
      const { oursSeconds, plainSeconds, rows } = await storing.ask({ round, expected })
      const readSeconds = await reading.ask(toRead)
      if (round > 0) taken.push({ oursSeconds, plainSeconds, rows, readSeconds })
      options.progress(`round ${round}: ${rows} rows in ${oursSeconds.toFixed(2)} s; ` +
        `plain ${plainSeconds.toFixed(2)} s, reading ${readSeconds.toFixed(2)} s`)
    }
    storing.end()
    reading.end()
    return expected
  })
  const conditions = `${counts.fills} fills and ${counts.updates} order updates of flash1, already in the log, with the candles ` +
    'they make, but no book deltas, of which there are no rows; processes that have done the same once before; ' +
    `${rounds} rounds, in turns`
  return [
    {
      name: 'sinks',
      beside: 'plain inserts',
      ...compared(taken, ({ plainSeconds }) => plainSeconds, options.small ? null : 0.7),
      conditions: `${conditions}; beside: the blocks that the sinks made, from memory`
    },
    {
      name: 'sinks, reading beside',
      beside: 'kafkajs, then inserts',
      ...compared(taken, ({ plainSeconds, readSeconds }) => plainSeconds + readSeconds, null),
      conditions: `${conditions}; beside: kafkajs reads the same records and counts them, then the same blocks are inserted`
    }
  ]
}

function compared (rounds: readonly Round[], besideSeconds: (round: Round) => number, goal: number | null) {
  const rate = (seconds: (round: Round) => number): number =>
    Math.round(median(rounds.map(round => round.rows / seconds(round))))
  const ratio = median(rounds.map(round => besideSeconds(round) / round.oursSeconds))
  return {
    unit: 'rows/s',
    value: rate(({ oursSeconds }) => oursSeconds),
    besideValue: rate(besideSeconds),
    ratio: Number(ratio.toFixed(3)),
    goal,
    ok: goal === null || ratio >= goal
  }
}

const stored: readonly string[] = [topics.fills.name, topics.orderUpdates.name]

/** All that matching makes of the flow, but for what no table is made of. */
async function fill ({ context }: World, flow: Flow): Promise<Counts> {
  const { outputs } = await record(context, flow)
  const producer = await openProducer(context.kafka)
  await produce(producer, sendsOf(outputs.filter(({ topic }) => stored.includes(topic)), context.topic))
  await producer.disconnect()
  const count = (name: string): number => outputs.filter(({ topic }) => topic === name).length
  return { fills: count(topics.fills.name), updates: count(topics.orderUpdates.name) }
}

/** A process of this folder that answers questions. */
class Child<Question extends object, Answer> {
  readonly #process: ReturnType<typeof fork>
  readonly #ended: Promise<never>

  private constructor (process: ReturnType<typeof fork>, name: string) {
    this.#process = process
    this.#ended = once(process, 'exit').then(([status]) => { throw new Error(`${name} ended with ${String(status)}`) })
    this.#ended.catch(() => {}) // It is met by who asks, if anybody does.
  }

  static async start<Question extends object, Answer> ({ env }: World, name: string): Promise<Child<Question, Answer>> {
    const child = new Child<Question, Answer>(fork(join(import.meta.dirname, name), { env }), name)
    await child.#message()
    return child
  }

  async ask (question: Question): Promise<Answer> {
    this.#process.send(question)
    return await this.#message() as Answer
  }

  async #message (): Promise<unknown> {
    const [message] = await Promise.race([once(this.#process, 'message'), this.#ended]) as [unknown]
    return message
  }

  /** It ends by itself as well when this process is gone. */
  end (): void {
    this.#process.disconnect()
  }
}
