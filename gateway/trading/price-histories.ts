// Candles. Without `from` a page is the newest bars up to `to`, and older ones are reached by its previous cursor.

import { z } from 'zod'
import type { Instrument } from '../../schemas/instruments.ts'
import { instant, type Instant } from '../../schemas/units.ts'
import { invalid } from '../errors.ts'
import { exact, type AskedList, type Field, type Listing } from '../http/listing.ts'
import { isFetchedBackwards, pageOf, writeCursor, type Place } from '../http/paging.ts'
import { page } from '../http/reply-schemas.ts'
import { list, type Reply, type Route } from '../http/route.ts'
import type { Bar, BarQuery, Ports, Resolution } from '../ports.ts'
import { dollars, isoTime } from './decimals.ts'
import { aResolution, anInstant, instrument, market } from './parameters.ts'
import { candle } from './public-schemas.ts'

const filterable = {
  market_id: { schema: market, ops: exact },
  instrument_id: { schema: instrument, ops: exact },
  resolution: { schema: aResolution, ops: exact },
  from: { schema: anInstant, ops: ['==', '>='] } as const satisfies Field,
  to: { schema: anInstant, ops: ['==', '<='] } as const satisfies Field
}

type Asked = AskedList<typeof filterable, Instant>

const listing: Listing<typeof filterable, Instant> = {
  fields: filterable,
  orderBy: ['period_start', 'time'],
  order: 'asc',
  limit: { default: 100, max: 1000 },
  key: z.int().min(0).transform(instant),
  hasPages: false
}

type Window = {
  readonly instrument: Instrument
  readonly resolution: Resolution
  readonly from: Instant | null
  readonly to: Instant
}

type Given = { readonly [Name in keyof Window]: Window[Name] | null }

/** What the conditions say, each at most once: two different windows at a time cannot be meant. */
function windowOf ({ conditions }: Asked, now: Instant): Window {
  const given: Given = { instrument: null, resolution: null, from: null, to: null }
  for (const { field, value } of conditions) {
    const slot = field === 'market_id' || field === 'instrument_id' ? 'instrument' : field
    if (given[slot] !== null) throw invalid({ [field]: ['is given more than once'] })
    Object.assign(given, { [slot]: value })
  }
  const { instrument, resolution, from, to } = given
  if (instrument === null) throw invalid({ market_id: ['is missing'] })
  if (from !== null && to !== null && from > to) throw invalid({ from: ['is after to'] })
  return { instrument, resolution: resolution ?? '1m', from, to: to === null || to > now ? now : to }
}

/** The bars beyond the place; null when the window cannot hold any. */
function barQuery ({ instrument, resolution, from, to }: Window, asked: Asked, place: Place<Instant>): BarQuery | null {
  const opposite = asked.order === 'asc' ? 'desc' : 'asc'
  const order = isFetchedBackwards(place) ? opposite : asked.order
  const start = 'key' in place && order === 'asc' ? instant(Math.max(from ?? 0, place.key + 1)) : from
  const end = 'key' in place && order === 'desc' ? instant(Math.min(to, place.key - 1)) : to
  if (end < (start ?? 0)) return null
  return { instrumentId: instrument.instrumentId, resolution, from: start, to: end, limit: asked.limit + 1, order }
}

/** Both published rows in one. Volumes are text: their sums may pass what a JSON number holds exactly. */
function barJson ({ instrument, resolution }: Window, now: Instant): (bar: Bar) => object {
  return bar => ({
    market_id: instrument.marketId,
    instrument_id: instrument.publicId,
    symbol: instrument.instrumentId,
    resolution,
    time: Math.floor(bar.start / 1000),
    period_start: isoTime(bar.start),
    period_end: isoTime(bar.end),
    open: dollars(bar.open),
    high: dollars(bar.high),
    low: dollars(bar.low),
    close: dollars(bar.close),
    volume: String(bar.volume),
    quote_volume: dollars(bar.notional),
    trade_count: bar.trades,
    num_trades: bar.trades,
    is_closed: bar.end <= now
  })
}

export function priceHistoryRoutes ({ history, now }: Ports): Route[] {
  const candles = async (asked: Asked): Promise<Reply> => {
    const at = now()
    const window = windowOf(asked, at)
    const isTail = asked.place.way === 'first' && window.from === null && asked.order === 'asc'
    const place: Place<Instant> = isTail ? { way: 'tail' } : asked.place
    const query = barQuery(window, asked, place)
    const fetched = query === null ? [] : await history.candles(query)
    const { rows, paging } = pageOf(fetched, asked.limit, {
      place, cursorOf: bar => writeCursor(asked.mark, bar.start)
    })
    return { body: { data: rows.map(barJson(window, at)), paging } }
  }
  return [
    list({
      path: '/price-histories',
      summary: 'Candles of one market.',
      replies: { 200: page(candle) },
      listing,
      answer: (_params, asked) => candles(asked)
    })
  ]
}
