// What others may see of a book, as plain values: gateways answer from a replica of this state.

import type { TradingStatus } from '../../schemas/matching/records.ts'
import type { Instant, Microdollars, Side } from '../../schemas/units.ts'
import type { LastTrade, Matching } from './matching.ts'

export type LevelView = {
  readonly price: Microdollars
  readonly quantity: number
  readonly orders: number
}

export type MarketStatus = TradingStatus | 'paused' | 'unlisted'

/** Stage time decides: a pause is over when the log says so, not when the reader's clock does. */
export function marketStatus (state: Matching): MarketStatus {
  if (state.parameters === null) return 'unlisted'
  if (state.status === 'halted') return 'halted'
  return state.isPaused ? 'paused' : 'open'
}

/** The best levels of a side, best first, at most `levelsMax`. */
export function depth (state: Matching, side: Side, levelsMax: number): LevelView[] {
  const { book } = state
  const isSell = side === 'sell'
  const levels: LevelView[] = []
  let ticks = isSell ? book.bestSell : book.bestBuy
  while (levels.length < levelsMax && book.ordersAt(ticks) > 0) {
    levels.push({
      price: ticks * state.tickSize as Microdollars,
      quantity: book.quantityAt(ticks),
      orders: book.ordersAt(ticks)
    })
    ticks = book.beyond(ticks, isSell)
  }
  return levels
}

/** The inside market: the best level of each side, or null. */
export function inside (state: Matching): { readonly buy: LevelView | null, readonly sell: LevelView | null } {
  return { buy: depth(state, 'buy', 1)[0] ?? null, sell: depth(state, 'sell', 1)[0] ?? null }
}

export type MarketView = {
  readonly status: MarketStatus
  readonly buys: readonly LevelView[]
  readonly sells: readonly LevelView[]
  /** Of the last book delta; 0 before the first. */
  readonly sequence: number
  readonly lastTrade: LastTrade | null
  /** What bands are measured from; null until the instrument is listed. */
  readonly reference: Microdollars | null
  readonly at: Instant
}

export function marketView (state: Matching, levelsMax: number): MarketView {
  return {
    status: marketStatus(state),
    buys: depth(state, 'buy', levelsMax),
    sells: depth(state, 'sell', levelsMax),
    sequence: state.deltaSequence,
    lastTrade: state.lastTrade,
    reference: state.parameters === null ? null : state.reference,
    at: state.now
  }
}
