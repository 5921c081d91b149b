// amend-order: what a holder may make of an order of its own that rests. One that waits is in amend-stop.ts.

import type { AmendOrder } from '../../schemas/matching/records.ts'
import { amendStop } from './amend-stop.ts'
import { close } from './close.ts'
import { enter } from './enter.ts'
import { setExpiry } from './expiry.ts'
import { trimGrant } from './grants.ts'
import type { Matching, Position } from './matching.ts'
import { amended } from './outcomes.ts'
import { refuseNobody, refuseResting, sayLevel } from './outputs.ts'
import {
  type Amendment, isListed, ownOrder, refusalOfAmendment, refusalOfChanged, refusalOfKind, refusalOfMoment,
  refusalOfNewTerms, refusalOfNewWait, refusalOfReentry
} from './refusals.ts'
import type { Tape } from './tape.ts'

export function amend (state: Matching, command: AmendOrder, position: Position, tape: Tape): void {
  const listed = isListed(state, command.instrumentId)
  const slot = listed ? ownOrder(state, command) : 0
  const malformed = listed ? refusalOfAmendment(state, command) : 'unknown_instrument'
  if (slot === 0) {
    refuseNobody(command, malformed ?? 'unknown_order', tape)
    return
  }
  const { orders } = state.book
  const unsupported = state.knowsLedger ? refusalOfKind(state, slot, command) : null
  // The ledger waits for what became of its order, even where the command alone says that it can't be done.
  if (malformed !== null && unsupported === null && !orders.isHeld(slot)) {
    refuseNobody(command, malformed, tape)
    return
  }
  const amendment = amendmentOf(state, slot, command)
  const reason = unsupported ?? malformed ?? refusalOfNewTerms(state, amendment) ??
    refusalOfMoment(state, position.isLate) ?? refusalOfReentry(state, amendment) ??
    (state.knowsLedger ? refusalOfNewWait(state, command) ?? refusalOfChanged(state, slot, command) : null)
  if (reason !== null) {
    refuseResting(state, slot, { cause: 'amend', reason }, tape)
    return
  }
  if (state.knowsLedger && command.expiresAt !== null) setExpiry(state, slot, command.expiresAt)
  if (orders.waits(slot)) amendStop(state, amendment, command, tape)
  else if (amendment.leaves > 0 && amendment.ticks !== orders.ticks(slot)) reprice(state, amendment, tape)
  else resize(state, amendment, tape)
}

// Leaves are how recorded flows say it, and what they record is a cancel and a new order: the place is always lost.
function amendmentOf (state: Matching, slot: number, command: AmendOrder): Amendment {
  const { price, quantity, quantityIs } = command
  const { orders } = state.book
  const before = orders.leaves(slot)
  const ticks = price === null ? orders.ticks(slot) : state.ticksAt(price)
  if (quantity === null) return { slot, ticks, leaves: before, keepsPriority: asksExpiryOnly(state, command) }
  if (quantityIs === 'leaves') return { slot, ticks, leaves: quantity, keepsPriority: false }
  const leaves = quantity - orders.filled(slot)
  return { slot, ticks, leaves, keepsPriority: leaves < before && ticks === orders.ticks(slot) }
}

const asksExpiryOnly = ({ knowsLedger }: Matching, { price, expiresAt }: AmendOrder): boolean =>
  knowsLedger && price === null && expiresAt !== null

function reprice (state: Matching, { slot, ticks, leaves }: Amendment, tape: Tape): void {
  const { book } = state
  const before = book.orders.ticks(slot)
  book.remove(slot)
  book.orders.setTicks(slot, ticks)
  book.orders.setLeaves(slot, leaves)
  trimGrant(book.orders, slot, state.tickSize)
  enter(state, slot, { before, outcomes: amended }, tape)
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
    trimGrant(orders, slot, state.tickSize)
    tape.update(orders, slot, orders.filled(slot) === 0 ? amended.resting : amended.partlyFilled)
  }
  if (changesLevel) sayLevel(state, isSell, ticks, tape)
}
