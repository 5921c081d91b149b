// Why a command is refused. The checks stand in the order of precedence of `refusalReason`: the first that applies is
// the answer. They read the state and change nothing.

import type { AmendOrder, PlaceOrder, RefusalReason } from '../../schemas/matching/records.ts'
import { notionalMax, priceTicksMax, quantityMax } from '../../schemas/units.ts'
import type { Book } from './book.ts'
import type { Matching, Parameters } from './matching.ts'

type Refusal = RefusalReason | null

/** The instrument's parameters, if the command is for the instrument listed here. */
export function listed (state: Matching, instrumentId: string): Parameters | null {
  const { parameters } = state
  return parameters !== null && parameters.instrumentId === instrumentId ? parameters : null
}

const isWholeWithin = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

function refusalOfPrice (state: Matching, price: number, ticks: number): Refusal {
  if (ticks * state.tickSize === price && ticks > 0 && ticks <= priceTicksMax) return null
  return price > 0 && price <= priceTicksMax * state.tickSize ? 'off_tick' : 'invalid_price'
}

/** Cancels pass it; everything else waits until the instrument trades. */
export function refusalOfMoment (state: Matching, isLate: boolean): Refusal {
  if (isLate) return 'too_late'
  if (state.isTrading) return null
  return state.status === 'halted' ? 'halted' : 'paused'
}

const isOutsideBand = (state: Matching, ticks: number, isSell: boolean): boolean =>
  isSell ? ticks < state.edgeLow : ticks > state.edgeHigh

export const crosses = (book: Book, isSell: boolean, ticks: number): boolean =>
  isSell ? ticks <= book.bestBuy : ticks >= book.bestSell

function isSupported ({ type, timeInForce, postOnly }: PlaceOrder): boolean {
  if (type === 'stop' || type === 'stop_limit' || timeInForce === 'day' || timeInForce === 'gtd') return false
  return !postOnly || (type === 'limit' && timeInForce === 'gtc')
}

export function refusalOfPlace (state: Matching, command: PlaceOrder, ticks: number, isLate: boolean): Refusal {
  const parameters = listed(state, command.instrumentId)
  if (parameters === null) return 'unknown_instrument'
  if (!isSupported(command)) return 'unsupported'
  const { price, quantity } = command
  if (!isWholeWithin(quantity, parameters.quantityMin, parameters.quantityMax)) return 'invalid_quantity'
  const reason = refusalOfPrice(state, price, ticks)
  if (reason !== null) return reason
  if (price * quantity > notionalMax) return 'notional_too_large'
  if (state.book.find(command.orderId) !== 0) return 'duplicate_order'
  return refusalOfMoment(state, isLate) ?? refusalOfEntry(state, command, ticks)
}

// A market order's price is its protection, which the band only tightens.
function refusalOfEntry (state: Matching, { type, side, postOnly }: PlaceOrder, ticks: number): Refusal {
  const isSell = side === 'sell'
  if (type === 'limit' && isOutsideBand(state, ticks, isSell)) return 'price_band'
  return postOnly && crosses(state.book, isSell, ticks) ? 'post_only_would_cross' : null
}

/** What the command alone says, before anyone looks whether there is such an order. */
export function refusalOfAmendment (state: Matching, { price, quantity }: AmendOrder): Refusal {
  if (quantity !== null && !isWholeWithin(quantity, 1, quantityMax)) return 'invalid_quantity'
  return price === null ? null : refusalOfPrice(state, price, state.ticksAt(price))
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
  const { quantityMin, tickSize } = state.parameters!
  if (total < quantityMin || total > state.parameters!.quantityMax) return 'invalid_quantity'
  return orders.notional(slot) + leaves * ticks * tickSize > notionalMax ? 'notional_too_large' : null
}

export function refusalOfReentry (state: Matching, { slot, ticks, leaves, keepsPriority }: Amendment): Refusal {
  if (leaves <= 0 || keepsPriority) return null
  const { orders } = state.book
  const isSell = orders.isSell(slot)
  if (isOutsideBand(state, ticks, isSell)) return 'price_band'
  return orders.postOnly(slot) && crosses(state.book, isSell, ticks) ? 'post_only_would_cross' : null
}
