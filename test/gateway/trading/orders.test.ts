// Orders over HTTP through the real stages.

import { describe, expect, test } from 'vitest'
import { quietLedger, fakePorts, serve, prime } from '../support.ts'
import { ada, ben, clerk, limitBuy, servedMarket } from '../served-market.ts'
import { signedBy, trusting } from '../people.ts'
import type { Answer } from '../../../gateway/ports.ts'

describe('an order that is placed', () => {
  test('is answered whole, as it rests', async () => {
    const { send } = await servedMarket()
    const { status, body } = await send(ada, 'POST', '/orders', { ...limitBuy, client_order_id: 'mine' })
    expect(status).toBe(201)
    expect(body.data).toMatchObject({
      order_id: expect.stringMatching(/^order_[\dA-V]{11}$/) as string,
      market_id: prime.marketId,
      market_name: prime.marketName,
      instrument_id: prime.publicId,
      instrument_symbol: 'text-prime',
      trader_id: 'user_11',
      side: 'buy',
      type: 'limit',
      status: 'active',
      quantity: 10,
      size: 10,
      filled_quantity: 0,
      remaining_quantity: 10,
      price: '0.10000000',
      average_price: null,
      stop_price: null,
      fee: '0.00000000',
      held: '1.00100000',
      time_in_force: 'gtc',
      client_order_id: 'mine',
      closure_reason: null,
      closed_at: null,
      log_position: { topic: 'ledger', partition: 3 }
    })
    expect(body.data['id']).toBe(body.data['order_id'])
  })

  test('trades, and says at what', async () => {
    const { place } = await servedMarket()
    await place({ side: 'sell', quantity: 3, price: '0.0999' }, ben)
    await place({ side: 'sell', quantity: 4, price: 0.1 }, ben)
    const traded = { filled_quantity: 7, average_price: '0.09995714', filled_value: '0.69970000', fee: '0.00070000' }
    expect(await place()).toMatchObject({ status: 'partially_filled', remaining_quantity: 3, ...traded })
  })

  test.each([
    ['by quantity', { quantity: 5 }, { quantity: 5, filled_quantity: 5, status: 'filled', notional: null }],
    ['by notional', { quantity: undefined, notional: '0.30' }, { quantity: 2, filled_quantity: 2, status: 'filled', notional: '0.30000000' }]
  ])('at the market, %s', async (_name, terms, expected) => {
    const { place } = await servedMarket()
    await place({ side: 'sell', quantity: 9, price: '0.1009' }, ben)
    const order = await place({ type: 'market', price: undefined, ...terms })
    expect(order).toMatchObject({ type: 'market', price: null, time_in_force: 'ioc', ...expected })
  })

  test('at the market with nothing there ends, and says why', async () => {
    const { place } = await servedMarket()
    const order = await place({ type: 'market', price: null, side: 'sell' })
    expect(order).toMatchObject({ status: 'closed', closure_reason: 'no_fill_no_liquidity', filled_quantity: 0, held: '0' })
  })

  test('at the market goes no further than it may', async () => {
    const { place } = await servedMarket()
    await place({ side: 'sell', quantity: 1, price: '0.1000' }, ben)
    await place({ side: 'sell', quantity: 5, price: '0.1010' }, ben)
    const atMarket = { type: 'market', price: null, quantity: 4 }
    expect(await place({ ...atMarket, max_slippage_bp: 50 }))
      .toMatchObject({ status: 'closed', closure_reason: 'partially_filled_max_slippage', filled_quantity: 1 })
    expect(await place(atMarket)).toMatchObject({ status: 'filled', average_price: '0.10100000' })
  })

  test('waits as a stop, with its protection for no limit', async () => {
    const { place, gateway } = await servedMarket()
    const order = await place({ type: 'stop', price: undefined, stop_price: '0.1100' })
    expect(order).toMatchObject({ type: 'stop', status: 'active', price: null, stop_price: '0.11000000' })
    expect(gateway.port.openOrders(ada.userId)).toMatchObject([{ price: 115_500 }])
  })

  test('with a stop beside it tells of its other leg', async () => {
    const { place, send } = await servedMarket()
    const order = await place({ side: 'sell', price: '0.1100', oco: { stop_price: '0.0950' } })
    const { body } = await send(ada, 'GET', `/orders/${String(order['linked_order_id'])}`)
    expect(body.data).toMatchObject({ type: 'stop', status: 'active', stop_price: '0.09500000', linked_order_id: order['order_id'] })
  })

  test('until a time has that time', async () => {
    const { place } = await servedMarket()
    const order = await place({ expires_at: '2026-06-15T13:00:00Z' })
    expect(order).toMatchObject({ time_in_force: 'gtd', expires_at: '2026-06-15T13:00:00.000Z' })
    expect(await place({ time_in_force: 'day' })).toMatchObject({ expires_at: '2026-06-16T00:00:00.000Z' })
  })

  test('names what it did not understand', async () => {
    const { send } = await servedMarket()
    const { status, headers } = await send(ada, 'POST', '/orders', { ...limitBuy, posst_only: true })
    expect([status, headers.get('x-ignored-fields')]).toEqual([201, 'posst_only'])
  })
})

describe('an order that comes again', () => {
  test('signature and all gets the first answer', async () => {
    const { send, gateway } = await servedMarket()
    const headers = signedBy(ada)
    const first = await send(ada, 'POST', '/orders', limitBuy, headers)
    await send(ada, 'DELETE', `/orders/${String(first.body.data['order_id'])}`)
    const again = await send(ada, 'POST', '/orders', limitBuy, headers)
    expect(again.status).toBe(201)
    expect(again.body.data).toMatchObject({ order_id: first.body.data['order_id'], status: 'active' })
    expect(gateway.port.openOrders(ada.userId)).toEqual([])
  })

  test.each([
    ['client_order_id', { client_order_id: 'mine' }, {}], ['Idempotency-Key', {}, { 'idempotency-key': 'mine' }]
  ])('under its %s gets the first answer, and other content is a conflict', async (_name, own, headers) => {
    const { send, gateway } = await servedMarket()
    const post = (order: object) => send(ada, 'POST', '/orders', order, { ...signedBy(ada), ...headers })
    const first = await post({ ...limitBuy, ...own })
    const again = await post({ ...limitBuy, ...own, price: 0.1, size: '10', quantity: undefined, post_only: false })
    expect(again.body.data['order_id']).toBe(first.body.data['order_id'])
    const other = await post({ ...limitBuy, ...own, quantity: 11 })
    expect([other.status, other.body.errors.detail]).toEqual([409, 'client_order_id_conflict'])
    expect(gateway.port.openOrders(ada.userId)).toHaveLength(1)
  })
})

describe('an order that is refused', () => {
  test.each([
    [{ quantity: 10_000 }, 400, 'INSUFFICIENT_BALANCE', 'INSUFFICIENT_BALANCE'],
    [{ side: 'sell', quantity: 101 }, 400, 'INSUFFICIENT_BALANCE', 'INSUFFICIENT_BALANCE'],
    [{ price: '0.90' }, 422, 'price_band', { price: ['is too far from the market'] }],
    [{ reduce_only: true }, 422, 'reduce_only_buy', { reduce_only: [expect.stringContaining('short')] }]
  ])('%j says why: %i %s', async (terms, status, code, detail) => {
    const { send } = await servedMarket()
    const answer = await send(ada, 'POST', '/orders', { ...limitBuy, ...terms })
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
    expect(answer.body.errors.detail).toEqual(detail)
  })

  test('is in the history as rejected, by the id that the error names', async () => {
    const { send } = await servedMarket()
    const { body: { error } } = await send(ada, 'POST', '/orders', { ...limitBuy, price: '0.90' })
    const { body } = await send(ada, 'GET', `/orders/${String(error.details['order_id'])}`)
    expect(body.data).toMatchObject({ status: 'rejected', rejection_reason: 'price_band', held: '0.00000000' })
  })

  test('would cross and is post-only', async () => {
    const { send, place } = await servedMarket()
    await place({ side: 'sell', price: '0.1000' }, ben)
    const { status, body } = await send(ada, 'POST', '/orders', { ...limitBuy, post_only: true })
    expect([status, body.error.code]).toEqual([422, 'post_only_would_cross'])
  })

  test('because the account is in Auto Mode says how to leave it', async () => {
    const { send, market } = await servedMarket()
    market.say({ kind: 'set-account-mode', holder: ada.userId, mode: 'easy' })
    market.settle()
    const { status, body } = await send(ada, 'POST', '/orders', limitBuy)
    expect([status, body.errors.detail]).toEqual([403, 'auto_mode_trading_restricted'])
    expect(body.errors.message).toMatch(/Advanced/)
  })

  test('by role, without being sent', async () => {
    const { send, gateway } = await servedMarket()
    expect((await send(clerk, 'POST', '/orders', limitBuy)).body.errors.detail).toBe('insufficient_role')
    expect(gateway.commands.waiting).toBe(0)
  })
})

describe('an order whose outcome is not known', () => {
  const answered = async (answer: Answer) => {
    const ask = await serve(fakePorts({
      identities: trusting([ada]), ledger: quietLedger({ submit: async () => Promise.resolve([answer]) })
    }))
    const init = { method: 'POST', body: JSON.stringify(limitBuy), headers: { ...signedBy(ada), 'content-type': 'application/json' } }
    return ask('/v1/orders', init)
  }

  test('is 504 with its id, and how to look it up', async () => {
    const { status, body, headers } = await answered({ kind: 'unknown', orderId: 4711 as never })
    expect([status, body.errors.detail, body.error.details['order_id']]).toEqual([504, 'outcome_unknown', 'order_000000004J7'])
    expect(body.errors.message).toMatch(/by-client-order-id/)
    expect(headers.get('retry-after')).toBe('1')
  })

  test('but not accepted is 503, and says that nothing happened', async () => {
    const { status, body, headers } = await answered({ kind: 'not_accepted' })
    expect([status, body.errors.detail, headers.get('retry-after')]).toEqual([503, 'not_accepted', '1'])
    expect(body.errors.message).toMatch(/nothing happened/)
  })

  test('a gateway that is behind takes nothing and shows nothing', async () => {
    const { send, market } = await servedMarket()
    market.tick(6000)
    for (const path of ['/orders', '/orders/count', '/orders/order_000000004J7']) {
      expect((await send(ada, 'GET', path)).status, path).toBe(503)
    }
    expect((await send(ada, 'POST', '/orders', limitBuy)).status).toBe(503)
  })
})

describe('an order that is looked up', () => {
  test('by its id in any spelling, and by its client\'s', async () => {
    const { send, place } = await servedMarket()
    const { order_id: id } = await place({ client_order_id: 'a/b?c' }) as { order_id: string }
    for (const spelling of [id, id.toLowerCase(), id.slice(6), `by-client-order-id/${encodeURIComponent('a/b?c')}`]) {
      const { status, body } = await send(ada, 'GET', `/orders/${spelling}`)
      expect([status, body.data['order_id']], spelling).toEqual([200, id])
    }
  })

  test("is not there when it is another's, or nobody's", async () => {
    const { send, place } = await servedMarket()
    const { order_id: id } = await place({ client_order_id: 'mine' }) as { order_id: string }
    for (const path of [`/orders/${id}`, '/orders/by-client-order-id/mine', '/orders/order_00000000000', '/orders/nonsense', '/orders/1']) {
      const { status, body } = await send(ben, 'GET', path)
      expect([status, body.errors.detail], path).toEqual([404, 'order_not_found'])
    }
    expect((await send(ben, 'DELETE', `/orders/${id}`)).body.errors.detail).toBe('order_not_found')
    expect((await send(ben, 'PUT', `/orders/${id}`, { quantity: 1 })).body.errors.detail).toBe('order_not_found')
    expect((await send(ada, 'GET', `/orders/${id}`)).body.data['status']).toBe('active')
  })

  test('after the ledger has let go of it, from the history', async () => {
    const { send, place, market } = await servedMarket()
    const { order_id: id } = await place() as { order_id: string }
    await send(ada, 'DELETE', `/orders/${id}`)
    for (let minutes = 0; minutes < 3; minutes++) market.tick(60_000)
    market.settle()
    const { body } = await send(ada, 'GET', `/orders/${id}`)
    expect(body.data).toMatchObject({ order_id: id, status: 'cancelled', closure_reason: 'cancelled' })
    const again = await send(ada, 'DELETE', `/orders/${id}`)
    expect([again.status, again.body.errors.detail]).toEqual([409, 'order_already_cancelled'])
  })
})

describe('an order that is changed', () => {
  test('is answered with what it is now, in both published forms', async () => {
    const { send, place } = await servedMarket()
    const { order_id: id } = await place() as { order_id: string }
    const { status, body } = await send(ada, 'PUT', `/orders/${id}`, { quantity: '4', price: 0.0999 })
    expect([status, body['order_id']]).toEqual([200, id])
    expect(body.data).toMatchObject({ quantity: 4, price: '0.09990000', status: 'active', held: '0.40000000' })
  })

  test('takes the protection of a stop along', async () => {
    const { send, place, gateway } = await servedMarket()
    const { order_id: id } = await place({ type: 'stop', price: null, stop_price: '0.1100' }) as { order_id: string }
    expect((await send(ada, 'PUT', `/orders/${id}`, { stop_price: '0.1200' })).status).toBe(200)
    expect(gateway.port.openOrders(ada.userId)).toMatchObject([{ stopPrice: 120_000, price: 126_000 }])
  })

  test.each([
    [{}, { body: ['names nothing that is to change'] }],
    [{ quantity: null }, { body: ['names nothing that is to change'] }],
    [{ quantity: 1, size: 2 }, { size: ['differs from quantity'] }],
    [{ price: '0.10001' }, { price: ['is not on a tick of 0.00010000'] }],
    [{ stop_price: '0.1' }, { stop_price: ['is not for limit orders'] }],
    [{ time_in_force: 'gtd' }, { expires_at: ['is missing: gtd needs it'] }],
    [{ time_in_force: 'ioc' }, { time_in_force: ['is one of gtc, day, gtd'] }],
    [{ expires_at: '2020-01-01T00:00:00Z' }, { expires_at: ['is not in the future'] }]
  ])('by %j is refused under the name', async (change, detail) => {
    const { send, place } = await servedMarket()
    const { order_id: id } = await place() as { order_id: string }
    const { status, body } = await send(ada, 'PUT', `/orders/${id}`, change)
    expect([status, body.errors.detail]).toEqual([422, detail])
    expect((await send(ada, 'GET', `/orders/${id}`)).body.data).toMatchObject({ quantity: 10, price: '0.10000000' })
  })
})

test('orders are counted by market while they are open', async () => {
  const { send, place } = await servedMarket()
  await place()
  const { order_id: id } = await place() as { order_id: string }
  await send(ada, 'DELETE', `/orders/${id}`)
  const { body } = await send(ada, 'GET', '/orders/count')
  expect(body.data).toEqual({ count: 1, by_market: [{ market_id: prime.marketId, count: 1 }] })
  expect((await send(ada, 'GET', '/orders/count?market_id=code-max')).body.data).toEqual({ count: 0, by_market: [] })
})
