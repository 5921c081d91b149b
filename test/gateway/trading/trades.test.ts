import { expect, test } from 'vitest'
import { arrayHistory, fakePorts, now, otherInstrument, prime, serve, trade } from '../support.ts'

const history = arrayHistory([trade(1, now - 3000), trade(2, now - 2000), trade(1, now - 1000, otherInstrument)], [])

test('the trades of a market are its own, newest first', async () => {
  const { body } = await (await serve(fakePorts({ history })))('/v1/markets/text-prime/trades')
  expect(body.data.map(({ trade_id: id }) => id)).toEqual(['trade_text-prime-2', 'trade_text-prime-1'])
})

test('public trades are of all markets and name no party', async () => {
  const { body } = await (await serve(fakePorts({ history })))('/v1/public_trades?order_direction=asc&limit=1')
  expect(body.data).toEqual([{
    trade_id: 'trade_text-prime-1',
    id: 'trade_text-prime-1',
    market_id: prime.marketId,
    market_name: 'TEXT-PRIME-USD',
    instrument_id: prime.publicId,
    instrument_name: 'Text Prime',
    instrument_symbol: 'text-prime',
    price: '0.10010000',
    quantity: '1',
    side: 'sell',
    total_value: '0.10010000',
    status: 'executed',
    execution_timestamp: '2026-06-15T12:00:27.000Z',
    timestamp: '2026-06-15T12:00:27.000Z',
    settlement_timestamp: null
  }])
  expect(body.paging.has_more).toBe(true)
})

test.each([
  ['from=2026-06-15T12:00:28Z', 2],
  ['from=1781524828', 2],
  ['from=2026-06-15T14:00:28+02:00', 2],
  ['to=2026-06-15T12:00:28Z', 2],
  ['start_datetime=2026-06-15&end_datetime=2026-06-15T12:00:27.000Z', 1],
  ['filters[0][field]=execution_timestamp&filters[0][op]=<&filters[0][value]=2026-06-15T12:00:28Z', 1]
])('between instants: %s', async (query, found) => {
  const { status, body } = await (await serve(fakePorts({ history })))(`/v1/public_trades?${query}`)
  expect([status, body.data.length]).toEqual([200, found])
})

test('a market filter on a market is narrowed, not widened', async () => {
  const { body } = await (await serve(fakePorts({ history })))('/v1/markets/text-prime/trades?market_id=code-max')
  expect(body.data).toEqual([])
})
