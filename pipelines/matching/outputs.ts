// What is said of refusals and of levels.

import type { AmendOrder, CancelOrder, PlaceOrder, RefusalReason, UpdateCause } from '../../schemas/matching/records.ts'
import type { HolderId, Microdollars, OrderId, Units } from '../../schemas/units.ts'
import type { Levels } from './levels.ts'
import type { Matching } from './matching.ts'
import { outcome } from './outcomes.ts'
import type { Tape } from './tape.ts'

/** A refused command about an order that rests: it stays as it was. */
export function refuseResting (
  state: Matching, slot: number, refusal: { cause: UpdateCause, reason: RefusalReason }, tape: Tape
): void {
  const { orders } = state.book
  const status = orders.filled(slot) === 0 ? 'resting' : 'partly_filled'
  tape.update(orders, slot, outcome({ ...refusal, refused: true, status }))
}

/** With a second leg, both are refused. */
export function refusePlace (state: Matching, command: PlaceOrder, reason: RefusalReason, tape: Tape): void {
  const { orderId, holder, side, price, quantity, stopPrice, expiresAt, isHeld } = command
  const oco = state.knowsLedger ? command.oco : null
  const legs = oco === null ? [{ orderId, price, stopPrice }] : [{ orderId, price, stopPrice }, oco]
  for (const leg of legs) {
    const held = state.knowsLedger && isHeld ? { stopPrice: leg.stopPrice ?? 0, expiresAt: expiresAt ?? 0 } : null
    tape.refusal({ orderId: leg.orderId, holder, cause: 'place', side, price: leg.price, quantity, held }, reason)
  }
}

/** A command about an order that this holder has not: nothing of any order shows. */
export function refuseNobody (command: CancelOrder | AmendOrder, reason: RefusalReason, tape: Tape): void {
  const { orderId, holder } = command
  const isAmend = command.kind === 'amend-order'
  tape.refusal({
    orderId,
    holder,
    cause: isAmend ? 'amend' : 'cancel',
    side: 'buy',
    price: (isAmend ? command.price : null) ?? 0 as Microdollars,
    quantity: (isAmend ? command.quantity : null) ?? 0 as Units,
    held: null
  }, reason)
}

/** Operators' commands have no order and no holder; who sent one finds its refusal under holder 0. */
export function refuseOperator (reason: RefusalReason, tape: Tape): void {
  tape.refusal({
    orderId: 0 as OrderId,
    holder: 0 as HolderId,
    cause: 'market',
    side: 'buy',
    price: 0 as Microdollars,
    quantity: 0 as Units,
    held: null
  }, reason)
}

/** What a command did to the level its order stands or stood at, and to no other. */
export function sayLevel (state: Matching, isSell: boolean, ticks: number, tape: Tape): void {
  tape.delta(++state.deltaSequence)
  tape.level(state.book.levels, ticks, isSell)
}

/** Where an order stood and where it stands now; 0 when it stood, or stands, nowhere. */
export type Move = { readonly isSell: boolean, readonly before: number, readonly now: number }

/** The levels a step changed, as they are after it: buys from the best down, then sells from the best up. */
export function sayLevels (state: Matching, move: Move, tape: Tape): void {
  if (state.beside.length !== 0) sayAll(state, move, tape)
  else sayOwnAndTaken(state, move, tape)
}

function sayOwnAndTaken (state: Matching, { isSell, before, now }: Move, tape: Tape): void {
  const { book: { levels }, taken } = state
  tape.delta(++state.deltaSequence)
  const isBeforeBetter = isSell ? before < now : before > now
  const better = isBeforeBetter ? before : now
  const worse = isBeforeBetter ? now : before
  if (isSell) for (const ticks of taken) sayFar(levels, ticks, false, tape)
  if (better !== 0) tape.level(levels, better, isSell)
  if (worse !== 0) tape.level(levels, worse, isSell)
  if (!isSell) for (const ticks of taken) sayFar(levels, ticks, true, tape)
  taken.length = 0
}

// With second legs gone, levels of a side come in any order, and one may be named more than once.
function sayAll (state: Matching, { isSell, before, now }: Move, tape: Tape): void {
  const { book: { levels }, taken, beside } = state
  const own = [before, now].filter(ticks => ticks !== 0).map(ticks => ({ ticks, isSell }))
  const all = [...own, ...taken.map(ticks => ({ ticks, isSell: !isSell })), ...beside]
  const ticksOf = (side: boolean): number[] =>
    [...new Set(all.filter(level => level.isSell === side).map(({ ticks }) => ticks))]
  tape.delta(++state.deltaSequence)
  for (const ticks of ticksOf(false).sort((a, b) => b - a)) sayFar(levels, ticks, false, tape)
  for (const ticks of ticksOf(true).sort((a, b) => a - b)) sayFar(levels, ticks, true, tape)
  taken.length = 0
  beside.length = 0
}

// A level that a taker emptied may be the one it now rests at itself: the far side of it is gone all the same.
function sayFar (levels: Levels, ticks: number, isSell: boolean, tape: Tape): void {
  if (isSell ? ticks >= levels.bestSell : ticks <= levels.bestBuy) tape.level(levels, ticks, isSell)
  else tape.levelGone(ticks, isSell)
}
