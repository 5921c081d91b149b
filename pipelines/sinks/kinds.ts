// The sinks of the market: which topic goes to which table, through which fold.

import {
  commandOutcomesTable, journalTable, orderStatesTable,
  type CommandOutcomeRow, type JournalRow, type OrderStateRow
} from '../../analytics/ledger-tables.ts'
import {
  candlesTable, deadLettersTable, fillsTable, orderUpdatesTable,
  type CandleRow, type DeadLetterRow, type FillRow, type OrderUpdateRow
} from '../../analytics/tables.ts'
import type { CommandOutcome, JournalEntry, OrderState } from '../../schemas/ledger/records.ts'
import type { Fill, OrderUpdate } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import type { DeadLetter } from '../runtime/dead-letters.ts'
import type { Named } from '../runtime/stage.ts'
import { CandleFold } from './candles.ts'
import type { SinkKind } from './fold.ts'
import { commandOutcomeRow, journalRow, orderStateRow } from './ledger-rows.ts'
import { deadLetterRow, fillRow, orderUpdateRow } from './rows.ts'

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

export const orderStatesSink: SinkKind<OrderStateRow> = {
  name: 'sink-order-updates',
  reads: topics.orderUpdates.name,
  kind: 'order-state',
  table: orderStatesTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      rows.add(orderStateRow(value as Named & OrderState, { partition, offset }, origin))
    }
  })
}

export const commandOutcomesSink: SinkKind<CommandOutcomeRow> = {
  name: 'sink-order-updates',
  reads: topics.orderUpdates.name,
  kind: 'command-outcome',
  table: commandOutcomesTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      rows.add(commandOutcomeRow(value as Named & CommandOutcome, { partition, offset }, origin))
    }
  })
}

export const journalSink: SinkKind<JournalRow> = {
  name: 'sink-journal',
  reads: topics.ledgerEntries.name,
  kind: 'journal-entry',
  table: journalTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      rows.add(journalRow(value as Named & JournalEntry, { partition, offset }, origin))
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
