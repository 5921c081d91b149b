// Whatever is sent for an order, the answer is an outcome or a refusal that names what is wrong: never a 5xx, no error
// in the log, and what was refused changed nothing.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ada, limitBuy, servedMarket, type ServedMarket } from '../served-market.ts'
import { prime, type Answer } from '../support.ts'

const seed = 20260615

const odd = fc.constantFrom<unknown>(
  null, true, false, 0, -1, -0, 1.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, 2 ** 53 + 2, '', '0', '-1', '1e2', 'NaN', 'Infinity', '0x1',
  '1'.repeat(400), '0.0000001', '٣', '𝕏', '\u0000', 'buy', 'limit', 'gtd', '2026-13-01', '__proto__', [], [1], {},
  { price: 1 }, { stop_price: null }
)
const value = fc.oneof({ weight: 3, arbitrary: odd }, fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary', maxLength: 12 }))

const sensible: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  market_id: fc.constantFrom('text-prime', prime.marketId, 'TEXT-PRIME', 'vision-standard'),
  side: fc.constantFrom('buy', 'sell'),
  type: fc.constantFrom('limit', 'market', 'stop', 'stop_limit'),
  quantity: fc.constantFrom(1, '2', 50, 10_000),
  size: fc.constantFrom(1, '2'),
  notional: fc.constantFrom('0.5', 3, '10000000'),
  price: fc.constantFrom('0.1000', 0.1, '0.1200', '0.9', '104.8575'),
  stop_price: fc.constantFrom('0.0900', '0.1100', 0.1),
  time_in_force: fc.constantFrom('gtc', 'ioc', 'fok', 'day', 'gtd'),
  expires_at: fc.constantFrom('2026-06-15T13:00:00Z', 1_781_530_000, '2026-06-15T12:00:30.001Z', '2199-01-01'),
  client_order_id: fc.constantFrom('a', 'b', 'c'),
  post_only: fc.boolean(),
  reduce_only: fc.boolean(),
  auto_transfer: fc.boolean(),
  self_trade_prevention: fc.constantFrom('cancel_newest', 'cancel_oldest', 'cancel_both', 'decrement_and_cancel'),
  max_slippage_bp: fc.constantFrom(0, 50, 10_000),
  oco: fc.constantFrom({ stop_price: '0.0900' }, { stop_price: '0.1100', price: '0.1200' })
}

/** Mostly an order that makes sense, with a few of its fields put in, taken out or replaced. */
function order (): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(sensible).map(([name, some]) =>
    fc.oneof({ weight: 3, arbitrary: some }, { weight: 1, arbitrary: value }).map(chosen => [name, chosen] as const))
  const changes = fc.integer({ min: 0, max: 4 })
    .chain(count => fc.array(fc.oneof(...fields), { minLength: count, maxLength: count }))
  const dropped = fc.subarray(Object.keys(limitBuy), { maxLength: 2 })
  return fc.tuple(changes, dropped).map(([put, drop]) => {
    const kept = Object.entries(limitBuy).filter(([name]) => !drop.includes(name))
    return Object.fromEntries<unknown>([...kept, ...put])
  })
}

const isRefusal = (answer: Pick<Answer, 'status'>): boolean => answer.status >= 400

function expectHonest ({ status, body }: Pick<Answer, 'status' | 'body'>): void {
  expect(status).toBeLessThan(500)
  if (status < 300) return
  expect([400, 404, 409, 422]).toContain(status)
  expect(body.error.code).toMatch(/^\w+$/)
  if (status === 422) expect(Object.keys(body.errors.detail).length).toBeGreaterThan(0)
}

const held = ({ gateway }: ServedMarket) => {
  const { cash, volume } = gateway.port.holder(ada.userId)!
  return { cash, volume, orders: gateway.port.openOrders(ada.userId), positions: gateway.port.positions(ada.userId) }
}

test('POST /orders with any fields', async () => {
  const served = await servedMarket()
  let taken = 0
  await fc.assert(fc.asyncProperty(order(), async sent => {
    const before = held(served)
    const answer = await served.send(ada, 'POST', '/orders', sent)
    expectHonest(answer)
    if (isRefusal(answer)) expect(held(served)).toEqual(before)
    else taken++
  }), { seed, numRuns: 250 })
  expect(taken).toBeGreaterThan(20)
  expect(served.ports.logged.filter(line => line.includes('"level":50'))).toEqual([])
}, 60_000)

test('PUT /orders/:id with any fields', async () => {
  const served = await servedMarket()
  const resting = [await served.place({ price: '0.09' }), await served.place({ type: 'stop', price: null, stop_price: '0.12' })]
  const path = fc.constantFrom(...resting.map(({ id }) => String(id)), 'order_00000000001', 'x')
  let taken = 0
  await fc.assert(fc.asyncProperty(path, order(), async (id, { market_id: _market, side, type, ...sent }) => {
    const before = held(served)
    const answer = await served.send(ada, 'PUT', `/orders/${encodeURIComponent(id)}`, sent)
    expectHonest(answer)
    if (isRefusal(answer)) expect(held(served)).toEqual(before)
    else taken++
  }), { seed, numRuns: 150 })
  expect(taken).toBeGreaterThan(5)
  expect(served.ports.logged.filter(line => line.includes('"level":50'))).toEqual([])
}, 60_000)

test('POST /orders/batch with any items', async () => {
  const served = await servedMarket()
  const placing = order().map(fields => ({ action: 'place', ...fields }))
  const cancelling = fc.record({ action: fc.constant('cancel'), client_order_id: fc.constantFrom('a', 'b', 'z') })
  const sense = fc.oneof(placing, cancelling)
  const item = fc.oneof({ weight: 7, arbitrary: sense }, { weight: 1, arbitrary: value })
  await fc.assert(fc.asyncProperty(fc.array(item, { maxLength: 4 }), async items => {
    const before = held(served)
    const answer = await served.send(ada, 'POST', '/orders/batch', { items })
    expectHonest(answer)
    if (isRefusal(answer)) {
      expect(held(served)).toEqual(before)
      return
    }
    for (const { status, ...body } of answer.body.data) expectHonest({ status: status as number, body: body as never })
  }), { seed, numRuns: 100 })
  expect(served.ports.logged.filter(line => line.includes('"level":50'))).toEqual([])
}, 60_000)

test.each([
  ['quantity', '1e1'], ['quantity', '1.0e0'], ['quantity', '10.0000000000000000001'], ['quantity', '1E400'], ['quantity', '-0'],
  ['quantity', '99999999999999999999'], ['price', '1e-1'], ['price', '0.10000000000000000001'], ['price', '-0.0'], ['price', '1e999']
])('a %s that is written %s is no number here', async (field, written) => {
  const { send } = await servedMarket()
  const body = JSON.stringify({ ...limitBuy, [field]: '?' }).replace('"?"', written)
  const { status, body: { errors } } = await send(ada, 'POST', '/orders', body)
  expect([status, Object.keys(errors.detail)]).toEqual([422, [field]])
})

test.each([
  ['not JSON', '{"market_id":', 400], ['a list', '[]', 422], ['text', '"order"', 400], ['nothing', '', 422],
  ['too much', JSON.stringify({ ...limitBuy, note: 'x'.repeat(70_000) }), 413], ['twice the same field', '{"side":"buy","side":5}', 422]
])('a body that is %s', async (_name, body, status) => {
  const { send } = await servedMarket()
  expect((await send(ada, 'POST', '/orders', body)).status).toBe(status)
})
