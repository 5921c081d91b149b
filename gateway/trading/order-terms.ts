// What a client asks for in an order, put together: defaults filled in, contradictions named under the client's words.

import { createHash } from 'node:crypto'
import type { Instrument } from '../../schemas/instruments.ts'
import type { OrderType, SelfTradePrevention, TimeInForce } from '../../schemas/matching/records.ts'
import { priceTicksMax, type Instant, type Microdollars, type Side, type Units } from '../../schemas/units.ts'
import { dollars } from './decimals.ts'
import type { Amendment, NewOrder } from './order-fields.ts'

export type Terms = {
  readonly instrument: Instrument
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly quantity: Units | null
  readonly notional: Microdollars | null
  readonly price: Microdollars | null
  readonly stopPrice: Microdollars | null
  readonly expiresAt: Instant | null
  readonly oco: { readonly stopPrice: Microdollars, readonly price: Microdollars | null } | null
  readonly postOnly: boolean
  readonly reduceOnly: boolean
  readonly autoTransfer: boolean
  readonly selfTradePrevention: SelfTradePrevention
  readonly slippageBp: number | null
  readonly clientOrderId: string | null
}

/** Takes down what is wrong with a field. */
export type Fault = (field: string, fault: string) => void

export function termsOf (asked: NewOrder, at: Instant, fault: Fault): Terms {
  const { market_id: instrument, side, type, oco } = asked
  const terms: Terms = {
    instrument,
    side,
    type,
    timeInForce: timeInForceOf(asked),
    quantity: asked.quantity ?? asked.size ?? null,
    notional: asked.notional ?? null,
    price: asked.price ?? null,
    stopPrice: asked.stop_price ?? null,
    expiresAt: asked.expires_at ?? null,
    oco: oco == null ? null : { stopPrice: oco.stop_price, price: oco.price ?? null },
    postOnly: asked.post_only ?? false,
    reduceOnly: asked.reduce_only ?? false,
    autoTransfer: asked.auto_transfer ?? false,
    selfTradePrevention: asked.self_trade_prevention ?? 'cancel_newest',
    slippageBp: asked.max_slippage_bp ?? null,
    clientOrderId: asked.client_order_id ?? null
  }
  if (instrument.listing !== 'listed') fault('market_id', 'is not open to orders yet')
  sameSize(asked, fault)
  judgePrices(terms, fault)
  judgeOco(terms, fault)
  judgeQuantity(terms, fault)
  judgeTime(terms, at, fault)
  judgeFlags(terms, fault)
  return terms
}

// Clients send gtc with whatever they send: in a market order it can only mean that they said nothing.
function timeInForceOf ({ type, time_in_force: sent, expires_at: expiresAt }: NewOrder): TimeInForce {
  if (type === 'market' && (sent == null || sent === 'gtc')) return 'ioc'
  return sent ?? (expiresAt == null ? 'gtc' : 'gtd')
}

export function sameSize ({ quantity, size }: Pick<Amendment, 'quantity' | 'size'>, fault: Fault): void {
  if (quantity != null && size != null && quantity !== size) fault('size', 'differs from quantity')
}

const isStop = (type: OrderType): boolean => type === 'stop' || type === 'stop_limit'
const hasLimit = (type: OrderType): boolean => type === 'limit' || type === 'stop_limit'

function judgePrices ({ instrument, type, price, stopPrice, oco, slippageBp }: Terms, fault: Fault): void {
  if (hasLimit(type) && price === null) fault('price', `is missing: a ${type} order needs one`)
  if (!hasLimit(type) && price !== null) fault('price', `is not for ${type} orders; see max_slippage_bp`)
  if (isStop(type) && stopPrice === null) fault('stop_price', `is missing: a ${type} order needs one`)
  if (!isStop(type) && stopPrice !== null) fault('stop_price', `is not for ${type} orders`)
  if (hasLimit(type) && slippageBp !== null) fault('max_slippage_bp', 'is for market and stop orders: a limit says it itself')
  const prices = { price, stop_price: stopPrice, 'oco.stop_price': oco?.stopPrice ?? null, 'oco.price': oco?.price ?? null }
  for (const [field, value] of Object.entries(prices)) judgeTick(instrument, { field, value }, fault)
}

function judgeOco ({ side, type, price, oco }: Terms, fault: Fault): void {
  if (oco === null) return
  if (type !== 'limit') fault('oco', 'goes beside a limit order')
  const isBeyond = price !== null && (side === 'sell' ? oco.stopPrice >= price : oco.stopPrice <= price)
  if (isBeyond) fault('oco.stop_price', `is ${side === 'sell' ? 'below' : 'above'} the limit: the market lies between them`)
}

type Sent = { readonly field: string, readonly value: Microdollars | null }

export function judgeTick ({ trading: { tickSize } }: Instrument, { field, value }: Sent, fault: Fault): void {
  if (value === null) return
  if (value % tickSize !== 0) fault(field, `is not on a tick of ${dollars(tickSize)}`)
  else if (value / tickSize > priceTicksMax) fault(field, 'is beyond any price of this market')
}

function judgeQuantity ({ instrument, side, type, quantity, notional }: Terms, fault: Fault): void {
  const { quantityMin, quantityMax } = instrument.trading
  if (notional !== null) {
    if (type !== 'market' || side !== 'buy') fault('notional', 'is for market buys')
    if (quantity !== null) fault('quantity', 'may not be given together with notional')
  } else if (quantity === null) {
    fault('quantity', 'is missing')
  } else if (quantity < quantityMin || quantity > quantityMax) {
    fault('quantity', `is ${quantityMin} to ${quantityMax} units in this market`)
  }
}

function judgeTime ({ type, timeInForce, expiresAt, oco }: Terms, at: Instant, fault: Fault): void {
  const rests = timeInForce !== 'ioc' && timeInForce !== 'fok'
  if (type === 'market' && rests) fault('time_in_force', 'of a market order is ioc or fok')
  if ((isStop(type) || (type === 'limit' && oco !== null)) && !rests) fault('time_in_force', 'is gtc, day or gtd where there is a stop')
  if (timeInForce === 'gtd' && expiresAt === null) fault('expires_at', 'is missing: gtd needs it')
  if (timeInForce !== 'gtd' && expiresAt !== null) fault('expires_at', 'is for gtd')
  if (expiresAt !== null && expiresAt <= at) fault('expires_at', 'is not in the future')
}

function judgeFlags ({ side, type, timeInForce, postOnly, autoTransfer, notional }: Terms, fault: Fault): void {
  const rests = timeInForce !== 'ioc' && timeInForce !== 'fok'
  if (postOnly && (type !== 'limit' || !rests)) fault('post_only', 'is for limit orders that may rest')
  if (autoTransfer && side === 'sell') fault('auto_transfer', 'is for buys')
  if (notional !== null && timeInForce === 'fok') fault('time_in_force', 'of an order by notional is ioc')
}

/** Of all that a client says in an order, its own id apart: equal for the same order however it was written. */
export function contentOf ({ instrument, clientOrderId, ...terms }: Terms): string {
  const content = [instrument.instrumentId, ...Object.entries(terms)]
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url')
}
