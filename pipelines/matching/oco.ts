// The second leg of an OCO: a stop beside the limit leg of a place-order, of the same side and quantity.

import type { OcoLeg, PlaceOrder } from '../../schemas/matching/records.ts'
import type { Matching } from './matching.ts'
import { flagsOf } from './orders.ts'
import { placed } from './outcomes.ts'
import type { Tape } from './tape.ts'
import { moreTermsOf } from './terms.ts'
import { wait } from './trigger.ts'

/** The limit leg has entered: if it rests untouched the stop waits beside it, else it closes at once. */
export function placeSecondLeg (state: Matching, command: PlaceOrder, oco: OcoLeg, tape: Tape): void {
  const { book, book: { orders } } = state
  const first = book.find(command.orderId)
  const leg: PlaceOrder = { ...command, ...oco, type: oco.isLimit ? 'stop_limit' : 'stop', postOnly: false, oco: null }
  const slot = orders.open(leg, state.ticksAt(leg.price), leg.quantity, flagsOf(leg))
  orders.extend(slot, moreTermsOf(state, leg))
  if (first === 0 || orders.filled(first) > 0) {
    tape.update(orders, slot, placed.oco)
    orders.free(slot)
    return
  }
  orders.setOther(first, slot)
  orders.setOther(slot, first)
  wait(state, slot)
  tape.update(orders, slot, placed.resting)
}
