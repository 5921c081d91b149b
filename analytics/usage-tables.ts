// The tables of lots and of what requests take: a row of each, and how it is laid down in RowBinary (as in tables.ts).

import { emittedColumns, writeEmitted, type Emitted } from './ledger-tables.ts'
import type { Table } from './tables.ts'

/** Enum8 as the migration numbers it. */
const changeNumber = { opened: 1, drawn: 2, expired: 3, regranted: 4 } as const

export type LotChangeRow = Emitted & {
  readonly holder: number
  readonly lot_id: number
  readonly entry_sequence: number
  readonly change_index: number
  readonly instrument_id: string
  readonly change: keyof typeof changeNumber
  readonly tokens: number
  readonly price: number
  readonly trade_sequence: number
  readonly sweep_period: number
  readonly opened_at: number
  readonly expires_at: number
  readonly grant_cost: number
  readonly entry_type: string
  readonly reference: string
  readonly booked_at: number
}

export const lotChangesTable: Table<LotChangeRow> = {
  name: 'lot_changes_raw',
  columns: [
    'holder', 'lot_id', 'entry_sequence', 'change_index', 'instrument_id', 'change', 'tokens', 'price',
    'trade_sequence', 'sweep_period', 'opened_at', 'expires_at', 'grant_cost', 'entry_type', 'reference', 'booked_at',
    ...emittedColumns
  ],
  write (to, row) {
    to.int64(row.holder)
    to.int64(row.lot_id)
    to.uint64(row.entry_sequence)
    to.int32(row.change_index)
    to.name(row.instrument_id)
    to.byte(changeNumber[row.change])
    to.int64(row.tokens)
    to.int64(row.price)
    to.uint64(row.trade_sequence)
    to.int64(row.sweep_period)
    to.int64(row.opened_at)
    to.int64(row.expires_at)
    to.int64(row.grant_cost)
    to.name(row.entry_type)
    to.string(row.reference)
    to.int64(row.booked_at)
    writeEmitted(to, row)
  }
}

export type UsageReceiptRow = Emitted & {
  readonly holder: number
  readonly entry_sequence: number
  readonly booked_at: number
  readonly instrument_id: string
  readonly request_id: string
  readonly request_sequence: number
  readonly source: string
  readonly event_id: string
  readonly supplier: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly billed_tokens: number
  readonly held_tokens: number
  readonly authorized_at: number
  readonly occurred_at: number
  readonly drawn_lots: number
  readonly cost_picodollars: bigint
  readonly key_id: string
  /** 0: lots were drawn. */
  readonly managed_price: number
}

export const usageReceiptsTable: Table<UsageReceiptRow> = {
  name: 'usage_receipts_raw',
  columns: [
    'holder', 'entry_sequence', 'booked_at', 'instrument_id', 'request_id', 'request_sequence', 'source', 'event_id',
    'supplier', 'input_tokens', 'output_tokens', 'billed_tokens', 'held_tokens', 'authorized_at', 'occurred_at',
    'drawn_lots', 'cost_picodollars', 'key_id', 'managed_price', ...emittedColumns
  ],
  write (to, row) {
    to.int64(row.holder)
    to.uint64(row.entry_sequence)
    to.int64(row.booked_at)
    to.name(row.instrument_id)
    to.string(row.request_id)
    to.int64(row.request_sequence)
    to.string(row.source)
    to.string(row.event_id)
    to.int64(row.supplier)
    to.int64(row.input_tokens)
    to.int64(row.output_tokens)
    to.int64(row.billed_tokens)
    to.int64(row.held_tokens)
    to.int64(row.authorized_at)
    to.int64(row.occurred_at)
    to.int32(row.drawn_lots)
    to.int128(row.cost_picodollars)
    to.string(row.key_id)
    to.int64(row.managed_price)
    writeEmitted(to, row)
  }
}

/** What others send is written as it is: text as text, since its words are not few. */
export type MeterEventRow = {
  readonly holder: number
  readonly accepted_at: number
  readonly source: string
  readonly event_id: string
  readonly instrument_id: string
  readonly request_id: string
  readonly request_sequence: number
  readonly nonce: string
  readonly phase: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly more_tokens: number
  readonly supplier: number
  readonly fault: string
  readonly reason: string
  readonly occurred_at: number
  readonly log_partition: number
  readonly log_offset: number
}

export const meterEventsTable: Table<MeterEventRow> = {
  name: 'meter_events_raw',
  columns: [
    'holder', 'accepted_at', 'source', 'event_id', 'instrument_id', 'request_id', 'request_sequence', 'nonce', 'phase',
    'input_tokens', 'output_tokens', 'more_tokens', 'supplier', 'fault', 'reason', 'occurred_at', 'log_partition',
    'log_offset'
  ],
  write (to, row) {
    to.int64(row.holder)
    to.int64(row.accepted_at)
    to.string(row.source)
    to.string(row.event_id)
    to.string(row.instrument_id)
    to.string(row.request_id)
    to.int64(row.request_sequence)
    to.string(row.nonce)
    to.name(row.phase)
    to.int64(row.input_tokens)
    to.int64(row.output_tokens)
    to.int64(row.more_tokens)
    to.int64(row.supplier)
    to.string(row.fault)
    to.string(row.reason)
    to.int64(row.occurred_at)
    to.int32(row.log_partition)
    to.int64(row.log_offset)
  }
}

export type UnbilledUsageRow = Emitted & {
  readonly holder: number
  readonly told_at: number
  readonly instrument_id: string
  readonly request_id: string
  readonly request_sequence: number
  readonly source: string
  readonly event_id: string
  readonly supplier: number
  readonly tokens: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly reason: string
}

export const unbilledUsageTable: Table<UnbilledUsageRow> = {
  name: 'unbilled_usage_raw',
  columns: [
    'holder', 'told_at', 'instrument_id', 'request_id', 'request_sequence', 'source', 'event_id', 'supplier', 'tokens',
    'input_tokens', 'output_tokens', 'reason', ...emittedColumns
  ],
  write (to, row) {
    to.int64(row.holder)
    to.int64(row.told_at)
    to.string(row.instrument_id)
    to.string(row.request_id)
    to.int64(row.request_sequence)
    to.string(row.source)
    to.string(row.event_id)
    to.int64(row.supplier)
    to.int64(row.tokens)
    to.int64(row.input_tokens)
    to.int64(row.output_tokens)
    to.name(row.reason)
    writeEmitted(to, row)
  }
}
