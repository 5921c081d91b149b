// The state of the naive twin in the form in which the fast one is written down.

import type { OpenOrder, MatchingSnapshot } from '../../pipelines/matching/snapshot.ts'
import type { Instant, Microdollars, OrderId } from '../../schemas/units.ts'
import type { BookNaive } from './book-naive.ts'
import { type NaiveOrder, leavesOf } from './naive-order.ts'
import { recentTrades } from './naive-prices.ts'

export function snapshotOf (book: BookNaive): MatchingSnapshot {
  const seconds = new Map<number, { quantity: number, notional: bigint }>()
  for (const { second, price, quantity } of recentTrades(book)) {
    const sum = seconds.get(second) ?? { quantity: 0, notional: 0n }
    const notional = sum.notional + BigInt(price) * BigInt(quantity)
    seconds.set(second, { quantity: sum.quantity + quantity, notional })
  }
  return {
    version: book.version,
    parameters: book.parameters,
    status: book.status,
    now: book.now as Instant,
    pausedUntil: book.pausedUntil as Instant,
    fillSequence: book.fillSequence,
    deltaSequence: book.deltaSequence,
    lastTrade: book.lastTrade,
    window: Array.from(seconds, ([second, { quantity, notional }]) => ({
      second, quantity, notionalHigh: Number(notional >> 32n), notionalLow: Number(notional & 0xffffffffn)
    })),
    orders: [...book.side('buy'), ...book.side('sell')].map(order => openOrder(book, order)),
    stops: book.waiting.toSorted((a, b) => a.arrival - b.arrival).map(order => ({
      ...openOrder(book, order), stopTicks: order.stop! / book.parameters!.tickSize, isLimit: !order.isMarket
    })),
    referenceDueAt: book.referenceDueAt as Instant,
    referenceSaid: book.referenceSaid as Microdollars,
    period: book.period
  }
}

function openOrder (book: BookNaive, order: NaiveOrder): OpenOrder {
  return {
    orderId: order.orderId,
    holder: order.holder,
    owner: order.owner,
    side: order.side,
    postOnly: order.postOnly,
    selfTradePrevention: order.mode,
    ticks: order.price / book.parameters!.tickSize,
    leaves: leavesOf(order),
    filled: order.filled,
    notional: order.notional,
    isHeld: order.isHeld,
    isIssuer: order.isIssuer,
    grant: order.grant as Microdollars,
    expiresAt: order.expiresAt as Instant,
    period: order.period,
    other: order.other?.orderId ?? 0 as OrderId
  }
}
