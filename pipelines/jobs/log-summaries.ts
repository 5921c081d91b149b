// What the log says that ClickHouse must hold: read once, kept as sums, and continued from there at each run.

import { Undecodable } from '../../schemas/codec.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { topicOf, topics } from '../../schemas/topics.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import type { Origin } from '../runtime/origin.ts'
import { Positions } from '../runtime/positions.ts'
import { readStretch } from '../runtime/read.ts'
import type { Named } from '../runtime/stage.ts'
import { identityOf } from '../sinks/identity.ts'
import { candlesSink, fillsSink, journalSink, orderUpdatesSink } from '../sinks/kinds.ts'
import { meterEventsSink, unbilledUsageSink } from '../sinks/usage-kinds.ts'
import type { CountedInLog } from './counted.ts'
import { LogCounts } from './log-counts.ts'
import { MarksFrom } from './marks-from.ts'
import type { FillsInLog, JournalInLog, LogSummaries, LogSummary, UpdatesInLog } from './reconcile.ts'

export type SummariesContext = {
  readonly log: Log
  readonly topic: (name: string) => string
  readonly read: (value: Buffer | null) => Named | Promise<Named>
}

/** Over one partition of a topic, up to an offset. Of fills by instrument; of journal entries by source. */
type Sums = {
  readonly start: number
  next: number
  readonly counts: LogCounts
  readonly marks: MarksFrom
  readonly fills: Map<InstrumentId, { last: number, quantity: bigint, notional: bigint }>
  readonly journal: Map<string, { postings: number, moved: bigint }>
}

type Summed = { readonly partition: number, readonly sums: Sums }

export class KafkaSummaries implements LogSummaries {
  readonly #context: SummariesContext
  readonly #sums = new Map<string, Sums>()

  constructor (context: SummariesContext) {
    this.#context = context
  }

  async summarize (): Promise<LogSummary> {
    const fills: FillsInLog[] = []
    for (const { sums } of await this.#continue(topics.fills.name, [fillsSink.name, candlesSink.name])) {
      for (const [instrumentId, { last, quantity, notional }] of sums.fills) {
        fills.push({ instrumentId, first: 1, last, quantity, notional })
      }
    }
    const updated = await this.#continue(topics.orderUpdates.name, [orderUpdatesSink.name])
    const booked = await this.#continue(topics.ledgerEntries.name, [journalSink.name])
    const metered = await this.#continue(topics.usage.name, [meterEventsSink.name])
    const unbilled = await this.#continue(topics.reconciliation.name, [unbilledUsageSink.name])
    return {
      fills,
      orderUpdates: updated.flatMap(each => updates(each).filter(({ source }) => !each.sums.counts.omits(source))),
      journal: booked.flatMap(entries),
      counted: [
        ...updated.flatMap(each => counted('order_updates', each).filter(({ source }) => each.sums.counts.omits(source))),
        ...booked.flatMap(each => [...counted('lot_changes', each), ...counted('usage_receipts', each)]),
        ...metered.map(events),
        ...unbilled.flatMap(each => counted('unbilled_usage', each))
      ]
    }
  }

  // Up to where every one of the sinks has stored: what is on its way is not missing.
  async #continue (name: string, sinks: readonly string[]): Promise<Summed[]> {
    const { log, topic } = this.#context
    const partitions = Array.from({ length: topicOf(name).partitions }, (_, partition) => partition)
    const snapshots = { topic: topic(topics.snapshots.name), partitions: topics.snapshots.partitions }
    const positions = sinks.map(sink => new Positions(log, { ...snapshots, name: sink }))
    return await Promise.all(partitions.map(async partition => {
      const standings = await Promise.all(positions.map(sink => sink.read(topic(name), partition)))
      const until = Math.min(...standings.map(({ position }) => position))
      return { partition, sums: await this.#read(name, partition, until) }
    }))
  }

  async #read (name: string, partition: number, until: number): Promise<Sums> {
    const { log } = this.#context
    const topic = this.#context.topic(name)
    const key = `${topic}/${partition}`
    const { start } = await log.extent(topic, partition)
    const known = this.#sums.get(key)
    // What age took before it was read begins anew.
    const isWhole = known !== undefined && known.next >= start
    const sums = isWhole ? known : emptyFrom(start)
    this.#sums.set(key, sums)
    await readStretch(log, { topic, partition, from: sums.next, until }, async batch => {
      for (const record of batch) await this.#add(sums, record, name)
    })
    sums.next = Math.max(sums.next, until)
    return sums
  }

  // As a sink reads: what is no record of ours, and what was seen before, does not count.
  async #add (sums: Sums, record: LogRecord, name: string): Promise<void> {
    const carries: readonly string[] = topicOf(name).records
    const takesCommands = name === meterEventsSink.reads
    const origin = identityOf(record, true, { takesCommands })
    if (origin === null) return
    const value = await this.#value(record, origin)
    if (value === undefined || !carries.includes(value.kind)) return
    if (origin.sequence > 0 && sums.marks.see(origin) !== 'new') return
    sums.counts.add(value, takesCommands ? { source: '', sequence: record.offset } : origin)
    if (value.kind === 'fill') addFill(sums, value as Named & Fill)
    else if (value.kind === 'journal-entry') addEntry(sums, origin, value as Named & JournalEntry)
  }

  async #value ({ value }: LogRecord, { source }: Origin): Promise<Named | undefined> {
    try {
      return await this.#context.read(value)
    } catch (error) {
      if (error instanceof Undecodable) return undefined
      throw new Error(`a record from ${source} can't be read`, { cause: error })
    }
  }
}

function addFill (sums: Sums, { instrumentId, sequence, price, quantity }: Fill): void {
  const sum = sums.fills.get(instrumentId) ?? { last: 0, quantity: 0n, notional: 0n }
  sums.fills.set(instrumentId, sum)
  sum.last = sequence
  sum.quantity += BigInt(quantity)
  sum.notional += BigInt(price) * BigInt(quantity)
}

function addEntry (sums: Sums, { source }: Origin, { postings }: JournalEntry): void {
  const sum = sums.journal.get(source) ?? { postings: 0, moved: 0n }
  sums.journal.set(source, sum)
  sum.postings += postings.length
  for (const { amount } of postings) if (amount > 0) sum.moved += BigInt(amount)
}

const emptyFrom = (start: number): Sums => ({
  start, next: start, counts: new LogCounts(), marks: new MarksFrom(start), fills: new Map(), journal: new Map()
})

const updates = ({ partition, sums }: Summed): UpdatesInLog[] =>
  sums.marks.ranges().map(range => ({ ...range, partition }))

const entries = ({ partition, sums }: Summed): JournalInLog[] =>
  sums.marks.ranges().map(range => ({ ...range, partition, ...sums.journal.get(range.source)! }))

const counted = (table: CountedInLog['table'], { partition, sums }: Summed): CountedInLog[] =>
  sums.marks.ranges().map(range => ({ ...range, table, partition, buckets: sums.counts.of(table, range.source) }))

/** Of all that lies there, under the empty source: commands have no number but their offset. */
const events = ({ partition, sums: { start, next, counts } }: Summed): CountedInLog =>
  ({ table: 'meter_events', source: '', partition, first: start, last: next - 1, buckets: counts.of('meter_events', '') })
