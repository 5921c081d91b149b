// The list of orders: filters in every dialect and word, pages that stay right while rows arrive, replica and history
// joined so that nobody sees the seam.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OrderState } from '../../../schemas/ledger/records.ts'
import { ada, ben, historyOf, limitBuy, servedMarket, type Send, type ServedMarket } from '../served-market.ts'
import { prime, type Answer } from '../support.ts'

const ids = ({ body }: Answer): unknown[] => body.data.map(({ client_order_id: id }) => id)

/** Ada's: a rests, d is filled, b partly, c cancelled, e refused, and f closed: it would have met b. */
async function diverse (): Promise<ServedMarket> {
  const served = await servedMarket()
  const { place, send } = served
  await place({ client_order_id: 'a', price: '0.0900' })
  await place({ client_order_id: 'd', side: 'sell', price: '0.1100', quantity: 5 })
  await place({ price: '0.1100', quantity: 5 }, ben)
  await place({ client_order_id: 'b', price: '0.1000' })
  await place({ side: 'sell', price: '0.1000', quantity: 4 }, ben)
  await place({ client_order_id: 'c' })
  await send(ada, 'DELETE', '/orders/by-client-order-id/c')
  await send(ada, 'POST', '/orders', { ...limitBuy, client_order_id: 'e', price: '0.9' })
  await place({ client_order_id: 'f', side: 'sell', quantity: 7 })
  return served
}

describe('orders are found', () => {
  test.each([
    ['', 'adbcef'], ['status=active', 'a'], ['status=open', 'ab'], ['status=partially_filled', 'b'], ['status=filled', 'd'],
    ['status=cancelled', 'c'], ['status=rejected', 'e'], ['status=closed', 'f'], ['status=expired', ''], ['status=pending', ''],
    ['status=cancellation_pending', ''], ['filters[0][field]=status&filters[0][op]=!=&filters[0][value]=open', 'dcef'],
    ['flop[filters][0][field]=side&flop[filters][0][value]=sell', 'df'], ['side=buy&status=open', 'ab'], ['client_order_id=b', 'b'],
    ['client_order_id=nobody', ''], [`market_id=${prime.marketId}`, 'adbcef'], ['market_id=code-max', ''], ['instrument_id=text-prime', 'adbcef'],
    ['trader_id=user_11', 'adbcef'], ['trader_id=user_19', ''], ['trader_id=nonsense', ''], ['order_id=nonsense', ''],
    ['start_datetime=2026-06-15T12:00:00Z', 'adbcef'], ['end_datetime=2026-06-15T12:00:00Z', ''],
    ['filters[0][field]=created_at&filters[0][op]=>&filters[0][value]=2026-06-15T12:00:30.001Z', ''],
    ['order_direction=desc', 'fecbda'], ['order_by=created_at&order_by[]=created_at', null]
  ])('%s', async (query, expected) => {
    const { send } = await diverse()
    const answer = await send(ada, 'GET', `/orders?${query}`)
    if (expected === null) expect(answer.status).toBe(422)
    else expect(ids(answer).join('')).toBe(expected)
  })

  test.each([
    ['status=done', 'status'], ['side=up', 'side'], ['order_by=price', 'order_by'], ['limit=501', 'limit'], ['limit=0', 'limit'], ['page=2', 'page'],
    ['quantity=5', 'quantity'], ['next=abc', 'next'], ['market_id=nowhere', 'market_id'], ['start_datetime=yesterday', 'start_datetime']
  ])('not by %s: it names the field', async (query, field) => {
    const { send } = await servedMarket()
    const { status, body } = await send(ada, 'GET', `/orders?${query}`)
    expect([status, Object.keys(body.errors.detail)]).toEqual([422, [field]])
  })

  test('that are open while the history is away; the others are 503', async () => {
    const away = { orders: async () => Promise.reject(Object.assign(new Error('no ClickHouse'), { canRetry: true })) }
    const { send, place } = await servedMarket({ orderHistory: away })
    const { order_id: id } = await place() as { order_id: string }
    expect((await send(ada, 'GET', '/orders?status=open')).body.data).toMatchObject([{ order_id: id }])
    expect((await send(ada, 'GET', `/orders/${id}`)).status).toBe(200)
    expect((await send(ada, 'GET', '/orders')).status).toBe(503)
    expect((await send(ada, 'GET', '/orders/order_00000000001')).status).toBe(503)
  })

  test('as the replica has them where the history is behind', async () => {
    const behind: OrderState[] = []
    const { send, place, market } = await servedMarket({ orderHistory: historyOf(() => behind) })
    const { order_id: id } = await place({ client_order_id: 'a' }) as { order_id: string }
    behind.push(...market.told.filter((value): value is OrderState => value.kind === 'order-state'))
    await send(ada, 'DELETE', `/orders/${id}`)
    expect(ids(await send(ada, 'GET', '/orders?status=cancelled'))).toEqual(['a'])
    expect(ids(await send(ada, 'GET', '/orders?status=active'))).toEqual([])
    expect(ids(await send(ada, 'GET', '/orders'))).toEqual(['a'])
    for (let minutes = 0; minutes < 24 * 60 + 5; minutes += 5) market.tick(5 * 60_000)
    market.settle()
    // The ledger has let go of it, and the history still takes it for open: it is shown by neither rather than wrongly.
    expect(ids(await send(ada, 'GET', '/orders'))).toEqual([])
    expect((await send(ada, 'GET', `/orders/${id}`)).status).toBe(503)
  })
})

type Walked = { readonly forth: unknown[], readonly back: unknown[] }

async function walk (send: Send, query: string, between: () => Promise<void>): Promise<Walked> {
  const forth: unknown[] = []
  const back: unknown[] = []
  let cursor: string | null = null
  let last: Answer
  do {
    last = await send(ada, 'GET', `/orders?${query}${cursor === null ? '' : `&next=${cursor}`}`)
    expect(last.status).toBe(200)
    expect(last.body.paging.has_more).toBe(last.body.paging.next_cursor !== null)
    forth.push(...ids(last))
    cursor = last.body.paging.next_cursor
    await between()
  } while (cursor !== null)
  back.unshift(...ids(last))
  for (cursor = last.body.paging.prev_cursor; cursor !== null; cursor = last.body.paging.prev_cursor) {
    last = await send(ada, 'GET', `/orders?${query}&prev=${cursor}`)
    back.unshift(...ids(last))
  }
  return { forth, back }
}

test('pages lose and repeat no order, whatever part of them the history has, forth and back', async () => {
  const past: OrderState[] = []
  const { send, market } = await servedMarket({ orderHistory: historyOf(() => past) })
  const placing = { ...limitBuy, action: 'place', quantity: 1 }
  const items = Array.from({ length: 23 }, (_, index) => ({ ...placing, client_order_id: String(index) }))
  await send(ada, 'POST', '/orders/batch', { items })
  const cancelled = items.filter((_, index) => index % 3 === 0)
    .map(({ client_order_id: id }) => ({ action: 'cancel', client_order_id: id }))
  await send(ada, 'POST', '/orders/batch', { items: cancelled })
  const told = market.told.filter((value): value is OrderState => value.kind === 'order-state')
  const all = items.map(({ client_order_id: id }) => id)
  const isCancelled = (id: string): boolean => Number(id) % 3 === 0
  const queries: [string, (id: string) => boolean][] = [
    ['', () => true], ['&status=cancelled', isCancelled], ['&status=active', id => !isCancelled(id)]
  ]
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 9 }), fc.nat(told.length), fc.constantFrom('asc', 'desc'), fc.constantFrom(...queries),
    async (limit, known, direction, [filter, isFound]) => {
      past.splice(0, past.length, ...told.slice(0, known))
      const { forth, back } = await walk(send, `limit=${limit}&order_direction=${direction}${filter}`, async () => Promise.resolve())
      const expected = all.filter(isFound)
      expect(forth).toEqual(direction === 'asc' ? expected : expected.toReversed())
      expect(back).toEqual(forth)
    }
  ), { seed: 20260615, numRuns: 40 })
})

test('pages stay right while orders arrive and close', async () => {
  const { send, place } = await servedMarket()
  for (let index = 0; index < 9; index++) await place({ client_order_id: String(index), quantity: 1 })
  let next = 9
  const { forth } = await walk(send, 'limit=2', async () => {
    if (next >= 12) return
    await place({ client_order_id: String(next), quantity: 1 })
    await send(ada, 'DELETE', `/orders/by-client-order-id/${next - 5}`)
    next++
  })
  expect(forth).toEqual(Array.from({ length: 12 }, (_, index) => String(index)))
})
