import { expect, test } from 'vitest'
import { countedAddress, FixedWindow } from '../../../gateway/http/rate-limit.ts'
import { instant } from '../../../schemas/units.ts'
import { fakePorts, now, serve } from '../support.ts'

test('an address is let in as often as the window says, and again in the next', () => {
  const window = new FixedWindow({ requests: 2, windowMs: 1000 })
  const count = (address: string, at: number): boolean => window.count(address, at).isAllowed
  expect([count('a', 0), count('a', 500), count('a', 999), count('b', 999)]).toEqual([true, true, false, true])
  expect([count('a', 1000), count('a', 1001), count('a', 1999)]).toEqual([true, true, false])
})

test('a flood of addresses takes no more than its share of memory', () => {
  const window = new FixedWindow({ requests: 1, windowMs: 1000 })
  window.count('first', 0)
  for (let address = 0; address < 100_000; address++) window.count(String(address), 0)
  expect(window.count('99999', 0).isAllowed).toBe(false)
  expect(window.count('first', 0).isAllowed).toBe(true) // Forgotten, as the oldest.
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0']
])('%s counts as %s', (address, counted) => {
  expect(countedAddress(address)).toBe(counted)
})

test('one too many is 429 and says when to come back, in every header clients read', async () => {
  let at = now
  const ask = await serve(fakePorts({ now: () => at, rateLimit: { requests: 2, windowMs: 60_000 } }))
  await ask('/v1/markets')
  await ask('/v1/markets')
  const { status, headers, body } = await ask('/v1/markets')
  expect([status, body.errors.detail]).toEqual([429, 'rate_limited'])
  expect([headers.get('retry-after'), headers.get('x-ratelimit-retry-after')]).toEqual(['30', '30'])
  expect(headers.get('x-ratelimit-remaining')).toBe('0')
  at = instant(now + 30_000)
  expect((await ask('/v1/markets')).status).toBe(200)
})

test('who watches is not shut out', async () => {
  const ask = await serve(fakePorts({ rateLimit: { requests: 1, windowMs: 60_000 } }))
  for (const path of ['/v1/markets', '/health', '/ready', '/metrics']) expect((await ask(path)).status).toBe(200)
})

test('behind a proxy the address it saw counts, whatever the client wrote before it', async () => {
  const ask = await serve(fakePorts({ isBehindProxy: true, rateLimit: { requests: 1, windowMs: 60_000 } }))
  const from = async (forwarded: string): Promise<number> =>
    (await ask('/v1/markets', { headers: { 'x-forwarded-for': forwarded } })).status
  expect([await from('1.1.1.1, 9.9.9.9'), await from('2.2.2.2, 9.9.9.9'), await from('1.1.1.1, 8.8.8.8')]).toEqual([200, 429, 200])
})

test('without a proxy x-forwarded-for is only words', async () => {
  const ask = await serve(fakePorts({ rateLimit: { requests: 1, windowMs: 60_000 } }))
  await ask('/v1/markets', { headers: { 'x-forwarded-for': '1.1.1.1' } })
  expect((await ask('/v1/markets', { headers: { 'x-forwarded-for': '2.2.2.2' } })).status).toBe(429)
})
