import { expect, test } from 'vitest'
import { canonicalPath } from '../../../gateway/http/aliases.ts'
import { routes } from '../../../gateway/app.ts'
import type { User } from '../../../gateway/ports.ts'
import { fakeAccounts } from '../fake-accounts.ts'
import { signedBy, supplier, trusting } from '../people.ts'
import { fakePorts, prime, serve } from '../support.ts'

const prefixes = ['/v1', '/v1/trading', '/api/v1/trading', '/api/v1']

const reads = routes(fakePorts()).filter(({ method }) => method === 'GET')
const paths = reads.map(({ path }) => path
  .replace(':market', prime.marketId).replace(/:\w+/, 'text-prime'))

const everyone: User = { ...supplier, roles: ['trader', 'supplier', 'finance', 'admin'] }

const needsMarket = new Set(['/price-histories', '/orderbooks'])

test.each(paths)('%s answers alike under every prefix', async path => {
  const ask = await serve(fakePorts({ identities: trusting([everyone]), ledger: fakeAccounts().ledger }))
  const query = needsMarket.has(path) ? '?market_id=text-prime' : ''
  const answers = await Promise.all(prefixes.map(prefix => ask(`${prefix}${path}${query}`, { headers: signedBy(everyone) })))
  const { status } = answers[0]!
  expect(status === 200 || (status === 404 && path.endsWith('text-prime'))).toBe(true)
  expect(answers.map(({ status }) => status)).toEqual([status, status, status, status])
  for (const { body } of answers) expect(body).toEqual(answers[0]!.body)
})

test.each([
  ['/v1/price_histories', '/v1/price-histories'],
  ['/api/v1/trading/price_histories', '/v1/price-histories'],
  ['/api/v1/public-trades', '/v1/public_trades'],
  ['/v1/trading-accounts', '/v1/trading-accounts'],
  ['/v1/trading', '/v1/trading'],
  ['/api/v1/constructor', '/v1/constructor'],
  ['/markets', '/markets'],
  ['/v2/markets', '/v2/markets']
])('%s is %s', (path, canonical) => {
  expect(canonicalPath(path)).toBe(canonical)
})

test('a path under none of the prefixes is not found', async () => {
  const ask = await serve()
  const { status, body } = await ask('/markets')
  expect([status, body.errors.detail]).toEqual([404, 'not_found'])
})

test('names of before still answer', async () => {
  const ask = await serve()
  for (const path of ['/price_histories?market_id=text-prime', '/public-trades', `/orderbooks/${prime.marketId}`, '/orderbooks?market_id=text-prime']) {
    expect((await ask(`/api/v1/trading${path}`)).status).toBe(200)
  }
})
