import { expect, test } from 'vitest'
import { fakePorts, serve } from '../support.ts'

const paths = ['/v1/markets', '/v1/nothing', '/v1/markets?limit=x', '/health', '/metrics', '/v1/markets/text-prime/orderbook']

test.each(paths)('%s says which request it answers and what is left', async path => {
  const ask = await serve(fakePorts({ rateLimit: { requests: 300, windowMs: 60_000 } }))
  const { headers } = await ask(path)
  expect(headers.get('x-request-id')).toMatch(/^[\w-]{20}$/)
  expect(headers.get('x-ratelimit-limit')).toBe('300')
  expect(headers.get('x-ratelimit-remaining')).toBe('299')
  expect(headers.get('x-ratelimit-reset')).toBe(String(Date.UTC(2026, 5, 15, 12, 1) / 1000))
})

test('a sane request id is kept, another is not', async () => {
  const ask = await serve()
  const id = async (sent: string): Promise<string | null> =>
    (await ask('/health', { headers: { 'x-request-id': sent } })).headers.get('x-request-id')
  expect(await id('GIkgbPVEdBDYQbcAAChF')).toBe('GIkgbPVEdBDYQbcAAChF')
  expect(await id('short')).not.toBe('short')
  expect(await id('a"b{c}d e f g h i j k l')).toMatch(/^[\w-]{20}$/)
})

test('any page may read, with the headers that matter', async () => {
  const { headers } = await (await serve())('/v1/markets', { headers: { origin: 'https://example.org' } })
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('access-control-expose-headers')).toContain('x-ratelimit-remaining')
  expect(headers.get('access-control-allow-credentials')).toBeNull()
})

test('a preflight lets a page sign, and carries no credentials of the browser\'s', async () => {
  const headers = { origin: 'https://example.org', 'access-control-request-method': 'POST' }
  const answer = await (await serve())('/v1/markets', { method: 'OPTIONS', headers })
  expect(answer.status).toBe(204)
  expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  expect(answer.headers.get('access-control-allow-headers')).toContain('x-thegrid-signature')
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
})

test.each(['/v1/markets', '/v1/nothing'])('a browser may do nothing else with %s', async path => {
  const { headers } = await (await serve())(path)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-powered-by')).toBeNull()
})
