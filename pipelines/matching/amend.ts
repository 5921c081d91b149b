// cancel-order and amend-order: what a holder may do to an order of its own that rests.

import type { AmendOrder, CancelOrder } from '../../schemas/matching/records.ts'
import { enter } from './enter.ts'
import { close } from './match.ts'
import type { Matching, Position } from './matching.ts'
import { amended, cancelled } from './outcomes.ts'
import { refuseNobody, refuseResting, sayLevel } from './outputs.ts'
import {
  type Amendment, listed, refusalOfAmendment, refusalOfMoment, refusalOfNewTerms, refusalOfReentry
} from './refusals.ts'
import type { Tape } from './tape.ts'

export function cancel (state: Matching, command: CancelOrder, position: Position, tape: Tape): void {
  if (listed(state, command.instrumentId) === null) {
    refuseNobody(command, 'unknown_instrument', tape)
    return
  }
  const slot = ownOrder(state, command)
  if (slot === 0) {
    refuseNobody(command, 'unknown_order', tape)
  } else if (position.isLate) {
    refuseResting(state, slot, { cause: 'cancel', reason: 'too_late' }, tape)
  } else {
    const { orders } = state.book
    const isSell = orders.isSell(slot)
    const ticks = orders.ticks(slot)
    close(state, slot, cancelled.cancelled, tape)
    sayLevel(state, isSell, ticks, tape)
  }
}

export function amend (state: Matching, command: AmendOrder, position: Position, tape: Tape): void {
  const parameters = listed(state, command.instrumentId)
  const malformed = parameters === null ? 'unknown_instrument' : refusalOfAmendment(state, command)
  const slot = malformed === null ? ownOrder(state, command) : 0
  if (slot === 0) {
    refuseNobody(command, malformed ?? 'unknown_order', tape)
    return
  }
  const amendment = amendmentOf(state, slot, command)
  const reason = refusalOfNewTerms(state, amendment) ?? refusalOfMoment(state, position.isLate) ??
    refusalOfReentry(state, amendment)
  if (reason !== null) refuseResting(state, slot, { cause: 'amend', reason }, tape)
  else if (amendment.leaves > 0 && amendment.ticks !== state.book.orders.ticks(slot)) reprice(state, amendment, tape)
  else resize(state, amendment, tape)
}

/** The order's slot, if it rests and is this holder's. Another holder's is as unknown as none: nobody can probe. */
function ownOrder (state: Matching, { orderId, holder }: CancelOrder | AmendOrder): number {
  const slot = state.book.find(orderId)
  return slot !== 0 && state.book.orders.holder(slot) === holder ? slot : 0
}

// Leaves are how recorded flows say it, and what they record is a cancel and a new order: the place is always lost.
function amendmentOf (state: Matching, slot: number, { price, quantity, quantityIs }: AmendOrder): Amendment {
  const { orders } = state.book
  const before = orders.leaves(slot)
  const ticks = price === null ? orders.ticks(slot) : state.ticksAt(price)
  if (quantity === null) return { slot, ticks, leaves: before, keepsPriority: false }
  if (quantityIs === 'leaves') return { slot, ticks, leaves: quantity, keepsPriority: false }
  const leaves = quantity - orders.filled(slot)
  return { slot, ticks, leaves, keepsPriority: leaves < before && ticks === orders.ticks(slot) }
}

function reprice (state: Matching, { slot, ticks, leaves }: Amendment, tape: Tape): void {
  const { book } = state
  const before = book.orders.ticks(slot)
  book.remove(slot)
  book.orders.setTicks(slot, ticks)
  book.orders.setLeaves(slot, leaves)
  enter(state, slot, before, tape)
}

/** At its price an order can't trade, for the book is not crossed: it closes, shrinks in place, or goes to the back. */
function resize (state: Matching, { slot, leaves, keepsPriority }: Amendment, tape: Tape): void {
  const { book } = state
  const { orders } = book
  const isSell = orders.isSell(slot)
  const ticks = orders.ticks(slot)
  const changesLevel = leaves !== orders.leaves(slot)
  if (leaves <= 0) {
    book.reduce(slot, 0)
    close(state, slot, amended.filled, tape)
  } else {
    if (keepsPriority) {
      book.reduce(slot, leaves)
    } else {
      book.remove(slot)
      orders.setLeaves(slot, leaves)
      book.rest(slot)
    }
    tape.update(orders, slot, orders.filled(slot) === 0 ? amended.resting : amended.partlyFilled)
  }
  if (changesLevel) sayLevel(state, isSell, ticks, tape)
}
