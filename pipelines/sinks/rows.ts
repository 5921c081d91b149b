// A record → a row, one pure function a table. Here the vocabulary of the records becomes that of the tables.
//
// A row holds nothing but what its record says and where the record lies, so that the same record makes the same row
// whoever writes it, whenever.

import type { DeadLetterRow, FillRow, OrderUpdateRow } from '../../analytics/tables.ts'
import type { Fill, OrderUpdate } from '../../schemas/matching/records.ts'
import type { DeadLetter } from '../runtime/dead-letters.ts'
import type { Origin } from '../runtime/origin.ts'

/** Where in its topic a record lies. */
export type LogPosition = { readonly partition: number, readonly offset: number }

export function fillRow (fill: Fill, position: LogPosition): FillRow {
  return {
    instrument_id: fill.instrumentId,
    sequence: fill.sequence,
    matched_at: fill.matchedAt,
    taker_side: fill.takerSide,
    price: fill.price,
    quantity: fill.quantity,
    maker_order_id: fill.makerOrderId,
    taker_order_id: fill.takerOrderId,
    maker_holder: fill.makerHolder,
    taker_holder: fill.takerHolder,
    log_partition: position.partition,
    log_offset: position.offset
  }
}

export function orderUpdateRow (update: OrderUpdate, position: LogPosition, origin: Origin): OrderUpdateRow {
  return {
    holder: update.holder,
    updated_at: update.at,
    order_id: update.orderId,
    instrument_id: update.instrumentId,
    cause: update.cause,
    is_refused: update.refused,
    status: update.status,
    reason: update.reason,
    side: update.side,
    price: update.price,
    quantity: update.quantity,
    filled_quantity: update.filledQuantity,
    filled_notional: update.filledNotional,
    origin_source: origin.source,
    origin_offset: origin.offset,
    origin_index: origin.index,
    origin_sequence: origin.sequence,
    log_partition: position.partition,
    log_offset: position.offset
  }
}

export function deadLetterRow (letter: DeadLetter, position: LogPosition): DeadLetterRow {
  return {
    topic: letter.topic,
    topic_partition: letter.partition,
    topic_offset: letter.offset,
    reader: letter.reader,
    reason: letter.reason,
    detail: letter.detail,
    key_base64: base64(letter.key),
    value_base64: base64(letter.value),
    accepted_at: letter.at,
    log_partition: position.partition,
    log_offset: position.offset
  }
}

function base64 (bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
