// cancel-order: an order of the holder's own leaves, whether it rests or waits.

import type { CancelOrder } from '../../schemas/matching/records.ts'
import { close } from './close.ts'
import { nowhere } from './enter.ts'
import type { Matching, Position } from './matching.ts'
import { cancelled, cancelledFor } from './outcomes.ts'
import { refuseNobody, refuseResting, sayLevel, sayLevels } from './outputs.ts'
import { isListed, ownOrder } from './refusals.ts'
import type { Tape } from './tape.ts'

export function cancel (state: Matching, command: CancelOrder, position: Position, tape: Tape): void {
  if (!isListed(state, command.instrumentId)) {
    refuseNobody(command, 'unknown_instrument', tape)
    return
  }
  const slot = ownOrder(state, command)
  if (slot === 0) {
    refuseNobody(command, 'unknown_order', tape)
  } else if (position.isLate) {
    refuseResting(state, slot, { cause: 'cancel', reason: 'too_late' }, tape)
  } else {
    const outcome = state.knowsLedger ? cancelledFor(command.reason) : cancelled.cancelled
    closeAlone(state, slot, outcome, tape)
  }
}

/** Closes an order by itself, its other leg apart, and says what that does to the levels. */
export function closeAlone (state: Matching, slot: number, outcome: number, tape: Tape): void {
  const { orders } = state.book
  if (!orders.hasMore(slot)) {
    closePlain(state, slot, outcome, tape)
    return
  }
  const isSell = orders.isSell(slot)
  const before = orders.waits(slot) ? nowhere : orders.ticks(slot)
  close(state, slot, outcome, tape)
  if (state.beside.length !== 0) sayLevels(state, { isSell, before, now: nowhere }, tape)
  else if (before !== nowhere) sayLevel(state, isSell, before, tape)
}

/** As above, of an order that is nothing but an order in the book. */
function closePlain (state: Matching, slot: number, outcome: number, tape: Tape): void {
  const { book, book: { orders } } = state
  const ticks = orders.ticks(slot)
  const isSell = orders.isSell(slot)
  tape.update(orders, slot, outcome)
  book.remove(slot)
  orders.free(slot)
  tape.delta(++state.deltaSequence)
  tape.level(book.levels, ticks, isSell)
}
