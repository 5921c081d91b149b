// An order enters the book, as a new one or at a new price: it trades what it can, then rests or closes.

import { match, outcomeOfRemainder } from './match.ts'
import type { Matching } from './matching.ts'
import { amended, placed } from './outcomes.ts'
import { sayLevel, sayLevels } from './outputs.ts'
import { crosses } from './refusals.ts'
import type { Tape } from './tape.ts'

/** The tick of an order that stands at none. */
export const nowhere = 0

/** The worst tick an order may trade at. A market order never trades beyond the band, however far its price reaches. */
export function limitOf (state: Matching, slot: number): number {
  const { orders } = state.book
  const ticks = orders.ticks(slot)
  if (!orders.isMarket(slot)) return ticks
  return orders.isSell(slot) ? Math.max(ticks, state.edgeLow) : Math.min(ticks, state.edgeHigh)
}

/** The order's slot is not in the book; afterwards it is, or it is free. `before`: the tick it stood at until now. */
export function enter (state: Matching, slot: number, before: number, tape: Tape): void {
  const { book, book: { orders } } = state
  const isSell = orders.isSell(slot)
  const limit = limitOf(state, slot)
  const outcomes = before === nowhere ? placed : amended
  const stopped = crosses(book, isSell, limit) && match(state, slot, limit, tape)
  let now = nowhere
  if (!stopped && orders.rests(slot) && orders.leaves(slot) > 0) {
    book.rest(slot)
    now = orders.ticks(slot)
    tape.update(orders, slot, orders.filled(slot) === 0 ? outcomes.resting : outcomes.partlyFilled)
  } else {
    if (stopped) tape.update(orders, slot, outcomes.selfTrade)
    else if (orders.leaves(slot) === 0) tape.update(orders, slot, outcomes.filled)
    else tape.update(orders, slot, outcomeOfRemainder(book, slot, outcomes))
    orders.free(slot)
  }
  if (before !== nowhere || state.taken.length !== 0) sayLevels(state, { isSell, before, now }, tape)
  else if (now !== nowhere) sayLevel(state, isSell, now, tape)
}
