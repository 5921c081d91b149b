// Whether a fill-or-kill order can be filled whole, judged before anything changes. The scan looks at levels first and
// at orders only when the levels suffice; it sees no more orders than the match would then meet.

import type { Book } from './book.ts'
import { outcomeOfRemainder } from './match.ts'
import { placed } from './outcomes.ts'

/** How the order is killed, or null when all of it would be filled. */
export function outcomeOfKill (book: Book, taker: number, limit: number): number | null {
  if (!levelsSuffice(book, taker, limit)) return outcomeOfRemainder(book, taker, placed)
  const { orders } = book
  const isSell = orders.isSell(taker)
  const owner = orders.owner(taker)
  // Own orders are stepped over by one mode only; in the others the first of them would leave part of it unfilled.
  const stepsOver = orders.mode(taker) === 'cancel_oldest'
  // Of two legs that rest, the first to be met closes the other.
  const gone = new Set<number>()
  let missing = orders.leaves(taker)
  for (let ticks = best(book, isSell); isWithin(ticks, limit, isSell); ticks = book.beyond(ticks, !isSell)) {
    for (let maker = book.head(ticks); maker !== 0; maker = orders.next(maker)) {
      if (gone.has(maker)) continue
      if (orders.other(maker) !== 0) gone.add(orders.other(maker))
      if (orders.owner(maker) !== owner) missing -= orders.leaves(maker)
      else if (!stepsOver) return placed.selfTrade
      if (missing <= 0) return null
    }
  }
  return outcomeOfRemainder(book, taker, placed)
}

const best = (book: Book, isSell: boolean): number => isSell ? book.bestBuy : book.bestSell

// A walk ends at the latest at `noBuy` or `noSell`, which no limit reaches.
const isWithin = (ticks: number, limit: number, isSell: boolean): boolean => isSell ? ticks >= limit : ticks <= limit

function levelsSuffice (book: Book, taker: number, limit: number): boolean {
  const isSell = book.orders.isSell(taker)
  let missing = book.orders.leaves(taker)
  for (let ticks = best(book, isSell); isWithin(ticks, limit, isSell); ticks = book.beyond(ticks, !isSell)) {
    missing -= book.quantityAt(ticks)
    if (missing <= 0) return true
  }
  return false
}
