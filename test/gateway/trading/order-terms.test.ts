// What an order may say, field by field and together: whatever is wrong is told under the client's own name.

import { expect, test } from 'vitest'
import { topics } from '../../../schemas/topics.ts'
import { partition } from '../adapters/small-market.ts'
import { ada, limitBuy, servedMarket } from '../served-market.ts'
import { preview } from '../support.ts'

const stop = { type: 'stop', price: undefined, stop_price: '0.11' }
const market = { type: 'market', price: undefined }

const cases: ReadonlyArray<readonly [object, Record<string, readonly string[]>]> = [
  [{ market_id: undefined }, { market_id: ['is missing'] }],
  [{ market_id: 7 }, { market_id: ['is the id of a market'] }],
  [{ market_id: 'market-nowhere' }, { market_id: ['is not a market of ours'] }],
  [{ market_id: preview.marketId }, { market_id: ['is not open to orders yet'] }],
  [{ side: undefined }, { side: ['is missing'] }],
  [{ side: 'BUY' }, { side: ['is buy or sell'] }],
  [{ type: 'iceberg' }, { type: ['is one of limit, market, stop, stop_limit'] }],
  [{ type: null }, { type: ['is one of limit, market, stop, stop_limit'] }],
  [{ quantity: undefined }, { quantity: ['is missing'] }],
  [{ quantity: 0 }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: -1 }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: 1.5 }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: '1e2' }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: '+1' }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: '0x10' }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: '1'.repeat(400) }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: true }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: [] }, { quantity: ['is a whole number of units, 1 to 999999999'] }],
  [{ quantity: 10_001 }, { quantity: ['is 1 to 10000 units in this market'] }],
  [{ quantity: 5, size: 6 }, { size: ['differs from quantity'] }],
  [{ price: undefined }, { price: ['is missing: a limit order needs one'] }],
  [{ price: 0 }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: '-0' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: '-0.1' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: 'NaN' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: '1e-1' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: 1e-7 }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: 1e21 }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: '0.1000001' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: ' 0.1' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: '٠.١' }, { price: ['is an amount in dollars above 0, with at most six places'] }],
  [{ price: '0.10001' }, { price: ['is not on a tick of 0.00010000'] }],
  [{ price: '999999' }, { price: ['is beyond any price of this market'] }],
  [{ ...market, price: '0.1' }, { price: ['is not for market orders; see max_slippage_bp'] }],
  [{ ...market, time_in_force: 'day' }, { time_in_force: ['of a market order is ioc or fok'] }],
  [{ ...market, post_only: true }, { post_only: ['is for limit orders that may rest'] }],
  [{ ...market, stop_price: '0.1' }, { stop_price: ['is not for market orders'] }],
  [{ ...market, notional: '1' }, { quantity: ['may not be given together with notional'] }],
  [{ ...market, notional: '1', quantity: undefined, side: 'sell' }, { notional: ['is for market buys'] }],
  [{ ...market, notional: '1', quantity: undefined, time_in_force: 'fok' }, { time_in_force: ['of an order by notional is ioc'] }],
  [{ notional: '1', quantity: undefined }, { notional: ['is for market buys'] }],
  [{ max_slippage_bp: 5 }, { max_slippage_bp: ['is for market and stop orders: a limit says it itself'] }],
  [{ ...market, max_slippage_bp: -1 }, { max_slippage_bp: ['is at least 0'] }],
  [{ ...market, max_slippage_bp: 10_001 }, { max_slippage_bp: ['is at most 10000'] }],
  [{ ...market, max_slippage_bp: '5' }, { max_slippage_bp: ['is a whole number of basis points'] }],
  [{ ...stop, stop_price: undefined }, { stop_price: ['is missing: a stop order needs one'] }],
  [{ ...stop, price: '0.1' }, { price: ['is not for stop orders; see max_slippage_bp'] }],
  [{ ...stop, type: 'stop_limit' }, { price: ['is missing: a stop_limit order needs one'] }],
  [{ ...stop, stop_price: '0.11001' }, { stop_price: ['is not on a tick of 0.00010000'] }],
  [{ ...stop, time_in_force: 'ioc' }, { time_in_force: ['is gtc, day or gtd where there is a stop'] }],
  [{ ...stop, post_only: true }, { post_only: ['is for limit orders that may rest'] }],
  [{ stop_price: '0.1' }, { stop_price: ['is not for limit orders'] }],
  [{ time_in_force: 'forever' }, { time_in_force: ['is one of gtc, ioc, fok, day, gtd'] }],
  [{ time_in_force: 'gtd' }, { expires_at: ['is missing: gtd needs it'] }],
  [{ time_in_force: 'day', expires_at: '2030-01-01T00:00:00Z' }, { expires_at: ['is for gtd'] }],
  [{ expires_at: '2026-06-15T12:00:00Z' }, { expires_at: ['is not in the future'] }],
  [{ expires_at: 'tomorrow' }, { expires_at: ['is neither seconds since 1970 nor an ISO 8601 time'] }],
  [{ expires_at: {} }, { expires_at: ['is neither seconds since 1970 nor an ISO 8601 time'] }],
  [{ time_in_force: 'ioc', post_only: true }, { post_only: ['is for limit orders that may rest'] }],
  [{ post_only: 'yes' }, { post_only: ['is true or false'] }],
  [{ side: 'sell', auto_transfer: true }, { auto_transfer: ['is for buys'] }],
  [{ self_trade_prevention: 'none' }, { self_trade_prevention: ['is one of cancel_newest, cancel_oldest, cancel_both, decrement_and_cancel'] }],
  [{ client_order_id: '' }, { client_order_id: ['is 1 to 100 visible characters'] }],
  [{ client_order_id: 'a b' }, { client_order_id: ['is 1 to 100 visible characters'] }],
  [{ client_order_id: 'a'.repeat(101) }, { client_order_id: ['is 1 to 100 visible characters'] }],
  [{ client_order_id: 5 }, { client_order_id: ['is text'] }],
  [{ oco: 5 }, { oco: ['is an object with stop_price and perhaps price'] }],
  [{ oco: {} }, { 'oco.stop_price': ['is missing'] }],
  [{ oco: { stop_price: '0.2', price: '0.20001' } }, { 'oco.price': ['is not on a tick of 0.00010000'] }],
  [{ oco: { stop_price: '0.09' } }, { 'oco.stop_price': ['is above the limit: the market lies between them'] }],
  [{ side: 'sell', oco: { stop_price: '0.11' } }, { 'oco.stop_price': ['is below the limit: the market lies between them'] }],
  [{ ...market, oco: { stop_price: '0.11' } }, { oco: ['goes beside a limit order'] }],
  [{ side: 'up', quantity: 0, price: 'x' }, {
    side: ['is buy or sell'],
    quantity: ['is a whole number of units, 1 to 999999999'],
    price: ['is an amount in dollars above 0, with at most six places']
  }]
]

test('each contradiction and each value that cannot be is named, and nothing is sent', async () => {
  const { send, market, gateway } = await servedMarket()
  const before = market.records(topics.ledger.name, partition).length
  for (const [terms, detail] of cases) {
    const { status, body } = await send(ada, 'POST', '/orders', { ...limitBuy, ...terms })
    expect([status, body.errors.detail], JSON.stringify(terms)).toEqual([422, detail])
    expect(body.error).toMatchObject({ code: 'invalid', details: detail })
  }
  expect(market.records(topics.ledger.name, partition)).toHaveLength(before)
  expect(gateway.port.openOrders(ada.userId)).toEqual([])
})

test.each([
  [{ price: '0.10000000', quantity: '10' }], [{ price: 0.1 }], [{ market_id: 'TEXT-PRIME' }], [{ quantity: undefined, size: 10 }],
  [{ stop_price: null, expires_at: null, oco: null, time_in_force: null, post_only: null, max_slippage_bp: null }]
])('%j is the same order', async terms => {
  const { place } = await servedMarket()
  expect(await place(terms)).toMatchObject({ status: 'active', quantity: 10, price: '0.10000000', time_in_force: 'gtc' })
})
