// Why the naive twin refuses: each check as a line of a list, in order of precedence; the first that applies counts.

import { type AmendOrder, type PlaceOrder, type RefusalReason, type SetParameters } from '../../schemas/matching/records.ts'
import { notionalMax, priceTicksMax, quantityMax } from '../../schemas/units.ts'
import type { BookNaive } from './book-naive.ts'
import { type NaiveOrder } from './naive-order.ts'

type Check = readonly [applies: () => boolean, reason: RefusalReason]

const first = (checks: readonly Check[]): RefusalReason | null => checks.find(([applies]) => applies())?.[1] ?? null

function priceChecks (book: BookNaive, price: number): Check[] {
  const tick = book.parameters!.tickSize
  return [
    [() => price <= 0 || price > priceTicksMax * tick, 'invalid_price'],
    [() => price % tick !== 0, 'off_tick']
  ]
}

function momentChecks (book: BookNaive, isLate: boolean): Check[] {
  return [
    [() => isLate, 'too_late'],
    [() => book.status === 'halted', 'halted'],
    [() => book.now < book.pausedUntil, 'paused']
  ]
}

const isBadStop = (book: BookNaive, price: number | null): boolean =>
  price === null || first(priceChecks(book, price)) !== null

function isSupported (book: BookNaive, command: PlaceOrder): boolean {
  const { type, timeInForce, postOnly, side, notional, oco, takerBp } = command
  const waits = timeInForce === 'day' || timeInForce === 'gtd'
  const mayRest = timeInForce === 'gtc' || waits
  if (!book.knowsLedger && (waits || type === 'stop' || type === 'stop_limit')) return false
  if (postOnly && !(type === 'limit' && mayRest)) return false
  if (oco !== null && !(type === 'limit' && mayRest)) return false
  if (notional !== null) {
    return type === 'market' && side === 'buy' && ['gtc', 'ioc'].includes(timeInForce) && takerBp >= 0 && takerBp <= 500
  }
  if (type === 'market') return !waits
  return type === 'limit' || mayRest
}

export function refusalOfPlace (book: BookNaive, command: PlaceOrder, isLate: boolean): RefusalReason | null {
  if (!book.listed(command.instrumentId)) return 'unknown_instrument'
  const { type, timeInForce, postOnly, quantity, price, side, orderId, notional, oco, stopPrice, expiresAt } = command
  const { quantityMin } = book.parameters!
  const prices = oco === null ? [price] : [price, oco.price]
  const ids = oco === null ? [orderId] : [orderId, oco.orderId]
  return first([
    [() => !isSupported(book, command), 'unsupported'],
    [() => notional === null && (quantity < quantityMin || quantity > book.parameters!.quantityMax), 'invalid_quantity'],
    [() => notional !== null && (quantity !== 0 || notional < 1), 'invalid_quantity'],
    ...prices.flatMap(each => priceChecks(book, each)),
    [() => prices.some(each => each * quantity > notionalMax) || (notional ?? 0) > notionalMax, 'notional_too_large'],
    [() => new Set(ids).size < ids.length || book.open().some(order => ids.includes(order.orderId)), 'duplicate_order'],
    ...momentChecks(book, isLate),
    [() => type === 'limit' && book.isOutsideBand(side, price), 'price_band'],
    [() => postOnly && book.wouldCross(side, price), 'post_only_would_cross'],
    [() => (type === 'stop' || type === 'stop_limit') && isBadStop(book, stopPrice), 'invalid_stop_price'],
    [() => oco !== null && isBadStop(book, oco.stopPrice), 'invalid_stop_price'],
    [() => (timeInForce === 'day' || timeInForce === 'gtd') && (expiresAt === null || expiresAt <= book.now), 'invalid_expiry'],
    [() => side === 'sell' && !command.isIssuer && command.period !== 0 && command.period < book.period, 'period_closed']
  ])
}

/** What the command alone says. */
export function refusalOfAmendment (book: BookNaive, { price, quantity }: AmendOrder): RefusalReason | null {
  return first([
    [() => quantity !== null && (quantity < 1 || quantity > quantityMax), 'invalid_quantity'],
    ...price === null ? [] : priceChecks(book, price)
  ])
}

export function refusalOfKind (book: BookNaive, order: NaiveOrder, command: AmendOrder): RefusalReason | null {
  return first([
    [() => book.knowsLedger && command.stopPrice !== null && order.stop === null, 'unsupported'],
    [() => book.knowsLedger && command.quantity !== null && order.other !== null, 'unsupported']
  ])
}

export type NewTerms = { readonly price: number, readonly total: number, readonly keepsPlace: boolean }

export function refusalOfNewTerms (
  book: BookNaive, order: NaiveOrder, { price, total, keepsPlace }: NewTerms, command: AmendOrder, isLate: boolean
): RefusalReason | null {
  const closes = total <= order.filled
  const { quantityMin, quantityMax: max } = book.parameters!
  const reenters = !closes && !keepsPlace && order.stop === null
  const { stopPrice, expiresAt } = command
  return first([
    [() => !closes && (total < quantityMin || total > max), 'invalid_quantity'],
    [() => !closes && order.notional + (total - order.filled) * price > notionalMax, 'notional_too_large'],
    ...momentChecks(book, isLate),
    [() => reenters && book.isOutsideBand(order.side, price), 'price_band'],
    [() => reenters && order.postOnly && book.wouldCross(order.side, price), 'post_only_would_cross'],
    [() => book.knowsLedger && stopPrice !== null && isBadStop(book, stopPrice), 'invalid_stop_price'],
    [() => book.knowsLedger && expiresAt !== null && expiresAt !== 0 && expiresAt <= book.now, 'invalid_expiry'],
    [() => book.knowsLedger && command.quantity !== null && command.quantityBefore !== null && command.quantityBefore !== order.total, 'order_changed']
  ])
}

export function refusalOfParameters (book: BookNaive, command: SetParameters, isLate: boolean): RefusalReason | null {
  const { instrumentId, tickSize, quantityMin, referencePrice, bandBp, pauseMs } = command
  const { parameters } = book
  return first([
    [() => parameters !== null && parameters.instrumentId !== instrumentId, 'unknown_instrument'],
    [() => bandBp < 0 || bandBp > 10_000 || pauseMs < 0 || pauseMs > 86_400_000, 'unsupported'],
    [() => quantityMin < 1 || quantityMin > command.quantityMax || command.quantityMax > quantityMax, 'invalid_quantity'],
    [() => tickSize < 1 || tickSize > 1_000_000_000, 'invalid_price'],
    [() => referencePrice < 1 || referencePrice > priceTicksMax * tickSize, 'invalid_price'],
    [() => referencePrice % tickSize !== 0, 'off_tick'],
    [() => isLate, 'too_late'],
    [() => parameters !== null && parameters.tickSize !== tickSize && book.status !== 'halted', 'not_halted']
  ])
}
