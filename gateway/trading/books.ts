// Books as the surfaces show them, and the words the API has for their states.

import type { Instrument } from '../../schemas/instruments.ts'
import { ApiError } from '../errors.ts'
import type { BookPort, BookStatus, BookView, Level } from '../ports.ts'
import { dollars, isoTime } from './decimals.ts'

/** A market's status in the API's words. */
export const marketStatus: Readonly<Record<BookStatus, string>> = {
  open: 'active', paused: 'suspended', halted: 'suspended', unlisted: 'inactive'
}

/** What a preview shows: it has no book of its own until it is listed. */
const noBook = { status: 'unlisted', bids: [], asks: [], sequence: 0, lastTrade: null, reference: null, position: null } as const

export type ShownBook = Omit<BookView, 'position' | 'at' | 'lagRecords'> & Partial<Pick<BookView, 'at' | 'lagRecords'>> & {
  readonly position: BookView['position'] | null
}

export function bookOf (books: BookPort, instrument: Instrument, depth: number): ShownBook {
  const book = books.book(instrument.instrumentId, depth)
  if (book !== null) return book
  if (instrument.listing === 'preview') return noBook
  const headers = { 'retry-after': '1' }
  throw new ApiError('unavailable', `The book of ${instrument.instrumentId} is still being restored here.`, { headers })
}

/** Levels with what rests at and before each; the published order book calls that `total`. */
function levels (side: readonly Level[]): object[] {
  let total = 0
  return side.map(({ price, quantity, orders }) => {
    total += quantity
    return { price: dollars(price), quantity, size: quantity, total, order_count: orders }
  })
}

/** `buy` and `sell` are the documented names; `bids` and `asks` are what clients make of them. */
export function bookJson (instrument: Instrument, book: ShownBook): object {
  const [buy, sell] = [levels(book.bids), levels(book.asks)]
  return {
    market_id: instrument.marketId,
    symbol: instrument.instrumentId,
    trading_status: book.status,
    buy,
    sell,
    bids: buy,
    asks: sell,
    sequence: book.sequence,
    ...(book.at === undefined ? {} : { timestamp: isoTime(book.at) }),
    log_position: book.position,
    lag_records: book.lagRecords ?? 0
  }
}
