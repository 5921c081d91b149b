// What a flow came to, read back from the topics as any reader would: repeats dropped by their origin, a gap an error.
//
//   An output names the input record it follows from, by offset; the input's own origin names the message. So outputs
//   of nine partitions find together again by message, whatever stood between two messages in the log.

import { topics } from '../../schemas/topics.ts'
import type { Fill, OrderUpdate } from '../../schemas/matching/records.ts'
import type { Context } from '../process/context.ts'
import type { FillsInLog, LogSummary, UpdatesInLog } from '../jobs/reconcile.ts'
import type { DeadLetter } from '../runtime/dead-letters.ts'
import { KafkaLog } from '../runtime/kafka/kafka-log.ts'
import type { LogRecord, Place } from '../runtime/log.ts'
import { Marks, readOrigin, sourceOf, type Origin } from '../runtime/origin.ts'
import type { Flow } from './flow.ts'
import { MessageMerge } from './message-merge.ts'
import { readStretch, type Take } from '../runtime/read.ts'
import { Reports } from './reports.ts'
import { flowSource } from './send-flow.ts'

export type ReadBack = {
  readonly reports: Reports
  readonly summary: LogSummary
  readonly deadLetters: number
}

/** How many messages one partition may be read ahead of another. */
const leadMax = 20_000

export async function readBack (context: Context, flow: Flow, partition: number): Promise<ReadBack> {
  const messages = await messagesByOffset(context, flow, partition)
  const reports = new Reports({ tickSize: flow.parameters.tickSize })
  const outputs = new Outputs(context, { partition, messages, reports })
  await outputs.read()
  return { reports, summary: outputs.summary(flow), deadLetters: await countLetters(context) }
}

/** Offset in the instrument's partition → the message that stands there first, or -1. */
async function messagesByOffset (context: Context, flow: Flow, partition: number): Promise<Int32Array> {
  const place = { topic: context.topic(topics.orders.name), partition }
  const { end } = await context.log.extent(place.topic, partition)
  const messages = new Int32Array(end).fill(-1)
  const source = flowSource(flow)
  const marks = new Marks()
  await readWhole(context, place, batch => {
    for (const record of batch) {
      const origin = record.headers.origin === undefined ? null : readOrigin(record.headers.origin)
      if (origin?.source === source && isNew(marks, record, place)) messages[record.offset] = origin.offset
    }
    return Promise.resolve()
  })
  return messages
}

type OutputOptions = { readonly partition: number, readonly messages: Int32Array, readonly reports: Reports }

class Outputs {
  readonly #context: Context
  readonly #options: OutputOptions
  readonly #source: string
  readonly #places: Place[]
  readonly #merge: MessageMerge
  readonly #marks: Marks[]
  #moved = Promise.withResolvers<undefined>()
  #quantity = 0n
  #notional = 0n

  constructor (context: Context, options: OutputOptions) {
    const { partition, reports } = options
    this.#context = context
    this.#options = options
    this.#source = sourceOf('matching', context.topic(topics.orders.name), partition)
    const updates = context.topic(topics.orderUpdates.name)
    const homes = Array.from({ length: topics.orderUpdates.partitions }, (_, home) => home)
    this.#places = [
      { topic: context.topic(topics.fills.name), partition },
      ...homes.map(home => ({ topic: updates, partition: home }))
    ]
    this.#marks = this.#places.map(() => new Marks())
    this.#merge = new MessageMerge(this.#places.length, (sequence, outputs) => { reports.add(sequence, outputs) })
  }

  async read (): Promise<void> {
    await Promise.all(this.#places.map(async (place, source) => {
      await readWhole(this.#context, place, async batch => {
        for (const record of batch) this.#add(source, record)
        this.#wake()
        while (this.#merge.lead(source) > leadMax) await this.#moved.promise
      })
      this.#merge.advance(source, Infinity)
      this.#wake()
    }))
  }

  #wake (): void {
    const moved = this.#moved
    this.#moved = Promise.withResolvers()
    moved.resolve(undefined)
  }

  #add (source: number, record: LogRecord): void {
    const place = this.#places[source]!
    const origin = record.headers.origin === undefined ? null : readOrigin(record.headers.origin)
    if (origin?.source !== this.#source || !isNew(this.#marks[source]!, record, place)) return
    const message = this.#options.messages[origin.offset] ?? -1
    if (message < 0) return
    const output = this.#context.binder.current.decode(record.value) as Fill | OrderUpdate
    if (output.kind === 'fill') {
      this.#quantity += BigInt(output.quantity)
      this.#notional += BigInt(output.price) * BigInt(output.quantity)
    }
    this.#merge.push(source, message, output)
  }

  /** By sequences, which have no gaps: the last is how many there are. */
  summary ({ parameters: { instrumentId } }: Flow): LogSummary {
    const source = this.#source
    const [fills = 0, ...updates] = this.#marks.map(marks => marks.last(source))
    const inLog: FillsInLog = {
      instrumentId, first: 1, last: fills, quantity: this.#quantity, notional: this.#notional
    }
    const orderUpdates = updates.map((last, partition): UpdatesInLog => ({ source, partition, first: 1, last }))
    return { fills: fills > 0 ? [inLog] : [], orderUpdates: orderUpdates.filter(({ last }) => last > 0), journal: [] }
  }
}

function isNew (marks: Marks, { offset, headers }: LogRecord, { topic, partition }: Place): boolean {
  const verdict = marks.see(readOrigin(headers.origin!)!)
  if (verdict === 'gap') {
    throw new Error(`${topic}/${partition}: at offset ${offset} records are missing before ${headers.origin!.toString()}`)
  }
  return verdict === 'new'
}

/** Every record of a partition with an origin, once. */
export async function readRecords (
  context: Context, place: Place, read: (record: LogRecord, origin: Origin) => void
): Promise<void> {
  const marks = new Marks()
  await readWhole(context, place, batch => {
    for (const record of batch) {
      const origin = record.headers.origin === undefined ? null : readOrigin(record.headers.origin)
      if (origin !== null && isNew(marks, record, place)) read(record, origin)
    }
    return Promise.resolve()
  })
}

// A connection of its own: a partition that has to wait for the others must not hold up theirs.
async function readWhole ({ kafka }: Context, place: Place, take: Take): Promise<void> {
  const log = new KafkaLog(kafka)
  try {
    const { start, end } = await log.extent(place.topic, place.partition)
    await readStretch(log, { ...place, from: start, until: end }, take)
  } finally {
    await log.close()
  }
}

/** How many records were set aside, each counted once a reader: whoever takes over from a dead leader says it again. */
export async function countLetters (context: Context): Promise<number> {
  const topic = context.topic(topics.deadLetters.name)
  const letters = new Set<string>()
  for (let partition = 0; partition < topics.deadLetters.partitions; partition++) {
    await readWhole(context, { topic, partition }, batch => {
      for (const { value } of batch) {
        const letter = context.binder.current.decode(value) as DeadLetter
        letters.add(`${letter.topic} ${letter.partition} ${letter.offset} ${letter.reader}`)
      }
      return Promise.resolve()
    })
  }
  return letters.size
}
