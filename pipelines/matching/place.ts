// place-order: a new order trades, rests, waits for its trigger, or is refused.

import { type PlaceOrder } from '../../schemas/matching/records.ts'
import { notionalMax, quantityMax } from '../../schemas/units.ts'
import { noBuy, noSell } from './book.ts'
import { budgetOf } from './budget.ts'
import { asNew, enter, limitOf } from './enter.ts'
import { outcomeOfKill } from './fill-or-kill.ts'
import type { Matching, Position } from './matching.ts'
import { placeSecondLeg } from './oco.ts'
import { flagsOf, withoutLedger } from './orders.ts'
import { placed } from './outcomes.ts'
import { refusePlace } from './outputs.ts'
import { isOutsideBand, refusalOfPlace } from './refusals.ts'
import type { Tape } from './tape.ts'
import { hasMoreTerms, isBare, isStop, moreTermsOf } from './terms.ts'
import { wait } from './trigger.ts'

export function place (state: Matching, command: PlaceOrder, position: Position, tape: Tape): void {
  if (!restAtOnce(state, command, position, tape)) judge(state, command, position, tape)
}

/**
 * A shorter way to what `judge` says of a bare limit order that can't trade, as most can't. At anything odd about one
 * it returns false and has done nothing. It is long so that it stays one function when it is compiled.
 */
function restAtOnce (state: Matching, command: PlaceOrder, { isLate }: Position, tape: Tape): boolean {
  const { price, quantity } = command
  const { book, book: { orders, levels } } = state
  const ticks = state.ticksAt(price)
  const isSell = command.side === 'sell'
  if (command.instrumentId !== state.instrumentId || !isBare(command) || isLate || !state.isTrading) return false
  if ((quantity | 0) !== quantity || quantity < state.quantityMin || quantity > state.quantityMax) return false
  if (ticks * state.tickSize !== price || ticks <= noBuy || ticks >= noSell) return false
  if (price * quantity > notionalMax) return false
  if (isSell ? ticks <= levels.bestBuy : ticks >= levels.bestSell) return false
  if (isOutsideBand(state, ticks, isSell) || book.find(command.orderId) !== 0) return false
  const slot = orders.open(command, ticks, quantity, flagsOf(command))
  book.rest(slot)
  tape.update(orders, slot, placed.resting)
  tape.delta(++state.deltaSequence)
  tape.level(levels, ticks, isSell)
  return true
}

function judge (state: Matching, command: PlaceOrder, position: Position, tape: Tape): void {
  const ticks = state.ticksAt(command.price)
  const refusal = refusalOfPlace(state, command, ticks, position.isLate)
  if (refusal !== null) {
    refusePlace(state, command, refusal, tape)
    return
  }
  const { orders } = state.book
  if (!state.knowsLedger) {
    admit(state, command, orders.open(command, ticks, command.quantity, withoutLedger(flagsOf(command))), tape)
    return
  }
  const slot = orders.open(command, ticks, command.quantity, flagsOf(command))
  if (hasMoreTerms(command)) {
    orders.extend(slot, moreTermsOf(state, command))
    if (isStop(command)) {
      wait(state, slot)
      tape.update(orders, slot, placed.resting)
      return
    }
    if (command.notional !== null) {
      orders.setBudget(slot, budgetOf(command.notional, command.takerBp))
      orders.setLeaves(slot, quantityMax) // Until a price tells how many it pays for.
    }
  }
  admit(state, command, slot, tape)
  if (command.oco !== null) placeSecondLeg(state, command, command.oco, tape)
}

function admit (state: Matching, { timeInForce }: PlaceOrder, slot: number, tape: Tape): void {
  const { book } = state
  if (timeInForce === 'fok') {
    const killed = outcomeOfKill(book, slot, limitOf(state, slot))
    if (killed !== null) {
      tape.update(book.orders, slot, killed)
      book.orders.free(slot)
      return
    }
  }
  enter(state, slot, asNew, tape)
}
