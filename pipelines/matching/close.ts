// How an order leaves for good: from its level, from the stops, or from a match it never left. Whatever leaves, its
// expiry goes with it, and so does its other leg: a pair is open together or not at all.

import type { Matching } from './matching.ts'
import { besides } from './outcomes.ts'
import type { Tape } from './tape.ts'

/** Closes an order that rests or waits; what is said of it is its state until now. */
export function close (state: Matching, slot: number, outcome: number, tape: Tape): void {
  tape.update(state.book.orders, slot, outcome)
  leave(state, slot, outcome, tape)
}

/** As `close`, of an order that rests or waits and of which everything is said. */
export function leave (state: Matching, slot: number, outcome: number, tape: Tape): void {
  const { orders } = state.book
  if (orders.hasMore(slot)) part(state, slot, outcome, tape)
  takeOut(state, slot)
  free(state, slot)
}

/** As `leave`, of a taker that stands nowhere. */
export function discard (state: Matching, slot: number, outcome: number, tape: Tape): void {
  if (state.book.orders.hasMore(slot)) part(state, slot, outcome, tape)
  free(state, slot)
}

/** An order closed or filled with this outcome: its other leg, if it has one, closes. */
export function part (state: Matching, slot: number, outcome: number, tape: Tape): void {
  const { orders } = state.book
  const other = orders.other(slot)
  if (other === 0) return
  orders.setOther(slot, 0)
  orders.setOther(other, 0)
  tape.update(orders, other, besides(outcome))
  if (!orders.waits(other)) state.beside.push({ ticks: orders.ticks(other), isSell: orders.isSell(other) })
  takeOut(state, other)
  free(state, other)
}

function takeOut ({ book, stops }: Matching, slot: number): void {
  if (book.orders.waits(slot)) {
    stops.remove(slot)
    book.forget(slot)
  } else {
    book.remove(slot)
  }
}

function free ({ book, expiries }: Matching, slot: number): void {
  if (expiries.count !== 0 && expiries.has(slot)) expiries.remove(slot)
  book.orders.free(slot)
}
