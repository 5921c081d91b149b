// Why an order or an amendment is refused for what it says, before anyone looks at balances. The checks stand in the
// order of precedence of `ledgerRefusal`: the first that applies is the answer. They change nothing.

import type { OcoStop, SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { TimeInForce } from '../../schemas/matching/records.ts'
import { type Instant, type Side, notionalMax, quantityMax } from '../../schemas/units.ts'

type Verdict = LedgerRefusal | null

export const isWholeWithin = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

export const isPrice = (price: number | null): price is number => price !== null && isWholeWithin(price, 1, notionalMax)
const isQuantity = (quantity: number): boolean => isWholeWithin(quantity, 1, quantityMax)
const rests = (timeInForce: TimeInForce): boolean => timeInForce === 'gtc' || timeInForce === 'day' || timeInForce === 'gtd'
const isStop = (type: SubmitOrder['type']): boolean => type === 'stop' || type === 'stop_limit'

/** What the order says by itself. */
export function verdictOfTerms (
  order: SubmitOrder, { now, slippageBp }: { now: Instant, slippageBp: number }
): Verdict {
  if (!isSupported(order)) return 'unsupported'
  if (order.quantity === null ? order.notional === null : !isQuantity(order.quantity)) return 'invalid_quantity'
  return verdictOfPrices(order, slippageBp) ??
    verdictOfExpiry(order.timeInForce, order.expiresAt, now) ??
    verdictOfNotional(order)
}

function isSupported ({ type, timeInForce, postOnly, oco }: SubmitOrder): boolean {
  if (postOnly && !(type === 'limit' && rests(timeInForce))) return false
  if (oco !== null && !(type === 'limit' && rests(timeInForce))) return false
  return type === 'limit' || rests(timeInForce) === isStop(type) || (type === 'market' && timeInForce === 'gtc')
}

function verdictOfPrices (order: SubmitOrder, slippageBp: number): Verdict {
  const { side, type, price, stopPrice, oco } = order
  if (!isPrice(price)) return 'invalid_price'
  if (type === 'stop' && isPrice(stopPrice) && !protects({ side, stopPrice, price, slippageBp })) return 'invalid_price'
  if (oco !== null && !isSanePrice({ side, oco, slippageBp })) return 'invalid_price'
  if (isStop(type) ? !isPrice(stopPrice) : stopPrice !== null) return 'invalid_stop_price'
  // The limit leg lies on the good side of the market, the stop leg on the other.
  if (oco !== null && (!isPrice(oco.stopPrice) || (side === 'sell' ? oco.stopPrice >= price : oco.stopPrice <= price))) return 'invalid_stop_price'
  return null
}

const isSanePrice = ({ side, oco, slippageBp }: { side: Side, oco: OcoStop, slippageBp: number }): boolean =>
  isPrice(oco.price) && (oco.isLimit || !isPrice(oco.stopPrice) || protects({ side, ...oco, slippageBp }))

/** A triggered stop pays at most so much more than its stop price, or takes so much less. */
export function protects (of: { side: Side, stopPrice: number, price: number, slippageBp: number }): boolean {
  const { side, stopPrice, price, slippageBp } = of
  const most = slippageOf(stopPrice, slippageBp)
  return side === 'buy' ? price >= stopPrice && price <= stopPrice + most : price <= stopPrice && price >= stopPrice - most
}

// By halves, so that the product stays below 2^53.
const slippageOf = (price: number, bp: number): number =>
  Math.floor(price / 10_000) * bp + Math.floor((price % 10_000) * bp / 10_000)

/** Of an order with this time in force. */
export function verdictOfExpiry (timeInForce: TimeInForce, expiresAt: number | null, now: Instant): Verdict {
  if (timeInForce !== 'gtd') return expiresAt === null ? null : 'invalid_expiry'
  return expiresAt !== null && Number.isSafeInteger(expiresAt) && expiresAt > now ? null : 'invalid_expiry'
}

function verdictOfNotional ({ side, type, timeInForce, quantity, notional }: SubmitOrder): Verdict {
  if (notional === null) return null
  const isByNotional = type === 'market' && side === 'buy' && timeInForce !== 'fok' && quantity === null
  return isByNotional && Number.isSafeInteger(notional) && notional >= 1 ? null : 'invalid_notional'
}

/** Whether it is worth more than an order may be. */
export function isTooLarge ({ price, quantity, notional, oco }: SubmitOrder): boolean {
  if (notional !== null) return notional > notionalMax
  return Math.max(price!, oco === null ? 0 : oco.price) * quantity! > notionalMax
}
