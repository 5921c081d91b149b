// Instruments: what each one promises, and how it has traded.

import { instrumentByPublicId, instrumentBySymbol, knownInstruments, type Instrument } from '../../schemas/instruments.ts'
import { ApiError } from '../errors.ts'
import { entryKey, listAtHand, type Entry } from '../http/at-hand.ts'
import { equality } from '../http/listing.ts'
import { countedPage, one } from '../http/reply-schemas.ts'
import { list, resource, type Route } from '../http/route.ts'
import type { Day, Ports } from '../ports.ts'
import { bookOf, type ShownBook } from './books.ts'
import { dollars, isoTime } from './decimals.ts'
import { publicId, word } from './parameters.ts'
import { instrumentRow, instrumentWhole } from './public-schemas.ts'

const tokensPerUnit = 1_000_000

const status = ({ listing }: Instrument): string => listing === 'listed' ? 'active' : 'inactive'

/** The short form, for lists. `precision` and `is_active` are what strict clients ask of every instrument. */
export function instrumentJson (instrument: Instrument): object {
  return {
    instrument_id: instrument.publicId,
    id: instrument.publicId,
    symbol: instrument.instrumentId,
    name: instrument.name,
    instrument_type: 'ai_commodity',
    description: instrument.description,
    market_id: instrument.marketId,
    status: status(instrument),
    listing: instrument.listing,
    supply: instrument.supply,
    precision: 0, // Units are whole.
    is_active: instrument.listing === 'listed',
    created_at: isoTime(instrument.listedAt),
    updated_at: isoTime(instrument.listedAt)
  }
}

function termsJson ({ terms }: Instrument): object {
  return {
    basic_info: { service_type: 'inference' },
    ai_specs: {
      context_window: terms.contextTokens,
      max_input_length: terms.inputTokensMax,
      max_output_length: terms.outputTokensMax,
      token_throughput: terms.throughputMin,
      tokens_per_unit: tokensPerUnit,
      unit_definition: '1,000,000 tokens, input and output alike',
      qualifying_models: [],
      reasoning_efforts: terms.reasoningEfforts,
      image_input: terms.acceptsImages
    },
    sla_requirements: {
      availability_target: null,
      max_latency_ms: terms.firstTokenMsMax,
      quality_index: terms.qualityIndex,
      quality_score_min: terms.qualityMin
    }
  }
}

function tradingJson ({ trading }: Instrument, day: Day, book: ShownBook): object {
  return {
    trading_params: {
      min_quantity: trading.quantityMin,
      max_quantity: trading.quantityMax,
      quantity_increment: 1,
      tick_size: dollars(trading.tickSize)
    },
    reference_price: dollars(trading.referencePrice),
    last_trade_price: book.lastTrade === null ? null : dollars(book.lastTrade.price),
    last_trade_at: book.lastTrade === null ? null : isoTime(book.lastTrade.at),
    last_quote_at: null, // The book says what rests, not since when.
    price_range_24h_high: day.high === null ? null : dollars(day.high),
    price_range_24h_low: day.low === null ? null : dollars(day.low),
    volume_24h: String(day.volume),
    total_volume: String(day.volumeTotal),
    total_trades: day.tradesTotal,
    total_quotes: book.sequence
  }
}

const entry = (instrument: Instrument): Entry => ({
  index: instrument.index,
  fields: {
    created_at: isoTime(instrument.listedAt),
    updated_at: isoTime(instrument.listedAt),
    instrument_id: instrument.publicId,
    symbol: instrument.instrumentId,
    name: instrument.name.toLowerCase(),
    instrument_type: 'ai_commodity',
    status: status(instrument)
  },
  row: instrumentJson(instrument)
})

const filterable = {
  symbol: { schema: word, ops: equality },
  name: { schema: word, ops: equality },
  instrument_type: { schema: word, ops: equality },
  status: { schema: word, ops: equality },
  instrument_id: { schema: publicId, ops: equality }
}

export function instrumentRoutes ({ books, history, now }: Ports): Route[] {
  const whole = async (instrument: Instrument | undefined): Promise<{ body: object }> => {
    if (instrument === undefined) throw new ApiError('instrument_not_found', 'There is no such instrument.')
    const book = bookOf(books, instrument, 0)
    const day = await history.day(instrument.instrumentId, now())
    const data = { ...instrumentJson(instrument), ...termsJson(instrument), ...tradingJson(instrument, day, book) }
    return { body: { data } }
  }
  return [
    list({
      path: '/instruments',
      summary: 'What can be traded.',
      replies: { 200: countedPage(instrumentRow) },
      listing: {
        fields: filterable,
        orderBy: ['created_at', 'updated_at', 'symbol', 'name', 'instrument_id', 'instrument_type', 'status'],
        order: 'asc',
        limit: { default: 50, max: 500 },
        key: entryKey,
        hasPages: true
      },
      answer: (_params, asked) => ({ body: listAtHand(knownInstruments().map(entry), asked) })
    }),
    resource({
      path: '/instruments/by-symbol/:symbol',
      summary: 'One instrument with its terms and its day, by symbol.',
      replies: { 200: one(instrumentWhole) },
      query: {},
      answer: ({ symbol = '' }) => whole(instrumentBySymbol(symbol))
    }),
    resource({
      path: '/instruments/:instrument',
      summary: 'One instrument with its terms and its day.',
      replies: { 200: one(instrumentWhole) },
      query: {},
      answer: ({ instrument = '' }) => whole(instrumentByPublicId(instrument))
    })
  ]
}
