// Cancels: of one, of all, of all in a market.

import { expect, test } from 'vitest'
import { signedBy } from '../people.ts'
import { ada, ben, servedMarket } from '../served-market.ts'

test('a cancelled order is 204, and a conflict from then on', async () => {
  const { send, place, gateway } = await servedMarket()
  const { order_id: id } = await place() as { order_id: string }
  const headers = signedBy(ada)
  const { status, body } = await send(ada, 'DELETE', `/orders/${id}`, undefined, headers)
  expect([status, body]).toEqual([204, { text: '' }])
  expect(gateway.port.holder(ada.userId)).toMatchObject({ cash: { held: 0 } })
  // Not a repeat of the first, but another: a DELETE applies again.
  const again = await send(ada, 'DELETE', `/orders/${id}`, undefined, headers)
  expect([again.status, again.body.errors.detail]).toEqual([409, 'order_already_cancelled'])
})

test('a filled order can not be cancelled', async () => {
  const { send, place } = await servedMarket()
  await place({ side: 'sell' }, ben)
  const { order_id: id } = await place() as { order_id: string }
  const { status, body } = await send(ada, 'DELETE', `/orders/${id}`)
  expect([status, body.errors.detail]).toEqual([409, 'order_already_filled'])
})

test('an order is cancelled by the id that its client gave it', async () => {
  const { send, place } = await servedMarket()
  await place({ client_order_id: 'mine' })
  expect((await send(ada, 'DELETE', '/orders/by-client-order-id/mine')).status).toBe(204)
  expect((await send(ada, 'DELETE', '/orders/by-client-order-id/mine')).status).toBe(409)
  expect((await send(ada, 'DELETE', '/orders/by-client-order-id/other')).status).toBe(404)
})

test.each([
  ['/orders', 2], ['/orders?market_id=text-prime', 2], ['/orders?market_id=code-max', 0], ['/markets/text-prime/orders', 2], ['/markets/code-max/orders', 0]
])('DELETE %s cancels %i, and none of another\'s', async (path, cancelled) => {
  const { send, place, gateway } = await servedMarket()
  await place()
  await place({ side: 'sell', price: '0.11' })
  await place({ price: '0.09' }, ben)
  const { status, body } = await send(ada, 'DELETE', path)
  expect([status, body.data['cancelled']]).toEqual([200, cancelled])
  expect(body.data['log_position']).toMatchObject({ topic: 'ledger' })
  expect(gateway.port.openOrders(ada.userId)).toHaveLength(2 - cancelled)
  expect(gateway.port.openOrders(ben.userId)).toHaveLength(1)
})

test('what is cancelled is never guessed', async () => {
  const { send, place, gateway } = await servedMarket()
  await place()
  expect((await send(ada, 'DELETE', '/orders?market=text-prime')).body.errors.detail).toEqual({ market: ['is not a parameter of this resource'] })
  expect((await send(ada, 'DELETE', '/orders?market_id=nowhere')).status).toBe(422)
  expect((await send(ada, 'DELETE', '/markets/nowhere/orders')).status).toBe(404)
  expect((await send(ada, 'DELETE', '/orders/%E0%A4%A')).status).toBeLessThan(500)
  expect(gateway.port.openOrders(ada.userId)).toHaveLength(1)
})
