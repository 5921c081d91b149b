// The sinks of the market: which topic goes to which table, through which fold.

import {
  candlesTable, deadLettersTable, fillsTable, orderUpdatesTable,
  type CandleRow, type DeadLetterRow, type FillRow, type OrderUpdateRow, type Table
} from '../../analytics/tables.ts'
import type { Fill, OrderUpdate } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import type { DeadLetter } from '../runtime/dead-letters.ts'
import type { Named } from '../runtime/stage.ts'
import { CandleFold } from './candles.ts'
import { deadLetterRow, fillRow, orderUpdateRow } from './rows.ts'
import type { Fold } from './sink.ts'

/** What sets one sink apart from the others. */
export type SinkKind<Row> = {
  readonly name: string
  readonly reads: string
  readonly kind: string
  readonly table: Table<Row>
  readonly fold: () => Fold<Row>
  readonly takesAnonymous?: boolean
}

export const fillsSink: SinkKind<FillRow> = {
  name: 'sink-fills',
  reads: topics.fills.name,
  kind: 'fill',
  table: fillsTable,
  fold: () => ({
    add: ({ value, partition, offset }, rows) => { rows.add(fillRow(value as Named & Fill, { partition, offset })) }
  })
}

export const candlesSink: SinkKind<CandleRow> = {
  name: 'sink-candles',
  reads: topics.fills.name,
  kind: 'fill',
  table: candlesTable,
  fold: () => {
    const fold = new CandleFold()
    return {
      add: ({ value, offset }) => fold.apply(value as Named & Fill, offset) && fold.boundary === offset,
      finish: rows => { for (const row of fold.take()) rows.add(row) }
    }
  }
}

export const orderUpdatesSink: SinkKind<OrderUpdateRow> = {
  name: 'sink-order-updates',
  reads: topics.orderUpdates.name,
  kind: 'order-update',
  table: orderUpdatesTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      rows.add(orderUpdateRow(value as Named & OrderUpdate, { partition, offset }, origin))
    }
  })
}

/** Deltas are for streams, and are kept for a day; nothing is stored of them, but what can't be read is set aside. */
export const bookDeltasCheck: SinkKind<never> = {
  name: 'check-book-deltas',
  reads: topics.bookDeltas.name,
  kind: 'book-delta',
  table: { name: 'nothing', columns: [], write: () => {} },
  fold: () => ({ add: () => undefined })
}

export const deadLettersSink: SinkKind<DeadLetterRow> = {
  name: 'sink-dead-letters',
  reads: topics.deadLetters.name,
  kind: 'dead-letter',
  table: deadLettersTable,
  takesAnonymous: true,
  fold: () => ({
    add: ({ value, partition, offset }, rows) => { rows.add(deadLetterRow(value as DeadLetter, { partition, offset })) }
  })
}
