// The tables of what the ledger says: a row of each, and how it is laid down in RowBinary (as in tables.ts).

import type { Side } from '../schemas/units.ts'
import type { RowBinary } from './row-binary.ts'
import type { Table } from './tables.ts'

/** Where a record came from, and where it lies. */
export type Emitted = {
  readonly origin_source: string
  readonly origin_offset: number
  readonly origin_index: number
  readonly origin_sequence: number
  readonly log_partition: number
  readonly log_offset: number
}

export const emittedColumns = [
  'origin_source', 'origin_offset', 'origin_index', 'origin_sequence', 'log_partition', 'log_offset'
] as const

export function writeEmitted (to: RowBinary, row: Emitted): void {
  to.name(row.origin_source)
  to.int64(row.origin_offset)
  to.int32(row.origin_index)
  to.uint64(row.origin_sequence)
  to.int32(row.log_partition)
  to.int64(row.log_offset)
}

/** Enum8 as the migrations number it. */
const sideNumber = { none: 0, buy: 1, sell: 2 } as const
const roleNumber = { none: 0, maker: 1, taker: 2 } as const

export type OrderStateRow = Emitted & {
  readonly holder: number
  readonly order_id: number
  readonly sequence: number
  readonly instrument_id: string
  readonly cause: string
  /** Empty: none; as of the next, and of the client's id. */
  readonly refusal: string
  readonly status: string
  readonly closure_reason: string
  readonly client_order_id: string
  readonly side: Side
  readonly order_type: string
  readonly time_in_force: string
  readonly is_post_only: boolean
  readonly is_reduce_only: boolean
  readonly is_auto_transfer: boolean
  readonly price: number | null
  readonly stop_price: number | null
  readonly quantity: number
  readonly notional: number | null
  readonly filled_quantity: number
  readonly filled_notional: number
  readonly fee: number
  readonly held_amount: number
  readonly other_leg: number
  readonly expires_at: number | null
  readonly submitted_at: number
  readonly accepted_at: number
  readonly changed_at: number
  readonly closed_at: number | null
}

export const orderStatesTable: Table<OrderStateRow> = {
  name: 'order_states_raw',
  columns: [
    'holder', 'order_id', 'sequence', 'instrument_id', 'cause', 'refusal', 'status', 'closure_reason', 'client_order_id',
    'side', 'order_type', 'time_in_force', 'is_post_only', 'is_reduce_only', 'is_auto_transfer', 'price', 'stop_price',
    'quantity', 'notional', 'filled_quantity', 'filled_notional', 'fee', 'held_amount', 'other_leg', 'expires_at',
    'submitted_at', 'accepted_at', 'changed_at', 'closed_at', ...emittedColumns
  ],
  write (to, row) {
    to.int64(row.holder)
    to.int64(row.order_id)
    to.uint64(row.sequence)
    to.name(row.instrument_id)
    to.name(row.cause)
    to.name(row.refusal)
    to.name(row.status)
    to.name(row.closure_reason)
    to.string(row.client_order_id)
    to.byte(sideNumber[row.side])
    to.name(row.order_type)
    to.name(row.time_in_force)
    to.byte(row.is_post_only ? 1 : 0)
    to.byte(row.is_reduce_only ? 1 : 0)
    to.byte(row.is_auto_transfer ? 1 : 0)
    to.nullableInt64(row.price)
    to.nullableInt64(row.stop_price)
    to.int64(row.quantity)
    to.nullableInt64(row.notional)
    to.int64(row.filled_quantity)
    to.int64(row.filled_notional)
    to.int64(row.fee)
    to.int64(row.held_amount)
    to.int64(row.other_leg)
    to.nullableInt64(row.expires_at)
    to.int64(row.submitted_at)
    to.int64(row.accepted_at)
    to.int64(row.changed_at)
    to.nullableInt64(row.closed_at)
    writeEmitted(to, row)
  }
}

export type CommandOutcomeRow = Emitted & {
  readonly holder: number
  readonly decided_at: number
  readonly command: string
  /** Empty: none. */
  readonly refusal: string
  readonly order_id: number
  readonly order_count: number
  readonly reference: string
}

export const commandOutcomesTable: Table<CommandOutcomeRow> = {
  name: 'command_outcomes_raw',
  columns: ['holder', 'decided_at', 'command', 'refusal', 'order_id', 'order_count', 'reference', ...emittedColumns],
  write (to, row) {
    to.int64(row.holder)
    to.int64(row.decided_at)
    to.name(row.command)
    to.name(row.refusal)
    to.int64(row.order_id)
    to.int64(row.order_count)
    to.string(row.reference)
    writeEmitted(to, row)
  }
}

export type JournalRow = Emitted & {
  readonly holder: number
  readonly sequence: number
  readonly booked_at: number
  readonly entry_type: string
  readonly reference: string
  /** Empty: none. */
  readonly instrument_id: string
  /** Of the postings, in their order; as the next three. */
  readonly accounts: readonly string[]
  readonly holders: readonly number[]
  readonly assets: readonly string[]
  readonly amounts: readonly number[]
  readonly cost: number
  readonly order_id: number
  readonly trade_sequence: number
  readonly side: Side | 'none'
  readonly role: keyof typeof roleNumber
  readonly price: number
  readonly quantity: number
  readonly fee: number
  readonly grant_notional: number
  readonly sweep_period: number
}

export const journalTable: Table<JournalRow> = {
  name: 'journal_entries_raw',
  columns: [
    'holder', 'sequence', 'booked_at', 'entry_type', 'reference', 'instrument_id', 'accounts', 'holders', 'assets',
    'amounts', 'cost', 'order_id', 'trade_sequence', 'side', 'role', 'price', 'quantity', 'fee', 'grant_notional',
    'sweep_period', ...emittedColumns
  ],
  write (to, row) {
    to.int64(row.holder)
    to.uint64(row.sequence)
    to.int64(row.booked_at)
    to.name(row.entry_type)
    to.string(row.reference)
    to.name(row.instrument_id)
    to.array(row.accounts, writeName)
    to.array(row.holders, writeInt64)
    to.array(row.assets, writeName)
    to.array(row.amounts, writeInt64)
    to.int64(row.cost)
    to.int64(row.order_id)
    to.uint64(row.trade_sequence)
    to.byte(sideNumber[row.side])
    to.byte(roleNumber[row.role])
    to.int64(row.price)
    to.int64(row.quantity)
    to.int64(row.fee)
    to.int64(row.grant_notional)
    to.int64(row.sweep_period)
    writeEmitted(to, row)
  }
}

const writeName = (to: RowBinary, value: string): void => { to.name(value) }
const writeInt64 = (to: RowBinary, value: number): void => { to.int64(value) }
