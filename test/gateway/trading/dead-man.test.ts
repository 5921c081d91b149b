// The dead-man switch, by the clock of the log.

import { expect, test } from 'vitest'
import { ada, ben, servedMarket } from '../served-market.ts'

test('cancels all orders unless it is sent again in time', async () => {
  const { send, place, market, gateway } = await servedMarket()
  const { order_id: id } = await place() as { order_id: string }
  await place({ price: '0.09' }, ben)
  const { status, body } = await send(ada, 'POST', '/orders/cancel-all-after', { timeout_ms: 5000 })
  expect([status, body.data['timeout_ms'], body.data['triggers_at']]).toEqual([200, 5000, '2026-06-15T12:00:35.000Z'])
  market.tick(4000)
  market.settle()
  await send(ada, 'POST', '/orders/cancel-all-after', { timeout_ms: '5000' })
  market.tick(4000)
  market.settle()
  expect(gateway.port.openOrders(ada.userId)).toHaveLength(1)
  market.tick(1000)
  market.settle()
  expect((await send(ada, 'GET', `/orders/${id}`)).body.data).toMatchObject({ status: 'cancelled', closure_reason: 'dead_man' })
  expect(gateway.port.openOrders(ben.userId)).toHaveLength(1)
})

test('ends with 0', async () => {
  const { send, place, market, gateway } = await servedMarket()
  await place()
  await send(ada, 'POST', '/orders/cancel-all-after', { timeout_ms: 1000 })
  expect((await send(ada, 'POST', '/orders/cancel-all-after', { timeout_ms: 0 })).body.data['triggers_at']).toBeNull()
  market.tick(5000)
  market.settle()
  expect(gateway.port.openOrders(ada.userId)).toHaveLength(1)
})

test.each([undefined, null, 999, -1, 86_400_001, 1.5, '1e4', 'soon', '99999999999', {}, true])('takes no timeout of %j', async timeout => {
  const { send } = await servedMarket()
  const { status, body } = await send(ada, 'POST', '/orders/cancel-all-after', { timeout_ms: timeout })
  const fault = timeout === undefined ? 'is missing' : 'is 0, or 1000 to 86400000 milliseconds'
  expect([status, body.errors.detail]).toEqual([422, { timeout_ms: [fault] }])
})
