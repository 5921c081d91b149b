import { expect, test } from 'vitest'
import { prime, preview, serve } from '../support.ts'

test('one instrument tells its terms, its rules and its day', async () => {
  const { body } = await (await serve())(`/v1/instruments/${prime.publicId}`)
  expect(body.data).toEqual({
    instrument_id: prime.publicId,
    id: prime.publicId,
    symbol: 'text-prime',
    name: 'Text Prime',
    instrument_type: 'ai_commodity',
    description: 'Text for demanding work.',
    market_id: prime.marketId,
    status: 'active',
    listing: 'listed',
    supply: 'class',
    precision: 0,
    is_active: true,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    basic_info: { service_type: 'inference' },
    ai_specs: {
      context_window: 196_608,
      max_input_length: 120_000,
      max_output_length: 131_072,
      token_throughput: 40,
      tokens_per_unit: 1_000_000,
      unit_definition: '1,000,000 tokens, input and output alike',
      qualifying_models: [],
      reasoning_efforts: ['low', 'medium', 'high'],
      image_input: false
    },
    sla_requirements: { availability_target: null, max_latency_ms: 4620, quality_index: 'intelligence', quality_score_min: 38 },
    trading_params: { min_quantity: 1, max_quantity: 10_000, quantity_increment: 1, tick_size: '0.00010000' },
    reference_price: '0.10090000',
    last_trade_price: '0.10090000',
    last_trade_at: '2026-06-15T12:00:28.500Z',
    last_quote_at: null,
    price_range_24h_high: '0.10200000',
    price_range_24h_low: '0.09900000',
    volume_24h: '12',
    total_volume: '1200',
    total_trades: 300,
    total_quotes: 42
  })
})

test.each([
  prime.publicId, prime.publicId.replace('-', '_'), prime.publicId.slice(11), 'text-prime', 'TEXT-PRIME', 'by-symbol/TEXT-PRIME'
])('is found by %s', async spelling => {
  const { body } = await (await serve())(`/v1/instruments/${spelling}`)
  expect(body.data['symbol']).toBe('text-prime')
})

test('a preview is listed as not active, and can be read although it has no book', async () => {
  const { status, body } = await (await serve())(`/v1/instruments/${preview.publicId}`)
  expect([status, body.data['is_active'], body.data['listing']]).toEqual([200, false, 'preview'])
})

test.each(['nothing', 'by-symbol/nothing', '%00', '%ff', prime.marketId])('%s is not found', async spelling => {
  const { status, body } = await (await serve())(`/v1/instruments/${spelling}`)
  expect([status, body.errors.detail]).toEqual([404, 'instrument_not_found'])
})

test('the list has them all, the main ones first', async () => {
  const { body } = await (await serve())('/v1/instruments')
  expect(body.data).toHaveLength(18)
  expect(body.data[0]?.['symbol']).toBe('text-standard')
  expect(body.paging).toEqual({ next_cursor: null, prev_cursor: null, has_more: false })
})
