// Why a command is refused. The checks stand in the order of precedence of `refusalReason`: the first that applies is
// the answer. They read the state and change nothing.

import type { AmendOrder, CancelOrder, PlaceOrder, RefusalReason } from '../../schemas/matching/records.ts'
import { notionalMax, priceTicksMax, quantityMax } from '../../schemas/units.ts'
import type { Book } from './book.ts'
import type { Matching } from './matching.ts'
import { expires, isPlain, isStop, isSupported, wasSupported } from './terms.ts'

type Refusal = RefusalReason | null

/** Whether the command is for the partition's instrument. */
export function isListed (state: Matching, instrumentId: string): boolean {
  return state.instrumentId === instrumentId
}

/** The order's slot, if it is open and this holder's. Another holder's is as unknown as none: nobody can probe. */
export function ownOrder (state: Matching, { orderId, holder }: CancelOrder | AmendOrder): number {
  const slot = state.book.find(orderId)
  return slot !== 0 && state.book.orders.holder(slot) === holder ? slot : 0
}

const isWholeWithin = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

function isOnLadder (state: Matching, price: number, ticks: number): boolean {
  return ticks * state.tickSize === price && ticks > 0 && ticks <= priceTicksMax
}

function refusalOfPrice (state: Matching, price: number, ticks: number): Refusal {
  if (isOnLadder(state, price, ticks)) return null
  return price > 0 && price <= priceTicksMax * state.tickSize ? 'off_tick' : 'invalid_price'
}

/** Cancels pass it; everything else waits until the instrument trades. */
export function refusalOfMoment (state: Matching, isLate: boolean): Refusal {
  if (isLate) return 'too_late'
  if (state.isTrading) return null
  return state.status === 'halted' ? 'halted' : 'paused'
}

export const isOutsideBand = (state: Matching, ticks: number, isSell: boolean): boolean =>
  isSell ? ticks < state.edgeLow : ticks > state.edgeHigh

export const crosses = (book: Book, isSell: boolean, ticks: number): boolean =>
  isSell ? ticks <= book.bestBuy : ticks >= book.bestSell

export function refusalOfPlace (state: Matching, command: PlaceOrder, ticks: number, isLate: boolean): Refusal {
  if (!isListed(state, command.instrumentId)) return 'unknown_instrument'
  const reason = state.knowsLedger && !isPlain(command)
    ? refusalOfContent(state, command, ticks)
    : refusalOfPlainContent(state, command, ticks)
  if (reason !== null) return reason
  if (state.book.find(command.orderId) !== 0) return 'duplicate_order'
  return refusalOfMoment(state, isLate) ?? refusalOfEntry(state, command, ticks)
}

function refusalOfPlainContent (state: Matching, command: PlaceOrder, ticks: number): Refusal {
  if (!isPlain(command) && !wasSupported(command)) return 'unsupported'
  const { price, quantity } = command
  const { quantityMin, quantityMax } = state.parameters!
  if (!isWholeWithin(quantity, quantityMin, quantityMax)) return 'invalid_quantity'
  return refusalOfPrice(state, price, ticks) ?? (price * quantity > notionalMax ? 'notional_too_large' : null)
}

/** Of the first leg before the second, where both have a price. */
function refusalOfContent (state: Matching, command: PlaceOrder, ticks: number): Refusal {
  const { price, quantity, notional, oco } = command
  const { quantityMin, quantityMax } = state.parameters!
  if (!isSupported(command)) return 'unsupported'
  const hasQuantity = notional === null
    ? isWholeWithin(quantity, quantityMin, quantityMax)
    : quantity === 0 && isWholeWithin(notional, 1, Infinity)
  if (!hasQuantity) return 'invalid_quantity'
  const ofPrice = refusalOfPrice(state, price, ticks) ??
    (oco === null ? null : refusalOfPrice(state, oco.price, state.ticksAt(oco.price)))
  if (ofPrice !== null) return ofPrice
  const worth = Math.max(price * quantity, notional ?? 0, (oco?.price ?? 0) * quantity)
  if (worth > notionalMax) return 'notional_too_large'
  if (oco !== null && (oco.orderId === command.orderId || state.book.find(oco.orderId) !== 0)) return 'duplicate_order'
  return null
}

// A market order's price is its protection, which the band only tightens. A stop's is judged when it triggers.
function refusalOfEntry (state: Matching, command: PlaceOrder, ticks: number): Refusal {
  const { type, postOnly } = command
  const isSell = command.side === 'sell'
  if (type === 'limit' && isOutsideBand(state, ticks, isSell)) return 'price_band'
  if (postOnly && crosses(state.book, isSell, ticks)) return 'post_only_would_cross'
  if (!state.knowsLedger) return null
  const ofWait = isPlain(command) ? null : refusalOfWait(state, command)
  return ofWait ?? (isOver(state, command) ? 'period_closed' : null)
}

function refusalOfWait (state: Matching, command: PlaceOrder): Refusal {
  const { stopPrice, expiresAt, oco } = command
  if (isStop(command) && (stopPrice === null || !isTrigger(state, stopPrice))) return 'invalid_stop_price'
  if (oco !== null && !isTrigger(state, oco.stopPrice)) return 'invalid_stop_price'
  return expires(command) && (expiresAt === null || expiresAt <= state.now) ? 'invalid_expiry' : null
}

/** Whether a sweep has taken what it sells. It leaves what issuers have not sold of their own. */
const isOver = (state: Matching, { side, isIssuer, period }: PlaceOrder): boolean =>
  side === 'sell' && !isIssuer && period !== 0 && period < state.period

const isTrigger = (state: Matching, price: number): boolean => isOnLadder(state, price, state.ticksAt(price))

/** What the command alone says, before anyone looks whether there is such an order. */
export function refusalOfAmendment (state: Matching, { price, quantity }: AmendOrder): Refusal {
  if (quantity !== null && !isWholeWithin(quantity, 1, quantityMax)) return 'invalid_quantity'
  return price === null ? null : refusalOfPrice(state, price, state.ticksAt(price))
}

/** What no order of its kind can be asked: a stop price it does not wait for, a quantity that its other leg shares. */
export function refusalOfKind (state: Matching, slot: number, { quantity, stopPrice }: AmendOrder): Refusal {
  const { orders } = state.book
  if (stopPrice !== null && !orders.waits(slot)) return 'unsupported'
  return quantity !== null && orders.other(slot) !== 0 ? 'unsupported' : null
}

/** An own order took of it since its holder asked: its new total would give that back. */
export function refusalOfChanged ({ book: { orders } }: Matching, slot: number, command: AmendOrder): Refusal {
  const { quantity, quantityBefore } = command
  if (quantity === null || quantityBefore === null) return null
  return orders.filled(slot) + orders.leaves(slot) === quantityBefore ? null : 'order_changed'
}

/** What an amend would make of an order. */
export type Amendment = {
  readonly slot: number
  readonly ticks: number
  /** What would be left; at or below 0 the order closes as filled. */
  readonly leaves: number
  readonly keepsPriority: boolean
}

/** What only the order at hand can tell. */
export function refusalOfNewTerms (state: Matching, { slot, ticks, leaves }: Amendment): Refusal {
  if (leaves <= 0) return null
  const { orders } = state.book
  const total = orders.filled(slot) + leaves
  const { quantityMin, quantityMax } = state.parameters!
  if (total < quantityMin || total > quantityMax) return 'invalid_quantity'
  return orders.notional(slot) + leaves * ticks * state.tickSize > notionalMax ? 'notional_too_large' : null
}

export function refusalOfReentry (state: Matching, { slot, ticks, leaves, keepsPriority }: Amendment): Refusal {
  const { orders } = state.book
  if (leaves <= 0 || keepsPriority || orders.waits(slot)) return null
  const isSell = orders.isSell(slot)
  if (isOutsideBand(state, ticks, isSell)) return 'price_band'
  return orders.postOnly(slot) && crosses(state.book, isSell, ticks) ? 'post_only_would_cross' : null
}

/** Of the stop price and the expiry that an amend names. */
export function refusalOfNewWait (state: Matching, { stopPrice, expiresAt }: AmendOrder): Refusal {
  if (stopPrice !== null && !isTrigger(state, stopPrice)) return 'invalid_stop_price'
  return expiresAt !== null && expiresAt !== 0 && expiresAt <= state.now ? 'invalid_expiry' : null
}
