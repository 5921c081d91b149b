// A new sweep period: what the ledger held for in an earlier one is not for sale any more. It is on its way to
// Consumption, but for what issuers have not sold of their own units.

import { closeAlone } from './cancel.ts'
import type { Matching } from './matching.ts'
import { passed } from './outcomes.ts'
import type { Tape } from './tape.ts'

/** Cancels what earlier periods left for sale, in the order of ids; then the ledger hears that they are closed. */
export function sweep (state: Matching, tape: Tape): void {
  const { book, instrumentId } = state
  for (const orderId of leftForSale(state)) {
    const slot = book.find(orderId)
    if (slot === 0) continue // It went with its other leg.
    closeAlone(state, slot, passed.swept, tape)
  }
  if (instrumentId !== null) tape.periodClosed()
}

// The only walk through a side's orders that time brings about: once a period.
function leftForSale (state: Matching): number[] {
  const { book, book: { orders }, stops } = state
  const ids: number[] = []
  const collect = (slots: Iterable<number>): void => {
    for (const slot of slots) if (isOver(state, slot)) ids.push(orders.orderId(slot))
  }
  collect(book.inPriority('sell'))
  collect(stops.byAge())
  return ids.sort((a, b) => a - b)
}

/** What nobody stamped is of no period, and stays. */
function isOver ({ book: { orders }, period }: Matching, slot: number): boolean {
  const stamp = orders.period(slot)
  return stamp !== 0 && stamp < period && orders.isSell(slot) && !orders.isIssuer(slot)
}
