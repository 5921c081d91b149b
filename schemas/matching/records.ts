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
  readonly quantity: Units
  readonly selfTradePrevention: SelfTradePrevention
}

export type CancelOrder = {
  readonly kind: 'cancel-order'
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
}

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
}

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
  'not_halted'
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

export type MatchingOutput = Fill | OrderUpdate | BookDelta
