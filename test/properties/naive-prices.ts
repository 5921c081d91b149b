// Levels, the reference and the band of the naive twin: everything from the lists, in exact fractions.

import type { LevelChange } from '../../schemas/matching/records.ts'
import type { Instant, Side } from '../../schemas/units.ts'
import type { BookNaive } from './book-naive.ts'
import { leavesOf } from './naive-order.ts'

export type Level = { side: Side, price: number, quantity: number, orders: number }

export type Place = { readonly side: Side, readonly price: number }

const isSame = (level: Level, { side, price }: Level): boolean => level.side === side && level.price === price

export function levelsOf (book: BookNaive): Level[] {
  const levels: Level[] = []
  for (const order of [...book.side('buy'), ...book.side('sell')]) {
    const last = levels.at(-1)
    if (last?.side === order.side && last.price === order.price) {
      last.quantity += leavesOf(order)
      last.orders++
    } else {
      levels.push({ side: order.side, price: order.price, quantity: leavesOf(order), orders: 1 })
    }
  }
  return levels
}

/** All levels that differ, and those that lost a second leg in passing, whether or not something took its place. */
export function sayDelta (book: BookNaive, before: readonly Level[], touched: readonly Place[]): void {
  const after = levelsOf(book)
  const named = [...before, ...after, ...touched.map(({ side, price }) => ({ side, price, quantity: 0, orders: 0 }))]
  const changed = named.filter((level, index) => named.findIndex(other => isSame(level, other)) === index)
    .map(level => after.find(now => isSame(level, now)) ?? { ...level, quantity: 0, orders: 0 })
    .filter(level => {
      const old = before.find(then => isSame(level, then)) ?? { quantity: 0, orders: 0 }
      return old.quantity !== level.quantity || old.orders !== level.orders ||
        touched.some(({ side, price }) => side === level.side && price === level.price)
    })
  if (changed.length === 0) return
  const buys = changed.filter(level => level.side === 'buy').sort((a, b) => b.price - a.price)
  const sells = changed.filter(level => level.side === 'sell').sort((a, b) => a.price - b.price)
  book.deltaSequence++
  book.outputs.push({
    kind: 'book-delta',
    instrumentId: book.parameters!.instrumentId,
    previous: book.deltaSequence - 1,
    sequence: book.deltaSequence,
    at: book.now as Instant,
    changes: [...buys, ...sells] as LevelChange[]
  })
}

export const recentTrades = (book: BookNaive) =>
  book.trades.filter(trade => trade.second > Math.floor(book.now / 1000) - 300)

export function referenceOf (book: BookNaive): bigint {
  const recent = recentTrades(book)
  if (recent.length > 0) {
    const notional = recent.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n)
    return notional / recent.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n)
  }
  return BigInt(book.lastTrade?.price ?? book.parameters!.referencePrice)
}

export function isAboveBand (book: BookNaive, price: number): boolean {
  const band = BigInt(book.parameters!.bandBp)
  return band !== 0n && BigInt(price) * 10_000n > referenceOf(book) * (10_000n + band)
}

export function isBelowBand (book: BookNaive, price: number): boolean {
  const band = BigInt(book.parameters!.bandBp)
  return band !== 0n && BigInt(price) * 10_000n < referenceOf(book) * (10_000n - band)
}
