// Orders are counted by user and market, sense or nonsense; cancels never are.

import { expect, test } from 'vitest'
import { marketNamedIn } from '../../../gateway/trading/order-rates.ts'
import { desk, signedBy, trader, trusting } from '../people.ts'
import { fakePorts, prime, serve, type Answer } from '../support.ts'
import type { User } from '../../../gateway/ports.ts'

test.each([
  [{ market_id: 'text-prime' }, 'text-prime'], [{ market_id: prime.marketId }, 'text-prime'], [{ market_id: 'nothing' }, null], [{ market_id: 1 }, null],
  [{}, null], [null, null], [undefined, null], ['text-prime', null]
])('%j counts towards %s', (body, market) => {
  expect(marketNamedIn(body)).toBe(market)
})

async function served (): Promise<(user: User, method: string, path: string, body?: object) => Promise<Answer>> {
  const orderRate = { perSecond: 2, perMinute: 2, burst: 0 }
  const ask = await serve(fakePorts({ identities: trusting([trader, desk]), orderRate }))
  return async (user, method, path, body) => ask(`/v1${path}`, {
    method,
    headers: { ...signedBy(user), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
}

test('one order too many is 429, in that market and for that user only', async () => {
  const send = await served()
  const order = async (user: User, market: string): Promise<number> =>
    (await send(user, 'POST', '/orders', { market_id: market })).status
  expect([await order(trader, 'text-prime'), await order(trader, prime.marketId), await order(trader, 'text-prime')]).toEqual([422, 422, 429])
  expect([await order(trader, 'text-max'), await order(desk, 'text-prime')]).toEqual([422, 422])
})

test('every answer about orders says how many are left, and the refusal when to come back', async () => {
  const send = await served()
  const first = await send(trader, 'POST', '/orders', { market_id: 'text-prime' })
  expect([first.headers.get('x-ratelimit-limit'), first.headers.get('x-ratelimit-remaining')]).toEqual(['2', '1'])
  await send(trader, 'POST', '/orders', { market_id: 'text-prime' })
  const { headers, body } = await send(trader, 'POST', '/orders', { market_id: 'text-prime' })
  expect([headers.get('x-ratelimit-remaining'), body.errors.detail]).toEqual(['0', 'rate_limited'])
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a batch counts as many as it places', async () => {
  const send = await served()
  const place = { action: 'place', market_id: 'text-prime' }
  const cancel = { action: 'cancel', order_id: 'order_00000000000' }
  expect((await send(trader, 'POST', '/orders/batch', { items: [place, cancel, cancel, cancel, place] })).status).toBe(422)
  expect((await send(trader, 'POST', '/orders', { market_id: 'text-prime' })).status).toBe(429)
})

test('cancels are not counted', async () => {
  const send = await served()
  for (let count = 0; count < 5; count++) expect((await send(trader, 'DELETE', '/orders/order_00000000000')).status).toBe(503)
})
