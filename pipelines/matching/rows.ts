// What the rows of a tape mean: eight numbers each, of which the first tells the kind, the side, and what else there is
// to say (of an order's: its outcome).

import type { InstrumentId, Instant } from '../../schemas/units.ts'

export const rowKind = {
  /** sequence, price, quantity, maker, taker, their holders; a `grant` row follows where there is a grant. */
  fill: 0,
  /** order, holder, price, quantity, filled quantity, filled notional. */
  update: 1,
  /** The first level of a book delta: price, quantity, orders, sequence. */
  delta: 2,
  /** A further level, likewise. */
  change: 3,
  /** As an update, of an order that the ledger holds for; then the row its fills begin at. A `more` row follows. */
  outcome: 4,
  /** stop price, expiry; 0: none. */
  more: 5,
  /** How much of the fill before it grant money pays. */
  grant: 6,
  /** price. */
  reference: 7,
  /** the period that was entered. */
  period: 8
} as const

export const kindBits = 15
export const sellBit = 16
export const outcomeShift = 5

/** Of an outcome without fills: no row of any is before it. */
export const noLegs = -1

/** What can be read off a tape. */
export type Said = {
  readonly count: number
  readonly at: Instant
  /** The sweep period that all of it is stamped with. */
  readonly period: number
  /** The partition's instrument; a refused command may name another, `asked`. */
  readonly listed: InstrumentId
  readonly asked: InstrumentId
  number (row: number, place: number): number
}
