// Inserts again what ClickHouse has lost: the log is read anew through the sink's own fold. Too much is harmless, since
// every row replaces itself; so what is missing only says which partitions to read and which rows to keep.

import type { ClickHouse } from '../../analytics/client.ts'
import type { Range } from '../../analytics/ranges.ts'
import { Block, type CandleRow, type FillRow } from '../../analytics/tables.ts'
import type { MeterEventRow } from '../../analytics/usage-tables.ts'
import { Undecodable } from '../../schemas/codec.ts'
import { topicOf } from '../../schemas/topics.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import { readStretch } from '../runtime/read.ts'
import type { Named } from '../runtime/stage.ts'
import type { Fold, SinkKind } from '../sinks/fold.ts'
import { identityOf } from '../sinks/identity.ts'
import {
  candlesSink, commandOutcomesSink, fillsSink, journalSink, orderStatesSink, orderUpdatesSink
} from '../sinks/kinds.ts'
import { blockRowsMax } from '../sinks/sink.ts'
import { lotChangesSink, meterEventsSink, unbilledUsageSink, usageReceiptsSink } from '../sinks/usage-kinds.ts'
import { MarksFrom } from './marks-from.ts'
import type { Missing } from './differences.ts'

export type RefillContext = {
  readonly log: Log
  readonly clickhouse: ClickHouse
  readonly topic: (name: string) => string
  readonly read: (value: Buffer | null) => Named | Promise<Named>
  /** Which partition of fills holds an instrument. */
  readonly partitionOf: (instrument: InstrumentId) => number
}

const lies = (ranges: readonly Range[], first: number, last = first): boolean =>
  ranges.some(range => first <= range.last && last >= range.first)

/** Returns how many rows were inserted. */
export async function refill (context: RefillContext, missing: readonly Missing[]): Promise<number> {
  let rows = 0
  for (const lost of missing) rows += await refillOne(context, lost)
  return rows
}

async function refillOne (context: RefillContext, lost: Missing): Promise<number> {
  const { ranges } = lost
  switch (lost.table) {
    case 'fills': {
      const keeps = (row: FillRow): boolean => lies(ranges, row.sequence)
      return await new Refill(context, fillsSink, keeps).run(context.partitionOf(lost.instrumentId))
    }
    case 'candles': {
      const keeps = (row: CandleRow): boolean =>
        row.resolution === lost.base && lies(ranges, row.first_sequence, row.last_sequence)
      return await new Refill(context, candlesSink, keeps).run(context.partitionOf(lost.instrumentId))
    }
    case 'order_updates':
      return await refillEmitted(context, orderUpdatesSink, lost) +
        await refillEmitted(context, orderStatesSink, lost) + await refillEmitted(context, commandOutcomesSink, lost)
    case 'journal_entries':
      return await refillEmitted(context, journalSink, lost)
    case 'lot_changes':
      return await refillEmitted(context, lotChangesSink, lost)
    case 'usage_receipts':
      return await refillEmitted(context, usageReceiptsSink, lost)
    case 'unbilled_usage':
      return await refillEmitted(context, unbilledUsageSink, lost)
    case 'meter_events': {
      const keeps = (row: MeterEventRow): boolean => lies(ranges, row.log_offset)
      return await new Refill(context, meterEventsSink, keeps).run(lost.source.partition)
    }
  }
}

type Emitted = { readonly origin_source: string, readonly origin_sequence: number }

/** Rows that are told by who emitted them. */
async function refillEmitted<Row extends Emitted> (
  context: RefillContext, kind: SinkKind<Row>, { source, ranges }: Extract<Missing, { source: unknown }>
): Promise<number> {
  const keeps = (row: Row): boolean => row.origin_source === source.source && lies(ranges, row.origin_sequence)
  return await new Refill(context, kind, keeps).run(source.partition)
}

/** A block that keeps only some of what is added to it. */
class Sieve<Row> extends Block<Row> {
  readonly #keeps: (row: Row) => boolean

  constructor (kind: SinkKind<Row>, keeps: (row: Row) => boolean) {
    super(kind.table)
    this.#keeps = keeps
  }

  override add (row: Row): void {
    if (this.#keeps(row)) super.add(row)
  }
}

/** One pass over one partition. */
class Refill<Row> {
  readonly #context: RefillContext
  readonly #kind: SinkKind<Row>
  readonly #fold: Fold<Row>
  readonly #block: Sieve<Row>
  readonly #carries: readonly string[]
  #marks = new MarksFrom(0)
  #rows = 0

  constructor (context: RefillContext, kind: SinkKind<Row>, keeps: (row: Row) => boolean) {
    this.#context = context
    this.#kind = kind
    this.#fold = kind.fold()
    this.#block = new Sieve(kind, keeps)
    this.#carries = topicOf(kind.reads).records
  }

  async run (partition: number): Promise<number> {
    const { log } = this.#context
    const topic = this.#context.topic(this.#kind.reads)
    const { start, end } = await log.extent(topic, partition)
    this.#marks = new MarksFrom(start)
    await readStretch(log, { topic, partition, from: start, until: end }, async batch => {
      for (const record of batch) {
        await this.#add(record, partition)
        if (this.#block.rows >= blockRowsMax) await this.#flush()
      }
    })
    await this.#flush()
    return this.#rows
  }

  async #add (record: LogRecord, partition: number): Promise<void> {
    const origin = identityOf(record, true, this.#kind)
    if (origin === null) return
    const { offset, timestamp } = record
    try {
      const value = await this.#context.read(record.value)
      if (!this.#carries.includes(value.kind)) return
      if (origin.sequence > 0 && this.#marks.see(origin) !== 'new') return
      if (value.kind !== this.#kind.kind) return
      this.#fold.add({ value, origin, partition, offset, timestamp }, this.#block)
    } catch (error) {
      // What can't be decoded was a dead letter the first time.
      if (!(error instanceof Undecodable)) throw error
    }
  }

  async #flush (): Promise<void> {
    this.#fold.finish?.(this.#block)
    if (this.#block.rows > 0) await this.#context.clickhouse.insert(this.#block)
    this.#rows += this.#block.rows
    this.#block.clear()
  }
}
