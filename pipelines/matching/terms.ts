// What an order says beside its side, price and quantity.

import type { PlaceOrder } from '../../schemas/matching/records.ts'
import type { Matching } from './matching.ts'
import type { MoreTerms } from './orders.ts'

export const isStop = ({ type }: PlaceOrder): boolean => type === 'stop' || type === 'stop_limit'

export const expires = ({ timeInForce }: PlaceOrder): boolean => timeInForce === 'day' || timeInForce === 'gtd'

/** A limit order that rests until it is cancelled, and is nothing else: the great many. */
export const isPlain = ({ type, timeInForce, notional, oco }: PlaceOrder): boolean =>
  type === 'limit' && timeInForce === 'gtc' && notional === null && oco === null

/** What the ledger stamped. */
const isMarked = ({ isHeld, isIssuer, period, grantNotional }: PlaceOrder): boolean =>
  isHeld || isIssuer || period !== 0 || grantNotional > 0

/** A plain order that no ledger stands behind. */
export const isBare = (command: PlaceOrder): boolean => isPlain(command) && !isMarked(command)

/** Whether it needs a second row: bare orders don't. */
export const hasMoreTerms = (command: PlaceOrder): boolean =>
  isMarked(command) || command.notional !== null || command.oco !== null || expires(command) || isStop(command)

export function moreTermsOf (state: Matching, command: PlaceOrder): MoreTerms {
  const { side, price, quantity, notional, grantNotional, expiresAt, stopPrice, period } = command
  return {
    grant: side === 'buy' ? Math.min(Math.max(grantNotional, 0), notional ?? price * quantity) : 0,
    expiresAt: expires(command) ? expiresAt! : 0,
    period,
    stopTicks: isStop(command) ? state.ticksAt(stopPrice!) : 0
  }
}

/** The version that knows them all. What it doesn't name is an order that makes no sense. */
export function isSupported (command: PlaceOrder): boolean {
  const { type, timeInForce, postOnly, oco, notional } = command
  const rests = timeInForce === 'gtc' || expires(command)
  if (notional !== null) return isMarketBuy(command)
  if (type === 'limit') return rests || (!postOnly && oco === null)
  if (postOnly || oco !== null) return false
  return type === 'market' ? !expires(command) : rests
}

/** The highest fee, in basis points: with it every sum stays below 2^53. */
const takerBpMax = 500

function isMarketBuy ({ type, side, timeInForce, postOnly, oco, takerBp }: PlaceOrder): boolean {
  return type === 'market' && side === 'buy' && (timeInForce === 'gtc' || timeInForce === 'ioc') && !postOnly &&
    oco === null && takerBp >= 0 && takerBp <= takerBpMax
}

/** Of the first version: no stops, nothing that expires. */
export function wasSupported ({ type, timeInForce, postOnly }: PlaceOrder): boolean {
  if (type === 'stop' || type === 'stop_limit' || timeInForce === 'day' || timeInForce === 'gtd') return false
  return !postOnly || (type === 'limit' && timeInForce === 'gtc')
}
