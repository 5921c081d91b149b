// What the published clients check in a reply, each rule as strict as the strictest of them. A reply they refuse is a
// market they cannot use, whatever the documents say.

import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Ports } from '../../gateway/ports.ts'
import { instruments } from '../../schemas/instruments.ts'
import { arrayHistory, book, emptyDay, fakePorts, minuteBar, now, serve, trade } from './support.ts'

const amount = z.string().regex(/^-?\d+\.\d{8}$/)
const time = z.iso.datetime({ precision: 3 })
const numeric = z.union([z.string().regex(/^\d+$/), z.number()])
const side = z.enum(['buy', 'sell'])

const instrument = z.looseObject({
  instrument_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  instrument_type: z.enum(['currency', 'ai_commodity', 'token']),
  description: z.string(),
  status: z.enum(['active', 'inactive', 'deprecated']),
  precision: z.number(),
  is_active: z.boolean(),
  created_at: time,
  updated_at: time
})

const market = z.looseObject({
  market_id: z.string(),
  id: z.string(),
  name: z.string(),
  description: z.string(),
  market_type: z.literal('spot'),
  status: z.string(),
  associated_instruments: z.array(z.string()).nonempty(),
  instruments: z.array(z.looseObject({ instrument_id: z.string(), symbol: z.string() })).nonempty(),
  order_controls: z.looseObject({ tick_size: z.string(), lot_size: z.string(), min_order_size: z.string() }),
  created_at: time,
  updated_at: time
})

const ticker = z.looseObject({
  market_id: z.string(),
  symbol: z.string(),
  last_price: amount,
  last_trade_quantity: numeric.nullable(),
  last_trade_timestamp: time.nullable(),
  highest_bid: amount,
  lowest_ask: amount,
  bid: amount.optional(),
  ask: amount.optional(),
  volume_24h: numeric,
  high_24h: amount.optional(),
  low_24h: amount.optional(),
  quote_volume_24h: amount.optional(),
  price_change_24h: amount.optional(),
  price_change_percent_24h: z.string().optional(),
  timestamp: time.optional()
})

const level = z.looseObject({ price: amount, quantity: z.number(), total: z.number(), order_count: z.number() })
const orderBook = z.looseObject({
  market_id: z.string(),
  buy: z.array(level),
  sell: z.array(level),
  bids: z.array(level),
  asks: z.array(level),
  timestamp: time.optional(),
  sequence: z.number()
})

const publicTrade = z.looseObject({
  trade_id: z.string(),
  id: z.string(),
  market_id: z.string(),
  price: amount,
  quantity: z.string(),
  side,
  total_value: amount,
  execution_timestamp: time,
  settlement_timestamp: time.nullable()
})

const bar = z.looseObject({
  market_id: z.string(),
  resolution: z.string(),
  time: z.int(),
  period_start: time,
  period_end: time,
  open: amount,
  high: amount,
  low: amount,
  close: amount,
  volume: z.string(),
  quote_volume: amount,
  trade_count: z.int(),
  num_trades: z.int()
})

const stats = z.looseObject({
  market_id: z.string(),
  symbol: z.string(),
  open: amount,
  high: amount,
  low: amount,
  close: amount,
  volume: z.string(),
  quote_volume: amount,
  num_trades: z.int(),
  period_start: time,
  period_end: time,
  current_price: amount,
  volume_24h: z.int(),
  volume_24h_tokens: z.string(),
  volume_24h_value: amount
})

const one = (row: z.ZodType): z.ZodType => z.object({ data: row })
const many = (row: z.ZodType): z.ZodType => z.object({
  data: z.array(row),
  paging: z.object({ next_cursor: z.string().nullable(), prev_cursor: z.string().nullable(), has_more: z.boolean() })
})

const traded = (): Ports => fakePorts({ history: arrayHistory([trade(1, now - 1000)], [minuteBar(now - 90_000)]) })
const untraded = (): Ports => fakePorts({
  books: { book: () => ({ ...book, bids: [], asks: [], lastTrade: null, sequence: 0 }) },
  history: arrayHistory([], [], emptyDay)
})

const replies: ReadonlyArray<readonly [string, z.ZodType]> = [
  ['/v1/instruments', many(instrument)],
  ['/v1/markets', many(market)],
  ['/v1/public_trades', many(publicTrade)],
  ['/v1/markets/text-prime/trades', many(publicTrade)],
  ['/v1/price-histories?market_id=text-prime&resolution=1m', many(bar)],
  ...instruments.flatMap(({ instrumentId: symbol, publicId, marketId }) => [
    [`/v1/instruments/${publicId}`, one(instrument)] as const,
    [`/v1/instruments/by-symbol/${symbol}`, one(instrument)] as const,
    [`/v1/markets/${marketId}`, one(market)] as const,
    [`/v1/markets/${marketId}/ticker`, one(ticker)] as const,
    [`/v1/markets/${marketId}/stats`, one(stats)] as const,
    [`/v1/markets/${marketId}/orderbook`, one(orderBook)] as const
  ])
]

test.each([['that trades', traded], ['that never traded', untraded]])('every reply of a market %s passes', async (_state, ports) => {
  const ask = await serve(ports())
  for (const [path, schema] of replies) {
    const { status, body } = await ask(path)
    expect(status, path).toBe(200)
    expect(schema.safeParse(body).error?.issues, path).toBeUndefined()
  }
})
