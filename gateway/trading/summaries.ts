// A market's last 24 hours in one row. The price and the inside market are the book's, as fresh as the log; what takes
// a day to know is from the history. Prices that must be there are zero, which no price can be, while there is nothing
// to take them from; what is optional is left out until it is known.

import type { Instrument } from '../../schemas/instruments.ts'
import type { Microdollars } from '../../schemas/units.ts'
import { one } from '../http/reply-schemas.ts'
import { resource, type Reply, type Route } from '../http/route.ts'
import type { Day, LastTrade, Ports } from '../ports.ts'
import { bookOf, type ShownBook } from './books.ts'
import { count, dollars, isoTime, percentChange } from './decimals.ts'
import { marketAt } from './markets.ts'
import { marketStats, ticker } from './public-schemas.ts'

const dayMs = 24 * 60 * 60 * 1000
const nothing = '0.00000000'

const price = (known: Microdollars | null | undefined): string => known == null ? nothing : dollars(known)

type Change = { readonly amount: string, readonly percent: string }

function change (from: Microdollars | null, to: Microdollars | null): Change | null {
  if (from === null || to === null) return null
  return { amount: dollars(BigInt(to) - BigInt(from)), percent: percentChange(from, to) }
}

const lastTradeJson = (last: LastTrade | null): object => last === null
  ? { last_trade_quantity: null, last_trade_timestamp: null }
  : { last_trade_quantity: last.quantity, last_trade_side: last.side, last_trade_timestamp: isoTime(last.at) }

function tickerJson (instrument: Instrument, book: ShownBook, day: Day): object {
  const [bid, ask] = [book.bids[0]?.price, book.asks[0]?.price]
  const last = book.lastTrade?.price ?? day.close
  const moved = change(day.open, last)
  return {
    market_id: instrument.marketId,
    symbol: instrument.instrumentId,
    trading_status: book.status,
    last_price: price(last),
    ...lastTradeJson(book.lastTrade),
    highest_bid: price(bid),
    lowest_ask: price(ask),
    bid: price(bid),
    ask: price(ask),
    volume_24h: count(day.volume),
    quote_volume_24h: dollars(day.notional),
    ...(day.high === null ? {} : { high_24h: dollars(day.high) }),
    ...(day.low === null ? {} : { low_24h: dollars(day.low) }),
    ...(moved === null ? {} : { price_change_24h: moved.amount, price_change_percent_24h: moved.percent })
  }
}

/** Both published shapes in one: the documents' `…_24h` names and the client's open, high, low, close. */
function statsJson (instrument: Instrument, book: ShownBook, day: Day): object {
  const last = book.lastTrade?.price ?? day.close
  const moved = change(day.open, last)
  return {
    market_id: instrument.marketId,
    symbol: instrument.instrumentId,
    current_price: price(last),
    price_change_24h: moved?.amount ?? nothing,
    price_change_24h_percent: moved?.percent ?? '0.0000',
    high_24h: price(day.high),
    low_24h: price(day.low),
    volume_24h: count(day.volume),
    volume_24h_tokens: String(day.volume * 1_000_000n),
    volume_24h_value: dollars(day.notional),
    open: price(day.open),
    high: price(day.high),
    low: price(day.low),
    close: price(last),
    volume: String(day.volume),
    quote_volume: dollars(day.notional),
    num_trades: day.trades
  }
}

export function summaryRoutes ({ books, history, now }: Ports): Route[] {
  return [
    resource({
      path: '/markets/:market/ticker',
      summary: 'The last price, the inside market and the day.',
      replies: { 200: one(ticker) },
      query: {},
      answer: async (params): Promise<Reply> => {
        const [instrument, at] = [marketAt(params), now()]
        const book = bookOf(books, instrument, 1)
        const day = await history.day(instrument.instrumentId, at)
        return { body: { data: { ...tickerJson(instrument, book, day), timestamp: isoTime(at) } } }
      }
    }),
    resource({
      path: '/markets/:market/stats',
      summary: 'The day in prices, units and money.',
      replies: { 200: one(marketStats) },
      query: {},
      answer: async (params): Promise<Reply> => {
        const [instrument, at] = [marketAt(params), now()]
        const book = bookOf(books, instrument, 0)
        const day = await history.day(instrument.instrumentId, at)
        const period = { period_start: new Date(at - dayMs).toISOString(), period_end: isoTime(at) }
        return { body: { data: { ...statsJson(instrument, book, day), ...period } } }
      }
    })
  ]
}
