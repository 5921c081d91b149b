// What is told to anyone, row by row: the schemas of replies about instruments, markets and what was traded in them.

import { z } from 'zod'
import { amount, logPosition, side, time, wholeEither, wholeText } from '../http/reply-schemas.ts'

const instrumentShort = {
  instrument_id: z.string().meta({ examples: ['instrument-4cbe34c4-02d5-4a9d-b077-14dbbb71a449'] }),
  id: z.string(),
  symbol: z.string().meta({ examples: ['text-prime'] }),
  name: z.string(),
  instrument_type: z.literal('ai_commodity'),
  description: z.string(),
  market_id: z.string(),
  status: z.enum(['active', 'inactive']),
  listing: z.string(),
  supply: z.string(),
  precision: z.int(),
  is_active: z.boolean(),
  created_at: time,
  updated_at: time
}

export const instrumentRow = z.strictObject(instrumentShort).meta({ id: 'InstrumentShort' })

export const instrumentWhole = z.strictObject({
  ...instrumentShort,
  basic_info: z.strictObject({ service_type: z.string() }),
  ai_specs: z.strictObject({
    context_window: z.int(),
    max_input_length: z.int().nullable(),
    max_output_length: z.int(),
    token_throughput: z.number().nullable(),
    tokens_per_unit: z.int(),
    unit_definition: z.string(),
    qualifying_models: z.array(z.string()),
    reasoning_efforts: z.array(z.string()),
    image_input: z.boolean()
  }),
  sla_requirements: z.strictObject({
    availability_target: z.number().nullable(),
    max_latency_ms: z.int().nullable(),
    quality_index: z.string().nullable(),
    quality_score_min: z.number().nullable()
  }),
  trading_params: z.strictObject({
    min_quantity: z.int(), max_quantity: z.int(), quantity_increment: z.int(), tick_size: amount
  }),
  reference_price: amount,
  last_trade_price: amount.nullable(),
  last_trade_at: time.nullable(),
  last_quote_at: time.nullable(),
  price_range_24h_high: amount.nullable(),
  price_range_24h_low: amount.nullable(),
  volume_24h: wholeText,
  total_volume: wholeText,
  total_trades: z.int(),
  total_quotes: z.int()
}).meta({ id: 'Instrument' })

const controls = z.strictObject({
  tick_size: amount, lot_size: wholeText, min_order_size: wholeText, max_order_size: wholeText, price_band_bp: z.int()
}).meta({ id: 'OrderControls' })

const tradingStatus = z.enum(['open', 'halted', 'paused', 'unlisted'])

export const marketRow = z.strictObject({
  market_id: z.string(),
  id: z.string(),
  name: z.string(),
  symbol: z.string(),
  description: z.string(),
  market_type: z.literal('spot'),
  currency: z.literal('usd'),
  status: z.enum(['active', 'suspended', 'inactive']),
  trading_status: tradingStatus,
  associated_instruments: z.array(z.string()),
  instruments: z.array(instrumentRow),
  order_controls: controls,
  controls,
  created_at: time,
  updated_at: time
}).meta({ id: 'Market' })

const level = z.strictObject({
  price: amount,
  quantity: z.int(),
  size: z.int(),
  total: z.int().meta({ description: 'Units at this level and at better ones.' }),
  order_count: z.int()
}).meta({ id: 'Level' })

export const orderBook = z.strictObject({
  market_id: z.string(),
  symbol: z.string(),
  trading_status: tradingStatus,
  buy: z.array(level),
  sell: z.array(level),
  bids: z.array(level),
  asks: z.array(level),
  sequence: z.int(),
  timestamp: time.optional(),
  log_position: logPosition.nullable(),
  lag_records: z.int()
}).meta({ id: 'OrderBook' })

const zeroPrice = amount.meta({ description: '0.00000000, which no price can be, while there is none.' })

export const ticker = z.strictObject({
  market_id: z.string(),
  symbol: z.string(),
  trading_status: tradingStatus,
  last_price: zeroPrice,
  last_trade_quantity: z.int().nullable(),
  last_trade_side: side.optional(),
  last_trade_timestamp: time.nullable(),
  highest_bid: zeroPrice,
  lowest_ask: zeroPrice,
  bid: zeroPrice,
  ask: zeroPrice,
  volume_24h: wholeEither,
  quote_volume_24h: amount,
  high_24h: amount.optional(),
  low_24h: amount.optional(),
  price_change_24h: amount.optional(),
  price_change_percent_24h: z.string().optional(),
  timestamp: time
}).meta({ id: 'Ticker' })

export const marketStats = z.strictObject({
  market_id: z.string(),
  symbol: z.string(),
  current_price: zeroPrice,
  price_change_24h: amount,
  price_change_24h_percent: z.string(),
  high_24h: zeroPrice,
  low_24h: zeroPrice,
  volume_24h: wholeEither,
  volume_24h_tokens: wholeText,
  volume_24h_value: amount,
  open: zeroPrice,
  high: zeroPrice,
  low: zeroPrice,
  close: zeroPrice,
  volume: wholeText,
  quote_volume: amount,
  num_trades: z.int(),
  period_start: time,
  period_end: time
}).meta({ id: 'MarketStats' })

export const publicTrade = z.strictObject({
  trade_id: z.string().meta({ examples: ['trade_text-prime-42'] }),
  id: z.string(),
  market_id: z.string().nullable(),
  market_name: z.string().nullable(),
  instrument_id: z.string().nullable(),
  instrument_name: z.string().nullable(),
  instrument_symbol: z.string(),
  price: amount,
  quantity: wholeText,
  side: side.meta({ description: "The taker's." }),
  total_value: amount,
  status: z.literal('executed'),
  execution_timestamp: time,
  timestamp: time,
  settlement_timestamp: time.nullable()
}).meta({ id: 'PublicTrade' })

export const candle = z.strictObject({
  market_id: z.string(),
  instrument_id: z.string(),
  symbol: z.string(),
  resolution: z.string(),
  time: z.int().meta({ description: 'Seconds since 1970.' }),
  period_start: time,
  period_end: time.meta({ description: 'Where the next bar starts.' }),
  open: amount,
  high: amount,
  low: amount,
  close: amount,
  volume: wholeText,
  quote_volume: amount,
  trade_count: z.int(),
  num_trades: z.int(),
  is_closed: z.boolean()
}).meta({ id: 'Candle' })

const status = z.enum(['ok', 'warn', 'fail'])
const check = { name: z.string(), status, code: z.string() }

export const health = z.strictObject({ status: z.literal('ok'), service: z.string() }).meta({ id: 'Health' })

export const readiness = z.strictObject({ status, service: z.string(), checks: z.array(z.strictObject(check)) })
  .meta({ id: 'Readiness' })

export const diagnostics = z.strictObject({
  status,
  service: z.string(),
  server_time: time,
  checks: z.array(z.strictObject({ ...check, detail: z.string(), next_action: z.string().optional() })),
  summary: z.strictObject({ ok: z.int(), warn: z.int(), fail: z.int() })
}).meta({ id: 'Diagnostics' })
