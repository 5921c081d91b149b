// The tables that sinks write: a row of each, and how it is laid down in RowBinary. Their meaning and their keys are
// told in migrations/; a test holds the columns here and the columns there together.

import type { Side } from '../schemas/units.ts'
import { RowBinary } from './row-binary.ts'
import type { EncodedBlock } from './client.ts'

export type Table<Row> = {
  readonly name: string
  readonly columns: readonly (keyof Row & string)[]
  /** Writes the columns in the order in which `columns` names them. */
  write (to: RowBinary, row: Row): void
}

export type FillRow = {
  readonly instrument_id: string
  readonly sequence: number
  readonly matched_at: number
  readonly taker_side: Side
  readonly price: number
  readonly quantity: number
  readonly maker_order_id: number
  readonly taker_order_id: number
  readonly maker_holder: number
  readonly taker_holder: number
  readonly log_partition: number
  readonly log_offset: number
}

/** Enum8 as the migrations number it. */
const sideNumber = { buy: 1, sell: 2 } as const

export const fillsTable: Table<FillRow> = {
  name: 'fills_raw',
  columns: [
    'instrument_id', 'sequence', 'matched_at', 'taker_side', 'price', 'quantity', 'maker_order_id', 'taker_order_id',
    'maker_holder', 'taker_holder', 'log_partition', 'log_offset'
  ],
  write (to, row) {
    to.name(row.instrument_id)
    to.uint64(row.sequence)
    to.int64(row.matched_at)
    to.byte(sideNumber[row.taker_side])
    to.int64(row.price)
    to.int64(row.quantity)
    to.int64(row.maker_order_id)
    to.int64(row.taker_order_id)
    to.int64(row.maker_holder)
    to.int64(row.taker_holder)
    to.int32(row.log_partition)
    to.int64(row.log_offset)
  }
}

export type OrderUpdateRow = {
  readonly holder: number
  readonly updated_at: number
  readonly order_id: number
  readonly instrument_id: string
  readonly cause: string
  readonly is_refused: boolean
  readonly status: string
  readonly reason: string | null
  readonly side: Side
  readonly price: number
  readonly quantity: number
  readonly filled_quantity: number
  readonly filled_notional: number
  readonly origin_source: string
  readonly origin_offset: number
  readonly origin_index: number
  readonly origin_sequence: number
  readonly log_partition: number
  readonly log_offset: number
}

export const orderUpdatesTable: Table<OrderUpdateRow> = {
  name: 'order_updates_raw',
  columns: [
    'holder', 'updated_at', 'order_id', 'instrument_id', 'cause', 'is_refused', 'status', 'reason', 'side', 'price',
    'quantity', 'filled_quantity', 'filled_notional', 'origin_source', 'origin_offset', 'origin_index',
    'origin_sequence', 'log_partition', 'log_offset'
  ],
  write (to, row) {
    to.int64(row.holder)
    to.int64(row.updated_at)
    to.int64(row.order_id)
    to.name(row.instrument_id)
    to.name(row.cause)
    to.byte(row.is_refused ? 1 : 0)
    to.name(row.status)
    to.name(row.reason ?? '')
    to.byte(sideNumber[row.side])
    to.int64(row.price)
    to.int64(row.quantity)
    to.int64(row.filled_quantity)
    to.int64(row.filled_notional)
    to.name(row.origin_source)
    to.int64(row.origin_offset)
    to.int32(row.origin_index)
    to.uint64(row.origin_sequence)
    to.int32(row.log_partition)
    to.int64(row.log_offset)
  }
}

export type DeadLetterRow = {
  readonly topic: string
  readonly topic_partition: number
  readonly topic_offset: number
  readonly reader: string
  readonly reason: string
  readonly detail: string
  readonly key_base64: string | null
  readonly value_base64: string | null
  readonly accepted_at: number
  readonly log_partition: number
  readonly log_offset: number
}

export const deadLettersTable: Table<DeadLetterRow> = {
  name: 'dead_letters_raw',
  columns: [
    'topic', 'topic_partition', 'topic_offset', 'reader', 'reason', 'detail', 'key_base64', 'value_base64',
    'accepted_at', 'log_partition', 'log_offset'
  ],
  write (to, row) {
    to.name(row.topic)
    to.int32(row.topic_partition)
    to.int64(row.topic_offset)
    to.name(row.reader)
    to.string(row.reason)
    to.string(row.detail)
    to.nullableString(row.key_base64)
    to.nullableString(row.value_base64)
    to.int64(row.accepted_at)
    to.int32(row.log_partition)
    to.int64(row.log_offset)
  }
}

/** The widths that are stored; every other bar is made of minutes when it is asked for. */
export type BaseResolution = '1s' | '1m'

export type CandleRow = {
  readonly instrument_id: string
  readonly resolution: BaseResolution
  /** Milliseconds, at the start of a second or a minute. */
  readonly bucket: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: bigint
  readonly notional: bigint
  readonly trades: number
  readonly first_sequence: number
  readonly last_sequence: number
}

const resolutionNumber = { '1s': 1, '1m': 2 } as const

export const candlesTable: Table<CandleRow> = {
  name: 'candles_raw',
  columns: [
    'instrument_id', 'resolution', 'bucket', 'open', 'high', 'low', 'close', 'volume', 'notional', 'trades',
    'first_sequence', 'last_sequence'
  ],
  write (to, row) {
    to.name(row.instrument_id)
    to.byte(resolutionNumber[row.resolution])
    to.dateTime(row.bucket)
    to.int64(row.open)
    to.int64(row.high)
    to.int64(row.low)
    to.int64(row.close)
    to.int128(row.volume)
    to.int128(row.notional)
    to.uint64(row.trades)
    to.uint64(row.first_sequence)
    to.uint64(row.last_sequence)
  }
}

/** Rows of one table, encoded as they come. Filled, inserted (again, if need be), cleared, and filled again. */
export class Block<Row> implements EncodedBlock {
  readonly table: string
  readonly columns: readonly string[]
  readonly #table: Table<Row>
  readonly #rowBinary = new RowBinary()
  #rows = 0

  constructor (table: Table<Row>) {
    this.table = table.name
    this.columns = table.columns
    this.#table = table
  }

  /** How many rows it holds. */
  get rows (): number {
    return this.#rows
  }

  add (row: Row): void {
    this.#table.write(this.#rowBinary, row)
    this.#rows += 1
  }

  bytes (): Buffer {
    return this.#rowBinary.bytes()
  }

  clear (): void {
    this.#rowBinary.clear()
    this.#rows = 0
  }
}
