// Tables whose sources leave gaps in them, since not all that is numbered makes a row, or one number makes several:
// what is stored, in buckets of numbers, to be held against the same of the log. A bucket that differs says where to
// look.

import type { ClickHouse } from './client.ts'
import { exact, query } from './query.ts'
import type { Range, UpdateSource } from './ranges.ts'

export const countedTable = [
  'order_updates', 'lot_changes', 'usage_receipts', 'meter_events', 'unbilled_usage'
] as const
/** `order_updates`: all tables that are made of the topic. */
export type CountedTable = typeof countedTable[number]

/** Of the rows of one bucket. */
export type Counted = {
  readonly rows: number
  readonly sequences: bigint
  /** Of what they say: picodollars of lots, tokens of usage; nothing of order updates. */
  readonly amount: bigint
}

/** By the number of the bucket. */
export type Buckets = ReadonlyMap<number, Counted>

/** How many numbers of a source are counted together, and inserted again together. */
export const bucketSize = 65_536

export const rangeOf = (bucket: number): Range => ({ first: bucket * bucketSize, last: (bucket + 1) * bucketSize - 1 })

type Asked = { readonly from: string, readonly source?: string, readonly sequence?: string, readonly amount: string }

const updates = ['order_updates', 'order_states', 'command_outcomes']
  .map(table => `SELECT origin_source, origin_sequence, log_partition FROM ${table}`).join(' UNION ALL ')

const asked: Readonly<Record<CountedTable, Asked>> = {
  order_updates: { from: updates, amount: 'toInt128(0)' },
  lot_changes: { from: 'SELECT * FROM lot_changes', amount: 'toInt128(tokens) * price' },
  usage_receipts: { from: 'SELECT * FROM usage_receipts', amount: 'toInt128(billed_tokens)' },
  // Told by where they lie: of whatever source the record may be.
  meter_events: {
    from: 'SELECT * FROM meter_events',
    source: '\'\'',
    sequence: 'log_offset',
    amount: 'toInt128(input_tokens) + output_tokens'
  },
  unbilled_usage: { from: 'SELECT * FROM unbilled_usage', amount: 'toInt128(tokens)' }
}

export type CountedAudit = {
  /** Of all sources at once, in their order: the table is read once for all. */
  counted (table: CountedTable, sources: readonly (UpdateSource & Range)[]): Promise<Buckets[]>
}

type Row = Record<'number' | 'bucket' | 'rows' | 'sequence_sum' | 'amount_sum', string>

export function countedAudit (clickHouse: ClickHouse): CountedAudit {
  return {
    async counted (table, sources) {
      const parameters = {
        bucket: bucketSize,
        sources: sources.map(({ source }) => source),
        partitions: sources.map(({ partition }) => partition),
        firsts: sources.map(({ first }) => first),
        lasts: sources.map(({ last }) => last)
      }
      const found = sources.map(() => new Map<number, Counted>())
      for (const row of await clickHouse.rows<Row>(countedSql(table), parameters)) {
        const counted = { rows: exact(row.rows), sequences: BigInt(row.sequence_sum), amount: BigInt(row.amount_sum) }
        found[exact(row.number)]!.set(exact(row.bucket), counted)
      }
      return found
    }
  }
}

function countedSql (table: CountedTable): string {
  const { from, source = 'origin_source', sequence = 'origin_sequence', amount } = asked[table]
  return query('audit-counted').replace('{sequence}', () => sequence).replace('{amount}', () => amount)
    .replace('{source}', () => source).replace('{from}', () => from)
}
