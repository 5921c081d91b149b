import { describe, expect, test } from 'vitest'
import { book, fakePorts, prime, preview, serve } from '../support.ts'
import type { BookStatus } from '../../../gateway/ports.ts'

describe('markets', () => {
  test.each([
    prime.marketId, prime.marketId.replace('-', '_'), prime.marketId.slice(7), 'text-prime', 'TEXT-PRIME-USD', 'Text%20Prime'
  ])('are found by %s', async spelling => {
    const { body } = await (await serve())(`/v1/markets/${spelling}`)
    expect(body.data['market_id']).toBe(prime.marketId)
  })

  test('tell the rules for orders under both names', async () => {
    const { body } = await (await serve())(`/v1/markets/${prime.marketId}`)
    const rules = {
      tick_size: '0.00010000', lot_size: '1', min_order_size: '1', max_order_size: '10000', price_band_bp: 2000
    }
    expect(body.data).toMatchObject({ name: 'TEXT-PRIME-USD', market_type: 'spot', order_controls: rules, controls: rules })
    expect(body.data['associated_instruments']).toEqual([prime.publicId])
  })

  test.each<[BookStatus, string]>([
    ['open', 'active'], ['paused', 'suspended'], ['halted', 'suspended'], ['unlisted', 'inactive']
  ])('that are %s show as %s', async (status, shown) => {
    const ask = await serve(fakePorts({ books: { book: () => ({ ...book, status }) } }))
    const { body } = await ask('/v1/markets/text-prime')
    expect([body.data['trading_status'], body.data['status']]).toEqual([status, shown])
    expect((await ask(`/v1/markets?status=${shown}`)).body.data).toHaveLength(18)
  })

  test('are listed while a replica is being restored', async () => {
    const { body } = await (await serve(fakePorts({ books: { book: () => null } })))('/v1/markets?status=active')
    expect(body.data).toHaveLength(17)
  })

  test.each(['/v1/markets/nothing', '/v1/markets/nothing/ticker', '/v1/markets/nothing/trades'])('%s is not found', async path => {
    const { status, body } = await (await serve())(path)
    expect([status, body.errors.detail]).toEqual([404, 'market_not_found'])
  })
})

describe('the order book', () => {
  test('shows levels under every name, with running totals', async () => {
    const { body } = await (await serve())('/v1/markets/text-prime/orderbook')
    const buy = [
      { price: '0.10090000', quantity: 5, size: 5, total: 5, order_count: 2 },
      { price: '0.10080000', quantity: 7, size: 7, total: 12, order_count: 1 }
    ]
    const sell = [{ price: '0.10100000', quantity: 3, size: 3, total: 3, order_count: 1 }]
    expect(body.data).toEqual({
      market_id: prime.marketId,
      symbol: 'text-prime',
      trading_status: 'open',
      buy,
      sell,
      bids: buy,
      asks: sell,
      sequence: 42,
      timestamp: '2026-06-15T12:00:29.500Z',
      log_position: { topic: 'orders-1', partition: 1, offset: 1234 },
      lag_records: 0
    })
  })

  test('is cut at the depth asked for, twenty unless asked', async () => {
    const depths: number[] = []
    const ask = await serve(fakePorts({ books: { book: (_id, depth) => { depths.push(depth); return book } } }))
    await ask('/v1/markets/text-prime/orderbook?depth=1')
    await ask('/v1/markets/text-prime/orderbook')
    await ask('/v1/orderbooks/text-prime?depth=100')
    expect(depths).toEqual([1, 20, 100])
  })

  test.each(['0', '101', '-1', '1.5', '', 'all'])('refuses a depth of "%s"', async depth => {
    const { status, body } = await (await serve())(`/v1/markets/text-prime/orderbook?depth=${depth}`)
    expect([status, Object.keys(body.errors.detail)]).toEqual([422, ['depth']])
  })

  test('under its first name wants a market', async () => {
    const { status, body } = await (await serve())('/v1/orderbooks')
    expect([status, body.errors.detail]).toEqual([422, { market_id: ['is missing'] }])
  })

  test('of a preview is empty', async () => {
    const { status, body } = await (await serve())(`/v1/markets/${preview.marketId}/orderbook`)
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ trading_status: 'unlisted', buy: [], sell: [], log_position: null })
  })
})
