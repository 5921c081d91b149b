// What was traded, as the public may see it: bars, trades, and the day so far.

import {
  instant, instrumentId, microdollars, units, type InstrumentId, type Instant, type Microdollars, type Side
} from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import { exact, exactOrNull, query } from './query.ts'
import { barOf, baseOf, numbering, startOf, type Resolution } from './resolution.ts'
import { onlyInstrument, tradeSql, windowEnds, type Trade, type TradeQuery } from './trades.ts'

export type BarQuery = {
  readonly instrumentId: InstrumentId
  readonly resolution: Resolution
  /** Bars whose start lies in [from, to], both ends included. Null: from the instrument's first trade on. */
  readonly from: Instant | null
  /** Never later than now: the caller sees to it. */
  readonly to: Instant
  readonly limit: number
  /** By start. With `desc` the limit keeps the newest. */
  readonly order: 'asc' | 'desc'
}

/** A bar without trades has volume, notional and trades 0 and repeats the close before it in all four prices. */
export type Bar = {
  readonly start: Instant
  /** Where the next bar starts. */
  readonly end: Instant
  readonly open: Microdollars
  readonly high: Microdollars
  readonly low: Microdollars
  readonly close: Microdollars
  /** Units. */
  readonly volume: bigint
  /** Microdollars. */
  readonly notional: bigint
  readonly trades: number
}

/** The 24 hours before an instant. Prices are null where there is nothing to take them from. */
export type Day = {
  /** The last price before the window, else the first in it: what a change is measured from. */
  readonly open: Microdollars | null
  readonly high: Microdollars | null
  readonly low: Microdollars | null
  /** The last price at all. */
  readonly close: Microdollars | null
  readonly volume: bigint
  readonly notional: bigint
  readonly trades: number
  /** Units since the first trade, ever. */
  readonly volumeTotal: bigint
  readonly tradesTotal: number
}

export type History = {
  /** Gaps are filled, from the bar of the first trade up to the bar that holds `to`; no bar before the first trade. */
  candles (query: BarQuery): Promise<readonly Bar[]>
  trades (query: TradeQuery): Promise<readonly Trade[]>
  day (instrumentId: InstrumentId, now: Instant): Promise<Day>
}

const dayMs = 24 * 60 * 60 * 1000

export function history (clickHouse: ClickHouse): History {
  return {
    async candles (asked) {
      const page = pageOf(asked, await firstBar(clickHouse, asked))
      if (page === null) return []
      const rows = await clickHouse.rows<BarRow>(query('candles'), {
        instrument: asked.instrumentId,
        base: baseOf(asked.resolution),
        ...numbering(asked.resolution),
        ...page,
        from: startOf(asked.resolution, page.first) / 1000,
        to: startOf(asked.resolution, page.last + 1) / 1000
      })
      const bars = rows.map(row => bar(asked.resolution, row))
      return asked.order === 'asc' ? bars : bars.reverse()
    },
    async trades (asked) {
      const start = asked.beyond?.matchedAt ?? await tradeEdge(clickHouse, asked)
      let rows: TradeRow[] = []
      for (const end of windowEnds(start, asked.order)) {
        const { sql, parameters } = tradeSql(asked, end)
        rows = await clickHouse.rows<TradeRow>(sql, parameters)
        if (rows.length >= asked.limit) break
      }
      return rows.map(trade)
    },
    async day (instrument, now) {
      const parameters = { instrument, from: now - dayMs, to: now }
      const [row] = await clickHouse.rows<DayRow>(query('day'), parameters)
      return day(row!)
    }
  }
}

/** The bar of the instrument's first trade; null before there is one. */
async function firstBar (clickHouse: ClickHouse, { instrumentId, resolution }: BarQuery): Promise<number | null> {
  const parameters = { instrument: instrumentId, base: baseOf(resolution) }
  const [row] = await clickHouse.rows<{ first: number }>(query('first-bucket'), parameters)
  return row === undefined ? null : barOf(resolution, instant(row.first * 1000))
}

/** Where trades begin, or end: a minute that is near enough to start looking from. Null: there is no saying. */
async function tradeEdge (clickHouse: ClickHouse, asked: TradeQuery): Promise<Instant | null> {
  const parameters = { instrument: onlyInstrument(asked) ?? '' }
  const [row] = await clickHouse.rows<{ first: number, last: number }>(query('trade-edge'), parameters)
  if (row === undefined) return null
  return instant((asked.order === 'asc' ? row.first : row.last) * 1000)
}

type Page = { readonly first: number, readonly last: number }

/** First and last number of the bars to be returned. Bars have no gaps, so that a page is known before it is read. */
function pageOf ({ resolution, from, to, limit, order }: BarQuery, firstOfAll: number | null): Page | null {
  if (firstOfAll === null || limit < 1) return null
  const first = Math.max(firstOfAll, from === null ? firstOfAll : firstStarting(resolution, from))
  const last = barOf(resolution, to)
  if (last < first) return null
  return order === 'asc'
    ? { first, last: Math.min(last, first + limit - 1) }
    : { first: Math.max(first, last - limit + 1), last }
}

/** The first bar that starts at an instant or later. */
function firstStarting (resolution: Resolution, at: Instant): number {
  const holding = barOf(resolution, at)
  return startOf(resolution, holding) < at ? holding + 1 : holding
}

type BarRow = Record<'bar' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'notional' | 'trades', string>

function bar (resolution: Resolution, row: BarRow): Bar {
  const number = exact(row.bar)
  return {
    start: startOf(resolution, number),
    end: startOf(resolution, number + 1),
    open: microdollars(exact(row.open)),
    high: microdollars(exact(row.high)),
    low: microdollars(exact(row.low)),
    close: microdollars(exact(row.close)),
    volume: BigInt(row.volume),
    notional: BigInt(row.notional),
    trades: exact(row.trades)
  }
}

type TradeRow = Record<'instrument_id' | 'sequence' | 'matched_ms' | 'price' | 'quantity', string> & { taker_side: Side }

function trade (row: TradeRow): Trade {
  return {
    instrumentId: instrumentId(row.instrument_id),
    sequence: exact(row.sequence),
    matchedAt: instant(exact(row.matched_ms)),
    price: microdollars(exact(row.price)),
    quantity: units(exact(row.quantity)),
    side: row.taker_side
  }
}

type DayRow = Record<'open' | 'high' | 'low' | 'close', string | null> &
  Record<'volume' | 'notional' | 'trades' | 'volume_total' | 'trades_total', string>

function day (row: DayRow): Day {
  const price = (text: string | null) => exactOrNull(text) as Microdollars | null
  return {
    open: price(row.open),
    high: price(row.high),
    low: price(row.low),
    close: price(row.close),
    volume: BigInt(row.volume),
    notional: BigInt(row.notional),
    trades: exact(row.trades),
    volumeTotal: BigInt(row.volume_total),
    tradesTotal: exact(row.trades_total)
  }
}
