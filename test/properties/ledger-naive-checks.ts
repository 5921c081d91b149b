// What may be wrong with an order or an amend, for the naive twin: every reason that applies, in no order; the first by
// precedence is the answer.

import type { SubmitAmend, SubmitOrder } from '../../schemas/ledger/commands.ts'
import { type LedgerRefusal, ledgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { OrderType, TimeInForce } from '../../schemas/matching/records.ts'
import type { Side } from '../../schemas/units.ts'

export const isWhole = (value: number | null, min: number, max: number): value is number =>
  value !== null && Number.isSafeInteger(value) && value >= min && value <= max

const isPrice = (price: number | null): price is number => isWhole(price, 1, 10_000_000_000_000)
const canRest = (timeInForce: TimeInForce): boolean => ['gtc', 'day', 'gtd'].includes(timeInForce)

export function firstByPrecedence (reasons: ReadonlySet<LedgerRefusal>): LedgerRefusal | null {
  return ledgerRefusal.find(reason => reasons.has(reason)) ?? null
}

/** Within what a triggered stop may pay or take, in exact fractions. */
function isWithinSlippage (side: Side, of: { stop: number, price: number, bp: number }): boolean {
  const stop = BigInt(of.stop)
  const price = BigInt(of.price)
  const slack = stop * BigInt(of.bp)
  const distance = (side === 'buy' ? price - stop : stop - price) * 10_000n
  return distance >= 0n && distance <= slack
}

export function wrongWithOrder (order: SubmitOrder, now: number, slippageBp: number): Set<LedgerRefusal> {
  const { side, type, timeInForce, price, stopPrice, quantity, notional, oco, expiresAt } = order
  const wrong = new Set<LedgerRefusal>()
  const say = (reason: LedgerRefusal, when: boolean): void => { if (when) wrong.add(reason) }
  const isStop = type === 'stop' || type === 'stop_limit'
  say('unsupported', (order.postOnly || oco !== null) && (type !== 'limit' || !canRest(timeInForce)))
  say('unsupported', type === 'market' && (timeInForce === 'day' || timeInForce === 'gtd'))
  say('unsupported', isStop && !canRest(timeInForce))
  say('invalid_quantity', quantity === null ? notional === null : !isWhole(quantity, 1, 999_999_999))
  say('invalid_price', !isPrice(price))
  say('invalid_stop_price', isStop !== isPrice(stopPrice) || (!isStop && stopPrice !== null))
  if (type === 'stop' && isPrice(price) && isPrice(stopPrice)) {
    say('invalid_price', !isWithinSlippage(side, { stop: stopPrice, price, bp: slippageBp }))
  }
  if (oco !== null) {
    say('invalid_price', !isPrice(oco.price))
    say('invalid_stop_price', !isPrice(oco.stopPrice))
    if (isPrice(oco.price) && isPrice(oco.stopPrice)) {
      say('invalid_price', !oco.isLimit && !isWithinSlippage(side, { stop: oco.stopPrice, price: oco.price, bp: slippageBp }))
      say('invalid_stop_price', isPrice(price) && (side === 'buy' ? oco.stopPrice <= price : oco.stopPrice >= price))
    }
  }
  say('invalid_expiry', timeInForce === 'gtd' ? !isWhole(expiresAt, now + 1, Number.MAX_SAFE_INTEGER) : expiresAt !== null)
  say('invalid_notional', notional !== null && !(type === 'market' && side === 'buy' && timeInForce !== 'fok' && quantity === null && isWhole(notional, 1, Number.MAX_SAFE_INTEGER)))
  say('reduce_only_buy', order.reduceOnly && side === 'buy')
  const worth = notional ?? Math.max(price ?? 0, oco?.price ?? 0) * (quantity ?? 0)
  say('notional_too_large', worth > 10_000_000_000_000)
  return wrong
}

/** The order as an amend finds it. */
export type Amended = {
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly price: number
  readonly stopPrice: number | null
  readonly quantity: number
  readonly filled: number
  readonly filledNotional: number
  readonly isPair: boolean
}

export function wrongWithAmend (
  amend: SubmitAmend, order: Amended, now: number, slippageBp: number
): Set<LedgerRefusal> {
  const { price, quantity, stopPrice, timeInForce, expiresAt } = amend
  const wrong = new Set<LedgerRefusal>()
  const say = (reason: LedgerRefusal, when: boolean): void => { if (when) wrong.add(reason) }
  const isStop = order.type === 'stop' || order.type === 'stop_limit'
  say('unsupported', [price, quantity, stopPrice, timeInForce, expiresAt].every(field => field === null))
  say('unsupported', order.type === 'market' || !canRest(order.timeInForce) || (timeInForce !== null && !canRest(timeInForce)))
  say('unsupported', (stopPrice !== null && !isStop) || (quantity !== null && order.isPair))
  say('invalid_quantity', quantity !== null && !isWhole(quantity, 1, 999_999_999))
  say('invalid_price', price !== null && !isPrice(price))
  say('invalid_stop_price', stopPrice !== null && !isPrice(stopPrice))
  const newStop = stopPrice ?? order.stopPrice
  const newPrice = price ?? order.price
  if (order.type === 'stop' && (price !== null || stopPrice !== null) && isPrice(newPrice) && isPrice(newStop)) {
    say('invalid_price', !isWithinSlippage(order.side, { stop: newStop, price: newPrice, bp: slippageBp }))
  }
  if (timeInForce !== null || expiresAt !== null) {
    const isGtd = (timeInForce ?? order.timeInForce) === 'gtd'
    say('invalid_expiry', isGtd ? !isWhole(expiresAt, now + 1, Number.MAX_SAFE_INTEGER) : expiresAt !== null)
  }
  const leaves = Math.max(0, (quantity ?? order.quantity) - order.filled)
  say('notional_too_large', order.filledNotional + leaves * newPrice > 10_000_000_000_000)
  return wrong
}
