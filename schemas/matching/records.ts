// What matching reads and writes, as the stages see it. The Avro schemas beside this file say the same for the wire;
// a test holds the two together. `kind` is not on the wire: it is the schema's name, and the codec adds it.

import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, OwnerId, Side, Units, BasisPoints } from '../units.ts'

export const orderType = ['limit', 'market', 'stop', 'stop_limit'] as const
export type OrderType = typeof orderType[number]

export const timeInForce = ['gtc', 'ioc', 'fok', 'day', 'gtd'] as const
export type TimeInForce = typeof timeInForce[number]

export const selfTradePrevention = ['cancel_newest', 'cancel_oldest', 'cancel_both', 'decrement_and_cancel'] as const
export type SelfTradePrevention = typeof selfTradePrevention[number]

/** A new order, already held for. */
export type PlaceOrder = {
  readonly kind: 'place-order'
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly owner: OwnerId
  readonly instrumentId: InstrumentId
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  /** The limit; of a market order its protection price, stamped at the gateway. */
  readonly price: Microdollars
  /** 0 of an order by notional. */
  readonly quantity: Units
  readonly selfTradePrevention: SelfTradePrevention
  /** Of a stop order: the last trade at which it enters. */
  readonly stopPrice: Microdollars | null
  /** Of day and gtd orders. */
  readonly expiresAt: Instant | null
  /** What a market buy may cost, its fee included, instead of a quantity. */
  readonly notional: Microdollars | null
  /** Of the taker's fee; read of orders by notional only. */
  readonly takerBp: BasisPoints
  /** How much of the notional grant money pays; it is spent first. */
  readonly grantNotional: Microdollars
  readonly oco: OcoLeg | null
  /** True: the ledger holds for it and hears of it by order outcomes. False: order updates tell it. */
  readonly isHeld: boolean
  /** A supplier's sell of units it issued. */
  readonly isIssuer: boolean
  /** The sweep period in which the ledger held for it; 0: not said. */
  readonly period: number
}

/** The stop leg beside a limit leg: same instrument, side and quantity. A fill of one closes the other. */
export type OcoLeg = {
  readonly orderId: OrderId
  /** True: it rests at its price once it triggers. False: it is taken as a market order. */
  readonly isLimit: boolean
  readonly stopPrice: Microdollars
  readonly price: Microdollars
}

/** What the schema says of an order that says nothing else: no stop, no expiry, no ledger behind it. */
export const orderDefaults = {
  stopPrice: null,
  expiresAt: null,
  notional: null,
  takerBp: 0 as BasisPoints,
  grantNotional: 0 as Microdollars,
  oco: null,
  isHeld: false,
  isIssuer: false,
  period: 0
} as const satisfies Partial<PlaceOrder>

export type CancelOrder = {
  readonly kind: 'cancel-order'
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  /** The closure reason that the order is to have. */
  readonly reason: string
}

/** What the schema says of a cancel that says nothing else. */
export const cancelDefaults = { reason: 'cancelled' } as const satisfies Partial<CancelOrder>

/** `total`: the order's new total, as in FIX. `leaves`: what is to remain, as some recorded flows say it. */
export const amendQuantity = ['total', 'leaves'] as const
export type AmendQuantity = typeof amendQuantity[number]

export type AmendOrder = {
  readonly kind: 'amend-order'
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  /** Null: as it is. */
  readonly price: Microdollars | null
  /** Null: as it is. */
  readonly quantity: Units | null
  readonly quantityIs: AmendQuantity
  /** Of a stop that has not triggered. Null: as it is. */
  readonly stopPrice: Microdollars | null
  /** 0: never. Null: as it is. */
  readonly expiresAt: Instant | null
  /** The total that a new one was asked for: the amend holds of no other. Null: of any. */
  readonly quantityBefore: Units | null
}

/** What the schema says of an amend that says nothing of them. */
export const amendDefaults =
  { stopPrice: null, expiresAt: null, quantityBefore: null } as const satisfies Partial<AmendOrder>

/** Lists an instrument on its partition, or changes its parameters: the whole set, each time. */
export type SetParameters = {
  readonly kind: 'set-parameters'
  readonly instrumentId: InstrumentId
  readonly tickSize: Microdollars
  readonly quantityMin: Units
  readonly quantityMax: Units
  /** Before there is a trade to take it from. */
  readonly referencePrice: Microdollars
  /** How far from the reference a price may lie; 0 turns bands off. */
  readonly bandBp: BasisPoints
  /** How long a trade at the band pauses the instrument. */
  readonly pauseMs: number
}

export const tradingStatus = ['open', 'halted'] as const
export type TradingStatus = typeof tradingStatus[number]

export type SetTradingStatus = {
  readonly kind: 'set-trading-status'
  readonly instrumentId: InstrumentId
  readonly status: TradingStatus
}

export type OrderCommand = PlaceOrder | CancelOrder | AmendOrder | SetParameters | SetTradingStatus

/** A maker and a taker crossed. Fill sequences have no gaps in an instrument. */
export type Fill = {
  readonly kind: 'fill'
  readonly instrumentId: InstrumentId
  readonly sequence: number
  readonly takerSide: Side
  /** The maker's. */
  readonly price: Microdollars
  readonly quantity: Units
  readonly makerOrderId: OrderId
  readonly takerOrderId: OrderId
  readonly makerHolder: HolderId
  readonly takerHolder: HolderId
  readonly matchedAt: Instant
}

export const orderStatus = ['resting', 'partly_filled', 'filled', 'cancelled', 'refused', 'expired'] as const
export type OrderStatus = typeof orderStatus[number]

/** Why an order is closed, where it was not simply filled. API: shown as it is, never renamed. */
export const closureReason = [
  'cancelled', 'partially_filled_no_liquidity', 'partially_filled_max_slippage', 'no_fill_no_liquidity',
  'no_fill_max_slippage', 'self_trade', 'swept', 'tick_change', 'suspended', 'expired', 'dead_man', 'mode_change', 'oco'
] as const
export type ClosureReason = typeof closureReason[number]

/** Why a command is refused, in order of precedence: if several apply, the first is given. API, never renamed. */
export const refusalReason = [
  'unknown_instrument', 'unsupported', 'invalid_quantity', 'invalid_price', 'off_tick', 'notional_too_large',
  'unknown_order', 'duplicate_order', 'too_late', 'halted', 'paused', 'price_band', 'post_only_would_cross',
  'not_halted', 'invalid_stop_price', 'invalid_expiry', 'period_closed', 'order_changed'
] as const
export type RefusalReason = typeof refusalReason[number]

/** What the update answers: the command named, or another order's command that met this one in the book (`match`). */
export const updateCause = ['place', 'cancel', 'amend', 'match', 'market'] as const
export type UpdateCause = typeof updateCause[number]

/**
 * An order's new state, or a refused command (then `cause` names it, `reason` says why, and the order, if there is
 * one, stays as it was). One an order a command: it tells the state after all of the command's fills.
 */
export type OrderUpdate = {
  readonly kind: 'order-update'
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly cause: UpdateCause
  /** True when the command named by `cause` was refused. */
  readonly refused: boolean
  readonly status: OrderStatus
  readonly reason: ClosureReason | RefusalReason | null
  readonly side: Side
  readonly price: Microdollars
  /** The order's total. */
  readonly quantity: Units
  readonly filledQuantity: Units
  readonly filledNotional: Microdollars
  readonly at: Instant
}

export type LevelChange = {
  readonly side: Side
  readonly price: Microdollars
  /** What rests at the price now; 0 removes the level. */
  readonly quantity: number
  readonly orders: number
}

/** The levels one command changed, each once, with what is there after it. `sequence` has no gaps. */
export type BookDelta = {
  readonly kind: 'book-delta'
  readonly instrumentId: InstrumentId
  readonly previous: number
  readonly sequence: number
  readonly at: Instant
  readonly changes: readonly LevelChange[]
}

export const role = ['maker', 'taker'] as const
export type Role = typeof role[number]

/** One fill, as one of its two orders sees it. */
export type Leg = {
  /** Of the fill. */
  readonly sequence: number
  readonly role: Role
  readonly price: Microdollars
  readonly quantity: Units
  /** How much of the notional the buyer's grant money pays: the same in both legs. */
  readonly grant: Microdollars
}

/** The most fills that one order outcome tells; a command with more says them in several. */
export const legsMax = 1000

/**
 * What one command did to an order that the ledger holds for: its answer, all its fills, its closure. One an order a
 * command, but for fills beyond `legsMax`: then the last has `isLast`, and only its state counts.
 */
export type OrderOutcome = {
  readonly kind: 'order-outcome'
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  /** `match`: another order met this one, or its stop triggered. `market`: time, or a change of the instrument. */
  readonly cause: UpdateCause
  /** Why the command named by `cause` was refused. With cause `place` the order never was; else it stays as it was. */
  readonly refusal: RefusalReason | null
  readonly status: OrderStatus
  readonly closureReason: ClosureReason | null
  readonly price: Microdollars
  /** While it has not triggered. */
  readonly stopPrice: Microdollars | null
  readonly quantity: Units
  readonly filledQuantity: Units
  readonly filledNotional: Microdollars
  readonly expiresAt: Instant | null
  readonly legs: readonly Leg[]
  readonly isLast: boolean
  readonly period: number
  readonly at: Instant
}

/** What bands are measured from now; to every partition of the ledger, once a minute while it changes. */
export type ReferencePrice = {
  readonly kind: 'reference-price'
  readonly instrumentId: InstrumentId
  readonly price: Microdollars
  readonly at: Instant
}

/** Matching has entered a sweep period: nothing is sold in earlier ones any more. To every partition of the ledger. */
export type PeriodClosed = {
  readonly kind: 'period-closed'
  readonly instrumentId: InstrumentId
  /** The one that it entered. */
  readonly period: number
  readonly at: Instant
}

export type MatchingOutput = Fill | OrderUpdate | BookDelta | OrderOutcome | ReferencePrice | PeriodClosed
