// place-order: a new order trades, rests, or is refused.

import type { PlaceOrder } from '../../schemas/matching/records.ts'
import { enter } from './enter.ts'
import { reasonToKill } from './fill-or-kill.ts'
import type { Matching, Position } from './matching.ts'
import { taken } from './outcomes.ts'
import { refusePlace } from './outputs.ts'
import { refusalOfPlace } from './refusals.ts'
import type { Tape } from './tape.ts'

export function place (state: Matching, command: PlaceOrder, position: Position, tape: Tape): void {
  const refusal = refusalOfPlace(state, command, position)
  if (refusal !== null) {
    refusePlace(command, refusal, tape)
    return
  }
  const { book } = state
  const ticks = command.price / state.tickSize
  const slot = book.orders.open(command, ticks)
  const limit = command.type === 'market' ? protectedLimit(state, ticks, command.side === 'sell') : ticks
  if (command.timeInForce === 'fok') {
    const reason = reasonToKill(book, slot, limit)
    if (reason !== null) {
      tape.update(book.orders, slot, taken('place', 'cancelled', reason))
      book.orders.free(slot)
      return
    }
  }
  // A market order that asks to rest is taken as immediate-or-cancel: its price is no price to rest at.
  const rests = command.type === 'limit' && command.timeInForce === 'gtc'
  enter(state, { slot, cause: 'place', limit, rests, before: 0 }, tape)
}

/** A market order never trades beyond the band, however far its protection price reaches. */
function protectedLimit (state: Matching, ticks: number, isSell: boolean): number {
  const { low, high } = state.edges
  return isSell ? Math.max(ticks, low) : Math.min(ticks, high)
}
