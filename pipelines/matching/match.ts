// A taker meets the other side: best level first, within a level the oldest first, at the maker's price.
//
// The taker's slot holds its numbers while it matches, but is not in the book. Each maker it touches leaves the book
// or ends the match, so no maker is met twice and each has one update.

import type { Microdollars, Units } from '../../schemas/units.ts'
import { type Book, noBuy, noSell } from './book.ts'
import { affordable } from './budget.ts'
import { close, leave, part } from './close.ts'
import { spendGrant, trimGrant } from './grants.ts'
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
  const hasBudget = orders.hasBudget(slot)
  while (orders.leaves(slot) > 0) {
    const ticks = isSell ? book.bestBuy : book.bestSell
    if (isSell ? ticks < limit : ticks > limit) return false
    if (hasBudget) {
      orders.setLeaves(slot, affordable(orders, slot, ticks * state.tickSize))
      if (orders.leaves(slot) === 0) return false
    }
    if (orders.owner(book.head(ticks)) === owner) {
      if (preventSelfTrade(state, slot, tape)) return true
      continue
    }
    trade(state, slot, tape)
    // The edges are those of the step's start: its own trades don't move the band under it.
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
  const { book, tickSize } = state
  const { orders } = book
  const isSell = orders.isSell(taker)
  const ticks = isSell ? book.bestBuy : book.bestSell
  const maker = book.head(ticks)
  const buyer = isSell ? maker : taker
  const quantity = Math.min(orders.leaves(maker), orders.leaves(taker)) as Units
  const price = ticks * tickSize as Microdollars
  const grant = spendGrant(orders, buyer, quantity * price)
  book.fill(maker, quantity, price)
  orders.fill(taker, quantity, price)
  trimGrant(orders, buyer, tickSize)
  state.noteTaken(ticks)
  state.recordTrade({ price, quantity, takerSide: isSell ? 'sell' : 'buy', at: state.now })
  const row = tape.fill(orders, { maker, taker, sequence: ++state.fillSequence, quantity, grant })
  const isFilled = orders.leaves(maker) === 0
  const outcome = isFilled ? matched.filled : matched.partlyFilled
  tape.update(orders, maker, outcome, row)
  if (isFilled) leave(state, maker, outcome, tape)
  else if (orders.hasMore(maker)) part(state, maker, outcome, tape)
}

/** The oldest order of the best level is the taker's owner's: the taker's mode says who gives way. */
function preventSelfTrade (state: Matching, taker: number, tape: Tape): Stopped {
  const { book } = state
  const { orders } = book
  const ticks = orders.isSell(taker) ? book.bestBuy : book.bestSell
  const maker = book.head(ticks)
  const mode = orders.mode(taker)
  // What an order by notional has left is money: there is nothing that both could lose.
  if (mode === 'cancel_newest' || (mode === 'decrement_and_cancel' && orders.hasBudget(taker))) return true
  state.noteTaken(ticks)
  if (mode === 'decrement_and_cancel') return decrement(state, maker, taker, tape)
  close(state, maker, matched.selfTrade, tape)
  return mode === 'cancel_both'
}

/** Both lose the smaller of what they have left. Who is emptied by it closes, with the total it had. */
function decrement (state: Matching, maker: number, taker: number, tape: Tape): Stopped {
  const { book, book: { orders } } = state
  const ofMaker = orders.leaves(maker)
  const ofTaker = orders.leaves(taker)
  if (ofMaker <= ofTaker) {
    close(state, maker, matched.selfTrade, tape)
  } else {
    book.reduce(maker, ofMaker - ofTaker)
    trimGrant(orders, maker, state.tickSize)
    tape.update(orders, maker, orders.filled(maker) === 0 ? matched.resting : matched.partlyFilled)
  }
  if (ofTaker <= ofMaker) return true
  orders.setLeaves(taker, ofTaker - ofMaker)
  trimGrant(orders, taker, state.tickSize)
  return false
}
