// Many orders in one request: all or nothing where it is malformed, each for itself where it is not.

import { describe, expect, test } from 'vitest'
import { topics } from '../../../schemas/topics.ts'
import { partition } from '../adapters/small-market.ts'
import { signedBy } from '../people.ts'
import { ada, ben, limitBuy, servedMarket } from '../served-market.ts'

const placing = { ...limitBuy, action: 'place' }

describe('a batch', () => {
  test('has a result an item, in the order of the items', async () => {
    const { send, place } = await servedMarket()
    await place({ side: 'sell', quantity: 1, price: '0.1000' }, ben)
    const { order_id: id } = await place({ price: '0.0900', client_order_id: 'old' }) as { order_id: string }
    const { status, body } = await send(ada, 'POST', '/orders/batch', {
      items: [
        { ...placing, quantity: 1 },
        { action: 'cancel', order_id: id },
        { ...placing, quantity: 9_999 },
        { action: 'cancel', client_order_id: 'old' },
        { action: 'cancel', order_id: 'nonsense' },
        { action: 'cancel', client_order_id: 'nobody' },
        { ...placing, price: '0.9' }
      ]
    })
    expect(status).toBe(200)
    expect(body.data.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(body.data.map(({ status }) => status)).toEqual([201, 204, 400, 204, 404, 404, 422])
    expect(body.data[0]).toMatchObject({ data: { status: 'filled', log_position: { partition } } })
    expect(body.data[2]).toMatchObject({ errors: { detail: 'INSUFFICIENT_BALANCE' } })
    expect(body.data[4]).toMatchObject({ error: { code: 'order_not_found' } })
    expect(body.data[6]).toMatchObject({ errors: { detail: { price: ['is too far from the market'] } } })
  })

  test('that comes again gets the first answers', async () => {
    const { send, gateway } = await servedMarket()
    const headers = signedBy(ada)
    const items = [placing, { ...placing, side: 'sell', price: '0.1100' }]
    const first = await send(ada, 'POST', '/orders/batch', { items }, headers)
    await send(ada, 'DELETE', '/orders')
    const again = await send(ada, 'POST', '/orders/batch', { items }, headers)
    type Shown = { readonly id: string, readonly status: string }
    const shown = ({ body }: typeof first) => body.data.map(({ data }) => [(data as Shown).id, (data as Shown).status])
    expect(shown(again)).toEqual(shown(first))
    expect(gateway.port.openOrders(ada.userId)).toEqual([])
  })

  test('with a malformed item is refused whole, by the place of the item', async () => {
    const { send, market } = await servedMarket()
    const before = market.records(topics.ledger.name, partition).length
    const cases: [unknown, object][] = [
      [[placing, placing, placing, { ...placing, price: 'x' }], { 'items.3.price': ['is an amount in dollars above 0, with at most six places'] }],
      [[placing, { ...placing, price: '0.10001' }], { 'items.1.price': ['is not on a tick of 0.00010000'] }],
      [[{ ...placing, oco: { stop_price: '0.01' } }], { 'items.0.oco.stop_price': ['is above the limit: the market lies between them'] }],
      [[{ action: 'cancel' }], { 'items.0.order_id': ['or client_order_id is given, and not both'] }],
      [[{ action: 'cancel', order_id: 'a', client_order_id: 'b' }], { 'items.0.order_id': ['or client_order_id is given, and not both'] }],
      [[{ action: 'amend' }], { 'items.0.action': ['is an object whose action is place or cancel'] }],
      [[5], { 'items.0': ['is an object whose action is place or cancel'] }],
      [[], { items: ['is empty'] }],
      [Array.from({ length: 101 }, () => placing), { items: ['has more than 100 items'] }],
      ['all', { items: ['is a list'] }],
      [undefined, { items: ['is missing'] }]
    ]
    for (const [items, detail] of cases) {
      const { status, body } = await send(ada, 'POST', '/orders/batch', { items })
      expect([status, body.errors.detail], JSON.stringify({ items }).slice(0, 80)).toEqual([422, detail])
    }
    expect(market.records(topics.ledger.name, partition)).toHaveLength(before)
  })

  test('of a hundred goes in one send', async () => {
    const { send, gateway } = await servedMarket()
    const items = Array.from({ length: 100 }, (_, index) => ({ ...placing, quantity: 1, client_order_id: `q${index}` }))
    const { body } = await send(ada, 'POST', '/orders/batch', { items })
    expect(new Set(body.data.map(({ status }) => status))).toEqual(new Set([201]))
    expect(gateway.port.openOrders(ada.userId)).toHaveLength(100)
  })

  test('spends the rate of its markets; cancels spend none', async () => {
    const { send } = await servedMarket({ orderRate: { perSecond: 3, perMinute: 3, burst: 1 } })
    expect((await send(ada, 'POST', '/orders/batch', { items: [placing, placing, placing] })).status).toBe(200)
    expect((await send(ada, 'POST', '/orders/batch', { items: [placing] })).status).toBe(429)
    const cancels = Array.from({ length: 10 }, () => ({ action: 'cancel', order_id: 'order_00000000001' }))
    expect((await send(ada, 'POST', '/orders/batch', { items: cancels })).status).toBe(200)
  })
})
