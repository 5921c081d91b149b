// How orders of the naive twin meet: who can be reached, who trades, who gives way.

import type { ClosureReason, Leg } from '../../schemas/matching/records.ts'
import type { LastTrade } from '../../pipelines/matching/matching.ts'
import type { BookNaive } from './book-naive.ts'
import { type NaiveOrder, leavesOf, unitsFor } from './naive-order.ts'
import { isAboveBand, isBelowBand } from './naive-prices.ts'
import { say, sayFill } from './naive-said.ts'

// A market order never trades beyond the band.
function limitOf (book: BookNaive, order: NaiveOrder): number {
  const back = (order.side === 'buy' ? -1 : 1) * book.parameters!.tickSize
  let limit = order.price
  while (order.isMarket && book.isOutsideBand(order.side, limit)) limit += back
  return limit
}

// The makers the taker may trade with, best first.
function reachable (book: BookNaive, order: NaiveOrder): NaiveOrder[] {
  const limit = limitOf(book, order)
  return book.side(order.side === 'buy' ? 'sell' : 'buy')
    .filter(maker => order.side === 'buy' ? maker.price <= limit : maker.price >= limit)
}

export function reasonToKill (book: BookNaive, order: NaiveOrder): ClosureReason | null {
  const met: NaiveOrder[] = []
  // Of two legs the second is gone by the time it would be met.
  for (const maker of reachable(book, order)) if (maker.other === null || !met.includes(maker.other)) met.push(maker)
  const sum = (orders: NaiveOrder[]): number => orders.reduce((total, maker) => total + leavesOf(maker), 0)
  const hasEnough = (orders: NaiveOrder[]): boolean => sum(orders) >= order.total
  if (!hasEnough(reachable(book, order))) return remainder(book, order)
  if (order.mode === 'cancel_oldest') {
    return hasEnough(met.filter(maker => maker.owner !== order.owner)) ? null : remainder(book, order)
  }
  const firstOwn = met.findIndex(maker => maker.owner === order.owner)
  if (firstOwn >= 0 && !hasEnough(met.slice(0, firstOwn))) return 'self_trade'
  return hasEnough(met) ? null : remainder(book, order)
}

export function remainder (book: BookNaive, order: NaiveOrder): ClosureReason {
  const isAlone = book.resting.every(other => other.side === order.side)
  if (order.filled > 0) return isAlone ? 'partially_filled_no_liquidity' : 'partially_filled_max_slippage'
  return isAlone ? 'no_fill_no_liquidity' : 'no_fill_max_slippage'
}

export function match (book: BookNaive, order: NaiveOrder, legs: Leg[]): 'self_trade' | 'spent' | 'left' {
  const makers = reachable(book, order)
  const { tickSize } = book.parameters!
  const isAtBand = ({ price }: NaiveOrder): boolean =>
    isAboveBand(book, price + tickSize) || isBelowBand(book, price - tickSize)
  const atBand = new Set(makers.filter(isAtBand))
  for (const maker of makers) {
    if (!book.resting.includes(maker)) continue
    if (order.money !== null) {
      order.total = order.filled + unitsFor(order, maker.price)
    }
    if (leavesOf(order) === 0) return 'spent'
    if (maker.owner === order.owner) {
      if (preventSelfTrade(book, maker, order)) return 'self_trade'
    } else {
      legs.push(trade(book, maker, order))
      if (atBand.has(maker)) book.pausedUntil = book.now + book.parameters!.pauseMs
    }
  }
  const isSpent = order.money === null || order.filled > 0 ? leavesOf(order) === 0 : false
  return isSpent ? 'spent' : 'left'
}

function trade (book: BookNaive, maker: NaiveOrder, taker: NaiveOrder): Leg {
  const { price } = maker
  const quantity = Math.min(leavesOf(maker), leavesOf(taker))
  const buyer = taker.side === 'buy' ? taker : maker
  const grant = Math.min(buyer.grant, quantity * price)
  for (const order of [maker, taker]) {
    order.filled += quantity
    order.notional += quantity * price
  }
  buyer.grant -= grant
  trimGrant(buyer)
  book.lastTrade = { price, quantity, takerSide: taker.side, at: book.now } as LastTrade
  book.trades.push({ second: Math.floor(book.now / 1000), price, quantity })
  const { ofMaker, ofTaker } = sayFill(book, maker, taker, { quantity, grant })
  if (leavesOf(maker) === 0) {
    book.drop(maker)
    book.finish(maker, 'match', { status: 'filled', reason: null }, [ofMaker])
  } else {
    say(book, maker, { cause: 'match', status: 'partly_filled', reason: null, legs: [ofMaker] })
    book.part(maker, 'match')
  }
  return ofTaker
}

export function trimGrant (order: NaiveOrder): void {
  if (order.money === null) order.grant = Math.min(order.grant, leavesOf(order) * order.price)
}

function preventSelfTrade (book: BookNaive, maker: NaiveOrder, taker: NaiveOrder): boolean {
  const ofMaker = leavesOf(maker)
  const ofTaker = leavesOf(taker)
  const decrements = taker.mode === 'decrement_and_cancel'
  if (taker.mode === 'cancel_newest' || (decrements && taker.money !== null)) return true
  if (decrements && ofMaker > ofTaker) {
    maker.total -= ofTaker
    trimGrant(maker)
    say(book, maker, { cause: 'match', status: maker.filled === 0 ? 'resting' : 'partly_filled', reason: null })
    return true
  }
  book.close(maker, 'match', { status: 'cancelled', reason: 'self_trade' })
  if (!decrements) return taker.mode === 'cancel_both'
  if (ofMaker === ofTaker) return true
  taker.total -= ofMaker
  trimGrant(taker)
  return false
}
