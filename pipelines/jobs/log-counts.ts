// What the log says of tables that are counted by buckets (analytics/audit-counted.ts): kept as sums, added to record
// by record.

import { bucketSize, type Buckets, type Counted, type CountedTable } from '../../analytics/audit-counted.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { MeterEvent, UnbilledUsage } from '../../schemas/usage/records.ts'
import type { Named } from '../runtime/stage.ts'

/** Which record it is: its source's number, or of commands their offset under the empty source. */
export type Numbered = { readonly source: string, readonly sequence: number }

type Sum = { -readonly [Name in keyof Counted]: Counted[Name] }

export class LogCounts {
  readonly #sums = new Map<string, Map<number, Sum>>()
  readonly #omitting = new Set<string>()

  /** True of a source of which something is not stored, so that its numbers have gaps in the tables. */
  omits (source: string): boolean {
    return this.#omitting.has(source)
  }

  of (table: CountedTable, source: string): Buckets {
    return this.#sums.get(`${table} ${source}`) ?? new Map<number, Counted>()
  }

  /** What a record leaves in the tables that are counted. */
  add (value: Named, record: Numbered): void {
    switch (value.kind) {
      case 'order-update':
      case 'order-state':
      case 'command-outcome':
        this.#count('order_updates', record, 1, 0n)
        break
      case 'authorization-state':
        this.#omitting.add(record.source)
        break
      case 'journal-entry':
        this.#countEntry(value as Named & JournalEntry, record)
        break
      case 'meter-event': {
        const { inputTokens, outputTokens } = value as Named & MeterEvent
        this.#count('meter_events', record, 1, BigInt(inputTokens) + BigInt(outputTokens))
        break
      }
      case 'unbilled-usage':
        this.#count('unbilled_usage', record, 1, BigInt((value as Named & UnbilledUsage).tokens))
    }
  }

  #countEntry ({ lots, usage }: JournalEntry, record: Numbered): void {
    let cost = 0n
    for (const { tokens, price } of lots) cost += BigInt(tokens) * BigInt(price)
    if (lots.length > 0) this.#count('lot_changes', record, lots.length, cost)
    if (usage !== null) this.#count('usage_receipts', record, 1, BigInt(usage.billed))
  }

  #count (table: CountedTable, { source, sequence }: Numbered, rows: number, amount: bigint): void {
    const key = `${table} ${source}`
    const buckets = this.#sums.get(key) ?? new Map<number, Sum>()
    this.#sums.set(key, buckets)
    const bucket = Math.floor(sequence / bucketSize)
    const sum = buckets.get(bucket) ?? { rows: 0, sequences: 0n, amount: 0n }
    buckets.set(bucket, sum)
    sum.rows += rows
    sum.sequences += BigInt(sequence) * BigInt(rows)
    sum.amount += amount
  }
}
