import { describe, expect, test } from 'vitest'
import type { Ports } from '../../../gateway/ports.ts'
import { arrayHistory, book, day, emptyDay, fakePorts, prime, serve } from '../support.ts'

const emptyBook = { ...book, bids: [], asks: [], lastTrade: null }
const untraded = (): Ports => fakePorts({ books: { book: () => emptyBook }, history: arrayHistory([], [], emptyDay) })

describe('the ticker', () => {
  test('joins the book and the day', async () => {
    const { body } = await (await serve())('/v1/markets/text-prime/ticker')
    expect(body.data).toEqual({
      market_id: prime.marketId,
      symbol: 'text-prime',
      trading_status: 'open',
      last_price: '0.10090000',
      last_trade_quantity: 4,
      last_trade_side: 'buy',
      last_trade_timestamp: '2026-06-15T12:00:28.500Z',
      highest_bid: '0.10090000',
      lowest_ask: '0.10100000',
      bid: '0.10090000',
      ask: '0.10100000',
      volume_24h: 12,
      quote_volume_24h: '1.21080000',
      high_24h: '0.10200000',
      low_24h: '0.09900000',
      price_change_24h: '0.00090000',
      price_change_percent_24h: '0.9000',
      timestamp: '2026-06-15T12:00:30.000Z'
    })
  })

  test('of a market that never traded has zeros where strict clients want text, and no last trade', async () => {
    const { body } = await (await serve(untraded()))('/v1/markets/text-prime/ticker')
    expect(body.data).toMatchObject({ last_price: '0.00000000', highest_bid: '0.00000000', lowest_ask: '0.00000000', volume_24h: 0 })
    expect(body.data).toMatchObject({ last_trade_quantity: null, last_trade_timestamp: null })
  })

  test('takes the last price from the day when the book has none', async () => {
    const ports = fakePorts({ books: { book: () => emptyBook }, history: arrayHistory([], [], day) })
    expect((await (await serve(ports))('/v1/markets/text-prime/ticker')).body.data['last_price']).toBe('0.10090000')
  })
})

describe('the stats', () => {
  test('answer in both published shapes', async () => {
    const { body } = await (await serve())('/v1/markets/text-prime/stats')
    expect(body.data).toEqual({
      market_id: prime.marketId,
      symbol: 'text-prime',
      current_price: '0.10090000',
      price_change_24h: '0.00090000',
      price_change_24h_percent: '0.9000',
      high_24h: '0.10200000',
      low_24h: '0.09900000',
      volume_24h: 12,
      volume_24h_tokens: '12000000',
      volume_24h_value: '1.21080000',
      open: '0.10000000',
      high: '0.10200000',
      low: '0.09900000',
      close: '0.10090000',
      volume: '12',
      quote_volume: '1.21080000',
      num_trades: 3,
      period_start: '2026-06-14T12:00:30.000Z',
      period_end: '2026-06-15T12:00:30.000Z'
    })
  })

  test('of a market that never traded are zero', async () => {
    const { body } = await (await serve(untraded()))('/v1/markets/text-prime/stats')
    expect(body.data).toMatchObject({ current_price: '0.00000000', price_change_24h: '0.00000000', num_trades: 0 })
  })
})
