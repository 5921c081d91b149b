// Markets: where an instrument trades, under which rules, and what is asked and bid there now.

import { instrumentByMarket, knownInstruments, type Instrument } from '../../schemas/instruments.ts'
import { quantityMax } from '../../schemas/units.ts'
import { ApiError, invalid } from '../errors.ts'
import { entryKey, listAtHand, type Entry } from '../http/at-hand.ts'
import { equality } from '../http/listing.ts'
import { countedPage, one } from '../http/reply-schemas.ts'
import { list, resource, type Reply, type Route } from '../http/route.ts'
import type { BookPort, BookStatus, Ports } from '../ports.ts'
import { bookJson, bookOf, marketStatus } from './books.ts'
import { dollars, isoTime } from './decimals.ts'
import { instrumentJson } from './instruments.ts'
import { depth, market, marketId, publicId, word } from './parameters.ts'
import { marketRow, orderBook as orderBookReply } from './public-schemas.ts'

/** A replica that is being restored says nothing of the market: what was announced stands. */
function tradingStatus (books: BookPort, { instrumentId, listing }: Instrument): BookStatus {
  const announced = listing === 'listed' ? 'open' : 'unlisted'
  return books.book(instrumentId, 0)?.status ?? announced
}

/** The rules an order is held to, under both names that clients look for. */
function controls ({ trading }: Instrument): object {
  const rules = {
    tick_size: dollars(trading.tickSize),
    lot_size: '1',
    min_order_size: String(trading.quantityMin),
    max_order_size: String(Math.min(trading.quantityMax, quantityMax)),
    price_band_bp: trading.bandBp
  }
  return { order_controls: rules, controls: rules }
}

function marketJson (books: BookPort, instrument: Instrument): object {
  const status = tradingStatus(books, instrument)
  return {
    market_id: instrument.marketId,
    id: instrument.marketId,
    name: instrument.marketName,
    symbol: instrument.instrumentId,
    description: instrument.description,
    market_type: 'spot',
    currency: 'usd',
    status: marketStatus[status],
    trading_status: status,
    associated_instruments: [instrument.publicId],
    instruments: [instrumentJson(instrument)],
    ...controls(instrument),
    created_at: isoTime(instrument.listedAt),
    updated_at: isoTime(instrument.listedAt)
  }
}

const entry = (books: BookPort, instrument: Instrument): Entry => ({
  index: instrument.index,
  fields: {
    created_at: isoTime(instrument.listedAt),
    updated_at: isoTime(instrument.listedAt),
    market_id: instrument.marketId,
    instrument_id: instrument.publicId,
    name: instrument.marketName.toLowerCase(),
    symbol: instrument.instrumentId,
    market_type: 'spot',
    status: marketStatus[tradingStatus(books, instrument)]
  },
  row: marketJson(books, instrument)
})

const filterable = {
  market_id: { schema: marketId, ops: equality },
  instrument_id: { schema: publicId, ops: equality },
  name: { schema: word, ops: equality },
  symbol: { schema: word, ops: equality },
  market_type: { schema: word, ops: equality },
  status: { schema: word, ops: equality }
}

/** The market a path names, in any spelling. */
export function marketAt ({ market = '' }: Readonly<Record<string, string>>): Instrument {
  const instrument = instrumentByMarket(market)
  if (instrument === undefined) throw new ApiError('market_not_found', 'There is no such market.')
  return instrument
}

export function marketRoutes ({ books }: Ports): Route[] {
  const orderBook = (instrument: Instrument, depth = 20): Reply =>
    ({ body: { data: bookJson(instrument, bookOf(books, instrument, depth)) } })
  return [
    list({
      path: '/markets',
      summary: 'Where instruments trade.',
      replies: { 200: countedPage(marketRow) },
      listing: {
        fields: filterable,
        orderBy: ['created_at', 'updated_at', 'name', 'symbol', 'market_id', 'market_type', 'status'],
        order: 'asc',
        limit: { default: 50, max: 500 },
        key: entryKey,
        hasPages: true
      },
      answer: (_params, asked) => ({ body: listAtHand(knownInstruments().map(each => entry(books, each)), asked) })
    }),
    resource({
      path: '/markets/:market',
      summary: 'One market with the rules for its orders.',
      replies: { 200: one(marketRow) },
      query: {},
      answer: params => ({ body: { data: marketJson(books, marketAt(params)) } })
    }),
    resource({
      path: '/markets/:market/orderbook',
      summary: 'What rests in the book, level by level.',
      replies: { 200: one(orderBookReply) },
      query: { depth },
      answer: (params, asked) => orderBook(marketAt(params), asked.depth)
    }),
    resource({
      path: '/orderbooks/:market',
      summary: 'The order book under its first name.',
      replies: { 200: one(orderBookReply) },
      query: { depth },
      answer: (params, asked) => orderBook(marketAt(params), asked.depth)
    }),
    resource({
      path: '/orderbooks',
      summary: 'The order book under its first name, its market as a parameter.',
      replies: { 200: one(orderBookReply) },
      query: { market_id: market, depth },
      answer: (_params, asked) => {
        if (asked.market_id === undefined) throw invalid({ market_id: ['is missing'] })
        return orderBook(asked.market_id, asked.depth)
      }
    })
  ]
}
