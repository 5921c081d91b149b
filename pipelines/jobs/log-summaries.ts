// What the log says that ClickHouse must hold: read once, kept as sums, and continued from there at each run.

import type { Fill } from '../../schemas/matching/records.ts'
import { topicOf, topics } from '../../schemas/topics.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import { Undecodable } from '../../schemas/codec.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import { Marks, readOrigin, type Origin } from '../runtime/origin.ts'
import { Positions } from '../runtime/positions.ts'
import { readStretch } from '../runtime/read.ts'
import type { Named } from '../runtime/stage.ts'
import { candlesSink, fillsSink, orderUpdatesSink } from '../sinks/kinds.ts'
import type { FillsInLog, LogSummaries, LogSummary, UpdatesInLog } from './reconcile.ts'

export type SummariesContext = {
  readonly log: Log
  readonly topic: (name: string) => string
  readonly read: (value: Buffer | null) => Named | Promise<Named>
}

/** Sums over one partition of fills, or marks over one of order updates, up to an offset. */
type Sums = {
  next: number
  readonly marks: Marks
  readonly fills: Map<InstrumentId, { last: number, quantity: bigint, notional: bigint }>
}

export class KafkaSummaries implements LogSummaries {
  readonly #context: SummariesContext
  readonly #sums = new Map<string, Sums>()

  constructor (context: SummariesContext) {
    this.#context = context
  }

  async summarize (): Promise<LogSummary> {
    const fills: FillsInLog[] = []
    const orderUpdates: UpdatesInLog[] = []
    for (const { sums } of await this.#continue(topics.fills.name, [fillsSink.name, candlesSink.name])) {
      for (const [instrumentId, { last, quantity, notional }] of sums.fills) {
        fills.push({ instrumentId, first: 1, last, quantity, notional })
      }
    }
    for (const { partition, sums } of await this.#continue(topics.orderUpdates.name, [orderUpdatesSink.name])) {
      for (const [source, last] of sums.marks.entries()) orderUpdates.push({ source, partition, first: 1, last })
    }
    return { fills, orderUpdates }
  }

  // Up to where every one of the sinks has stored: what is on its way is not missing.
  async #continue (name: string, sinks: readonly string[]): Promise<{ partition: number, sums: Sums }[]> {
    const { log, topic } = this.#context
    const partitions = Array.from({ length: topicOf(name).partitions }, (_, partition) => partition)
    const snapshots = { topic: topic(topics.snapshots.name), partitions: topics.snapshots.partitions }
    const positions = sinks.map(sink => new Positions(log, { ...snapshots, name: sink }))
    return await Promise.all(partitions.map(async partition => {
      const standings = await Promise.all(positions.map(sink => sink.read(topic(name), partition)))
      const until = Math.min(...standings.map(({ position }) => position))
      const sums = await this.#read(topic(name), partition, until)
      return { partition, sums }
    }))
  }

  async #read (topic: string, partition: number, until: number): Promise<Sums> {
    const key = `${topic}/${partition}`
    const sums = this.#sums.get(key) ?? { next: 0, marks: new Marks(), fills: new Map() }
    this.#sums.set(key, sums)
    const { start } = await this.#context.log.extent(topic, partition)
    await readStretch(this.#context.log, { topic, partition, from: Math.max(start, sums.next), until }, async batch => {
      for (const record of batch) await this.#add(sums, record)
    })
    sums.next = Math.max(sums.next, until)
    return sums
  }

  // As a sink reads: what is no record of ours, and what was seen before, does not count.
  async #add (sums: Sums, record: LogRecord): Promise<void> {
    const origin = record.headers.origin === undefined ? null : readOrigin(record.headers.origin)
    if (origin === null) return
    const value = await this.#value(record, origin)
    if (value === undefined || sums.marks.see(origin) !== 'new' || value.kind !== 'fill') return
    const { instrumentId, sequence, price, quantity } = value as Named & Fill
    const sum = sums.fills.get(instrumentId) ?? { last: 0, quantity: 0n, notional: 0n }
    sums.fills.set(instrumentId, sum)
    sum.last = sequence
    sum.quantity += BigInt(quantity)
    sum.notional += BigInt(price) * BigInt(quantity)
  }

  async #value ({ value }: LogRecord, { source }: Origin): Promise<Named | undefined> {
    try {
      const read = await this.#context.read(value)
      return read.kind === 'fill' || read.kind === 'order-update' ? read : undefined
    } catch (error) {
      if (error instanceof Undecodable) return undefined
      throw new Error(`a record from ${source} can't be read`, { cause: error })
    }
  }
}
