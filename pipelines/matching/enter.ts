// An order enters the book, as a new one or at a new price: it trades what it can, then rests or closes.

import { closureOfRemainder, match } from './match.ts'
import type { Matching } from './matching.ts'
import { amended, placed, taken } from './outcomes.ts'
import { sayLevel, sayLevels } from './outputs.ts'
import { crosses } from './refusals.ts'
import type { Tape } from './tape.ts'

export type Entry = {
  readonly slot: number
  readonly cause: 'place' | 'amend'
  /** The worst tick it may trade at. */
  readonly limit: number
  /** Whether what is left rests. */
  readonly rests: boolean
  /** Where it stood until now; 0 when it is new. */
  readonly before: number
}

/** The order's slot is not in the book; afterwards it is, or it is free. */
export function enter (state: Matching, entry: Entry, tape: Tape): void {
  const { book, book: { orders } } = state
  const { slot, cause, before } = entry
  const isSell = orders.isSell(slot)
  const outcomes = cause === 'place' ? placed : amended
  const stopped = crosses(book, isSell, entry.limit) && match(state, slot, entry.limit, tape)
  let now = 0
  if (!stopped && entry.rests && orders.leaves(slot) > 0) {
    book.rest(slot)
    now = orders.ticks(slot)
    tape.update(orders, slot, orders.filled(slot) === 0 ? outcomes.resting : outcomes.partlyFilled)
  } else {
    if (stopped) tape.update(orders, slot, outcomes.selfTrade)
    else if (orders.leaves(slot) === 0) tape.update(orders, slot, outcomes.filled)
    else tape.update(orders, slot, taken(cause, 'cancelled', closureOfRemainder(book, slot)))
    orders.free(slot)
  }
  if (before !== 0 || state.taken.length !== 0) sayLevels(state, { isSell, before, now }, tape)
  else if (now !== 0) sayLevel(state, isSell, now, tape)
}
