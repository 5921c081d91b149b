// What a holder may make of a stop that waits: it stays where it is in age unless its trigger or a larger total makes
// it another order.

import type { AmendOrder } from '../../schemas/matching/records.ts'
import { trimGrant } from './grants.ts'
import type { Matching } from './matching.ts'
import { amended } from './outcomes.ts'
import type { Amendment } from './refusals.ts'
import type { Tape } from './tape.ts'

export function amendStop (state: Matching, amendment: Amendment, { stopPrice }: AmendOrder, tape: Tape): void {
  const { stops, book: { orders } } = state
  const { slot, ticks, leaves } = amendment
  const stopTicks = stopPrice === null ? orders.stopTicks(slot) : state.ticksAt(stopPrice)
  const isAnother = stopTicks !== orders.stopTicks(slot) || leaves > orders.leaves(slot)
  if (isAnother) stops.remove(slot)
  orders.setTicks(slot, ticks)
  orders.setLeaves(slot, leaves)
  orders.setStopTicks(slot, stopTicks)
  if (isAnother) stops.add(slot)
  trimGrant(orders, slot, state.tickSize)
  tape.update(orders, slot, amended.resting)
}
