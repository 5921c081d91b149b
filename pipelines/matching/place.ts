// place-order: a new order trades, rests, or is refused.

import type { PlaceOrder } from '../../schemas/matching/records.ts'
import { enter, limitOf, nowhere } from './enter.ts'
import { outcomeOfKill } from './fill-or-kill.ts'
import type { Matching, Position } from './matching.ts'
import { flagsOf } from './orders.ts'
import { refusePlace } from './outputs.ts'
import { refusalOfPlace } from './refusals.ts'
import type { Tape } from './tape.ts'

export function place (state: Matching, command: PlaceOrder, position: Position, tape: Tape): void {
  const ticks = state.ticksAt(command.price)
  const refusal = refusalOfPlace(state, command, ticks, position.isLate)
  if (refusal !== null) {
    refusePlace(command, refusal, tape)
    return
  }
  const { book } = state
  const { type, timeInForce, postOnly, selfTradePrevention } = command
  const isMarket = type === 'market'
  // A market order that asks to rest is taken as immediate-or-cancel: its price is no price to rest at.
  const rests = !isMarket && timeInForce === 'gtc'
  const flags = flagsOf({ isSell: command.side === 'sell', postOnly, selfTradePrevention, rests, isMarket })
  const slot = book.orders.open(command, ticks, command.quantity, flags)
  if (timeInForce === 'fok') {
    const killed = outcomeOfKill(book, slot, limitOf(state, slot))
    if (killed !== null) {
      tape.update(book.orders, slot, killed)
      book.orders.free(slot)
      return
    }
  }
  enter(state, slot, nowhere, tape)
}
