// What a habit is: from what somebody sees of one instrument to what it asks for. Pure; chance is given to it.

import { microdollars, type Instant, type Microdollars, type Side } from '../../../schemas/units.ts'
import type { Chance } from '../chance.ts'

/** An own order that rests or waits. */
export type OpenOrder = {
  readonly orderId: string
  readonly side: Side
  /** Null: of a stop, which has none of its own. */
  readonly price: Microdollars | null
  readonly remaining: number
}

export type Sight = {
  readonly tickSize: Microdollars
  readonly fair: Microdollars
  /** The best of the book; null where a side is empty. */
  readonly bid: Microdollars | null
  readonly ask: Microdollars | null
  /** In Trading, and not held. */
  readonly units: number
  /** Of this instrument, oldest first. */
  readonly open: readonly OpenOrder[]
  readonly at: Instant
  readonly chance: Chance
}

export type NewOrder = {
  readonly side: Side
  readonly type: 'limit' | 'market' | 'stop'
  readonly quantity?: number
  /** What a market buy may cost, instead of a quantity. */
  readonly notional?: Microdollars
  readonly price?: Microdollars
  readonly stopPrice?: Microdollars
  readonly timeInForce?: 'gtc' | 'ioc' | 'fok' | 'day' | 'gtd'
  readonly expiresAt?: Instant
  readonly postOnly?: true
  readonly autoTransfer?: true
  /** A stop beside the limit: a fill of one ends the other. */
  readonly ocoStopPrice?: Microdollars
}

export type Act =
  | { readonly kind: 'place', readonly order: NewOrder }
  /** One batch: cancels first, then orders. */
  | { readonly kind: 'quote', readonly cancels: readonly string[], readonly orders: readonly NewOrder[] }
  | { readonly kind: 'amend', readonly orderId: string, readonly price: Microdollars }
  | { readonly kind: 'cancel', readonly orderId: string }
  /** Issued, and moved to Trading. */
  | { readonly kind: 'supply', readonly quantity: number }

/** In their order; none where nothing is to be done. */
export type Habit = (sight: Sight) => readonly Act[]

/** Fair value and so many basis points more, on the tick above it. */
export function above ({ fair, tickSize }: Sight, bp: number): Microdollars {
  return microdollars(Math.ceil(fair * (10_000 + bp) / 10_000 / tickSize) * tickSize)
}

/** Fair value and so many basis points less, on the tick below it. */
export function below ({ fair, tickSize }: Sight, bp: number): Microdollars {
  return microdollars(Math.max(1, Math.floor(fair * (10_000 - bp) / 10_000 / tickSize)) * tickSize)
}

/** The same price, or the nearest one at which a bid does not trade. */
export function withoutTrading (side: Side, price: Microdollars, { bid, ask, tickSize }: Sight): Microdollars {
  if (side === 'buy') return ask === null ? price : microdollars(Math.max(tickSize, Math.min(price, ask - tickSize)))
  return bid === null ? price : microdollars(Math.max(price, bid + tickSize))
}
