// An order enters the book: as a new one, at a new price, or because its stop triggered. It trades what it can, then
// rests or closes.

import { discard, part } from './close.ts'
import { watchExpiry } from './expiry.ts'
import { match, outcomeOfRemainder } from './match.ts'
import type { Matching } from './matching.ts'
import { type OutcomesOfCause, matched, placed } from './outcomes.ts'
import { sayLevel, sayLevels } from './outputs.ts'
import { crosses, isOutsideBand } from './refusals.ts'
import type { Tape } from './tape.ts'

/** The tick of an order that stands at none. */
export const nowhere = 0

/** What an order comes from: the tick it stood at until now, and the cause of what is said of it. */
export type Entry = { readonly before: number, readonly outcomes: OutcomesOfCause }

export const asNew: Entry = { before: nowhere, outcomes: placed }
export const triggered: Entry = { before: nowhere, outcomes: matched }

/** The worst tick an order may trade at. A market order never trades beyond the band, however far its price reaches. */
export function limitOf (state: Matching, slot: number): number {
  const { orders } = state.book
  const ticks = orders.ticks(slot)
  if (!orders.isMarket(slot)) return ticks
  return orders.isSell(slot) ? Math.max(ticks, state.edgeLow) : Math.min(ticks, state.edgeHigh)
}

/** The order's slot is not in the book; afterwards it is, or it is free. */
export function enter (state: Matching, slot: number, entry: Entry, tape: Tape): void {
  const { book, book: { orders } } = state
  const isSell = orders.isSell(slot)
  const { before, outcomes } = entry
  const limit = limitOf(state, slot)
  let now = nowhere
  if (entry === triggered && isBarred(state, slot)) {
    giveUp(state, slot, outcomes.noneMaxSlippage, tape)
  } else if (crosses(book, isSell, limit) && match(state, slot, limit, tape)) {
    giveUp(state, slot, outcomes.selfTrade, tape)
  } else if (orders.leaves(slot) === 0) {
    giveUp(state, slot, orders.filled(slot) === 0 ? outcomes.noneMaxSlippage : outcomes.filled, tape)
  } else if (orders.rests(slot)) {
    book.rest(slot)
    now = orders.ticks(slot)
    stay(state, slot, outcomes, tape)
  } else {
    giveUp(state, slot, outcomeOfRemainder(book, slot, outcomes), tape)
  }
  if (before !== nowhere || state.taken.length !== 0 || state.beside.length !== 0) {
    sayLevels(state, { isSell, before, now }, tape)
  } else if (now !== nowhere) {
    sayLevel(state, isSell, now, tape)
  }
}

/** A limit order that waited may find the band elsewhere; its price was no matter when it was placed. */
const isBarred = (state: Matching, slot: number): boolean => {
  const { orders } = state.book
  return !orders.isMarket(slot) && isOutsideBand(state, orders.ticks(slot), orders.isSell(slot))
}

function stay (state: Matching, slot: number, outcomes: OutcomesOfCause, tape: Tape): void {
  const { orders } = state.book
  const outcome = orders.filled(slot) === 0 ? outcomes.resting : outcomes.partlyFilled
  tape.update(orders, slot, outcome, tape.stepStart)
  if (!orders.hasMore(slot)) return
  watchExpiry(state, slot)
  if (orders.filled(slot) > 0) part(state, slot, outcome, tape)
}

// What is left of an order by notional is no quantity of its own: its total is what it filled.
function giveUp (state: Matching, slot: number, outcome: number, tape: Tape): void {
  const { orders } = state.book
  if (orders.hasBudget(slot)) orders.setLeaves(slot, 0)
  tape.update(orders, slot, outcome, tape.stepStart)
  discard(state, slot, outcome, tape)
}
