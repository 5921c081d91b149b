// A taker meets the other side: best level first, within a level the oldest first, at the maker's price.
//
// The taker's slot holds its numbers while it matches, but is not in the book. Each maker it touches leaves the book
// or ends the match, so no maker is met twice and each has one update.

import assert from 'node:assert/strict'
import type { Microdollars, Units } from '../../schemas/units.ts'
import { type Book, noBuy, noSell } from './book.ts'
import type { Matching } from './matching.ts'
import { type OutcomesOfCause, matched } from './outcomes.ts'
import type { Tape } from './tape.ts'

/** True when an owner met itself and its taker may not go on. */
export type Stopped = boolean

/** Trades up to and including `limit`. What the taker has left is then in its slot. */
export function match (state: Matching, slot: number, limit: number, tape: Tape): Stopped {
  const { book, edgeLow, edgeHigh } = state
  const { orders } = book
  const isSell = orders.isSell(slot)
  const owner = orders.owner(slot)
  while (orders.leaves(slot) > 0) {
    const ticks = isSell ? book.bestBuy : book.bestSell
    if (isSell ? ticks < limit : ticks > limit) return false
    if (orders.owner(book.head(ticks)) === owner) {
      if (preventSelfTrade(state, slot, tape)) return true
      continue
    }
    trade(state, slot, tape)
    // The edges are those of the command's start: its own trades don't move the band under it.
    if (ticks >= edgeHigh || ticks <= edgeLow) state.pause()
  }
  return false
}

/** Why what is left of an order that can't rest is given up: nobody is there, or only beyond its limit. */
export function outcomeOfRemainder (book: Book, slot: number, outcomes: OutcomesOfCause): number {
  const isAlone = book.orders.isSell(slot) ? book.bestBuy === noBuy : book.bestSell === noSell
  if (book.orders.filled(slot) > 0) return isAlone ? outcomes.someNoLiquidity : outcomes.someMaxSlippage
  return isAlone ? outcomes.noneNoLiquidity : outcomes.noneMaxSlippage
}

/** With the oldest order of the best level. */
function trade (state: Matching, taker: number, tape: Tape): void {
  const { book } = state
  const { orders } = book
  const isSell = orders.isSell(taker)
  const ticks = isSell ? book.bestBuy : book.bestSell
  const maker = book.head(ticks)
  const quantity = Math.min(orders.leaves(maker), orders.leaves(taker)) as Units
  const price = ticks * state.tickSize as Microdollars
  const takerSide = isSell ? 'sell' : 'buy'
  assert(quantity > 0)
  book.fill(maker, quantity, price)
  orders.fill(taker, quantity, price)
  state.noteTaken(ticks)
  state.recordTrade({ price, quantity, takerSide, at: state.now })
  tape.fill(orders, { maker, taker }, ++state.fillSequence, quantity)
  if (orders.leaves(maker) > 0) tape.update(orders, maker, matched.partlyFilled)
  else close(state, maker, matched.filled, tape)
}

/** The oldest order of the best level is the taker's owner's: the taker's mode says who gives way. */
function preventSelfTrade (state: Matching, taker: number, tape: Tape): Stopped {
  const { book } = state
  const { orders } = book
  const ticks = orders.isSell(taker) ? book.bestBuy : book.bestSell
  const maker = book.head(ticks)
  const mode = orders.mode(taker)
  if (mode === 'cancel_newest') return true
  state.noteTaken(ticks)
  const ofMaker = orders.leaves(maker)
  const ofTaker = orders.leaves(taker)
  if (mode !== 'decrement_and_cancel') {
    close(state, maker, matched.selfTrade, tape)
    return mode === 'cancel_both'
  }
  // Both lose the smaller of what they have left. Who is emptied by it closes, with the total it had.
  if (ofMaker <= ofTaker) {
    close(state, maker, matched.selfTrade, tape)
  } else {
    book.reduce(maker, ofMaker - ofTaker)
    tape.update(orders, maker, orders.filled(maker) === 0 ? matched.resting : matched.partlyFilled)
  }
  if (ofTaker <= ofMaker) return true
  orders.setLeaves(taker, ofTaker - ofMaker)
  return false
}

/** Takes an order out of the book for good; what is said of it is its state until now. */
export function close (state: Matching, slot: number, outcome: number, tape: Tape): void {
  const { book } = state
  tape.update(book.orders, slot, outcome)
  book.remove(slot)
  book.orders.free(slot)
}
