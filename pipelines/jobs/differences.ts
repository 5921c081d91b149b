// Ways in which ClickHouse is not what the log says, and what is to be inserted again.

import type { CountedTable } from '../../analytics/audit-counted.ts'
import type { Range, UpdateSource } from '../../analytics/ranges.ts'
import type { BaseResolution } from '../../analytics/tables.ts'
import type { InstrumentId } from '../../schemas/units.ts'

/** `order_updates`: all tables that are made of the topic. */
export type TableName = 'fills' | 'candles' | 'journal_entries' | CountedTable

export type Difference = {
  readonly table: TableName
  /** The instrument, with the width of a bar; or the source and partition of updates or entries. */
  readonly of: string
  /** `sequences`: of bars how many they say they hold, of all else the sum of their numbers. */
  readonly what: 'rows' | 'sequences' | 'quantity' | 'notional' | 'covered' | 'trades' | 'postings' | 'moved' | 'amount'
  readonly expected: bigint
  readonly found: bigint
}

type OfInstrument = { readonly instrumentId: InstrumentId, readonly ranges: readonly Range[] }
type OfSource = { readonly source: UpdateSource, readonly ranges: readonly Range[] }

export type Missing =
  | { readonly table: 'fills' } & OfInstrument
  | { readonly table: 'candles', readonly base: BaseResolution } & OfInstrument
  | { readonly table: 'journal_entries' | CountedTable } & OfSource
