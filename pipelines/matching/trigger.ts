// Stops wait outside the book for a last trade at or beyond their price. One at a time: each runs whole, and what it
// trades may reach more, before the next. While the instrument doesn't trade they wait on, reached or not.

import { enter, triggered } from './enter.ts'
import type { Matching } from './matching.ts'
import type { Tape } from './tape.ts'
import { watchExpiry } from './expiry.ts'

export function triggerReached (state: Matching, tape: Tape): void {
  const { stops } = state
  while (state.isTrading && state.lastTrade !== null) {
    const slot = stops.reached(state.lastTrade.price, state.tickSize)
    if (slot === 0) return
    tape.step()
    stops.remove(slot)
    state.book.forget(slot)
    state.book.orders.trigger(slot)
    enter(state, slot, triggered, tape)
  }
}

/** A stop is known by its id, and waits. */
export function wait (state: Matching, slot: number): void {
  state.book.wait(slot)
  state.stops.add(slot)
  watchExpiry(state, slot)
}
