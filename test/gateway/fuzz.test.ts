// Whatever is sent, the answer is a reply or a refusal that names what is wrong: never a 5xx, and no error in the log.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { routes } from '../../gateway/app.ts'
import type { Route } from '../../gateway/http/route.ts'
import type { User } from '../../gateway/ports.ts'
import { fakeAccounts } from './fake-accounts.ts'
import { signedBy, supplier, trusting } from './people.ts'
import { arrayHistory, fakePorts, minuteBar, now, prime, serve, trade, type Answer } from './support.ts'

const seed = 20260103

const good = fc.constantFrom(
  'text-prime', 'buy', '1m', '1M', 'asc', '5', '0.1009', '2026-06-15T12:00:00Z', '1781524800', 'symbol', 'price', '==', '>', 'active'
)
const odd = fc.constantFrom(
  '', '0', '-1', '1e9', 'NaN', 'null', '[object Object]', '__proto__', 'constructor', '%', '%00', '\u0000', '𝕏', '0x1', ' ',
  '99999999999999999999', '0.0000001', '2026-02-30', '9999-12-31', 'eyJxIjoxfQ', "'; DROP TABLE fills; --", 'a'.repeat(500)
)
const value = fc.oneof(good, odd, fc.string({ unit: 'binary', maxLength: 12 }))

const controls = ['limit', 'page_size', 'page', 'next', 'prev', 'order_by', 'order_direction', 'order_by[]', 'flop[page_size]']
const dialects = ['filters', 'flop[filters]']

const namesOf = ({ asks }: Route): string[] =>
  asks.listing === undefined ? Object.keys(asks.query ?? {}) : [...Object.keys(asks.listing.fields), ...controls]

function names (route: Route): fc.Arbitrary<string> {
  const own = namesOf(route)
  const filter = fc.tuple(fc.constantFrom(...dialects), fc.nat(2), fc.constantFrom('field', 'op', 'value', 'x'))
    .map(([dialect, index, part]) => `${dialect}[${index}][${part}]`)
  return fc.oneof(fc.constantFrom(...own, 'unknown'), filter, odd)
}

/** What a client that means well would send under a name. */
const sensible: Readonly<Record<string, readonly string[]>> = {
  market_id: ['text-prime', prime.marketId],
  instrument_id: ['code-max', prime.publicId],
  symbol: ['text-prime', 'TEXT-MAX'],
  side: ['buy', 'sell'],
  resolution: ['1s', '1m', '1d', '1w', '1M'],
  price: ['0.1001', '5'],
  quantity: ['1', '2'],
  from: ['1781520000', '2026-06-15', '2026-06-15T12:00:00.5Z'],
  to: ['1781524829', '2026-06-16', '2030-01-01T00:00:00+05:30'],
  limit: ['1', '2', '50'],
  order_direction: ['asc', 'desc'],
  depth: ['1', '100'],
  status: ['active', 'inactive']
}

/** Mostly sense, with little of anything beside it: so that what is odd comes past the first check. */
function query (route: Route): fc.Arbitrary<string> {
  const pairs = namesOf(route).flatMap(name => (sensible[name] ?? []).map(value => [name, value] as [string, string]))
  const meant = pairs.length === 0
    ? fc.constant<Array<[string, string]>>([])
    : fc.uniqueArray(fc.constantFrom(...pairs), { selector: ([name]) => name, maxLength: 5 })
  const anything = fc.array(fc.tuple(names(route), value), { maxLength: 5 })
  return fc.tuple(meant, fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, anything))
    .map(([sense, odd]) => new URLSearchParams([...sense, ...odd]).toString())
}

function expectHonest ({ status, body, headers }: Answer): void {
  expect(status).toBeLessThan(500)
  expect(headers.get('x-request-id')).toBeTruthy()
  if (status < 300) return
  expect([404, 422]).toContain(status)
  if (status === 422) expect(Object.keys(body.errors.detail).length).toBeGreaterThan(0)
}

const trades = [1, 2, 3].map(sequence => trade(sequence, now - sequence * 1000))
const history = arrayHistory(trades, [minuteBar(now - 90_000)])
const everyone: User = { ...supplier, roles: ['trader', 'supplier', 'finance', 'admin'] }
const fakes = () => fakePorts({ history, identities: trusting([everyone]), ledger: fakeAccounts().ledger })
const paths = routes(fakePorts()).flatMap(({ method, path }, index) => method === 'GET' ? [[path, index] as const] : [])

test.each(paths)('%s, asked anything', async (path, index) => {
  const ports = fakes()
  const ask = await serve(ports)
  const route = routes(ports)[index]!
  const filled = path.replace(/:\w+/g, 'text-prime')
  let served = 0
  await fc.assert(fc.asyncProperty(query(route), async query => {
    const answer = await ask(`/v1${filled}?${query}`, { headers: signedBy(everyone) })
    expectHonest(answer)
    if (answer.status !== 422) served++
  }), { seed, numRuns: 80 })
  expect(served).toBeGreaterThan(5) // Else the odd was all that was tried.
  expect(ports.logged.filter(line => line.includes('"level":50'))).toEqual([])
})

test('any path at all', async () => {
  const ports = fakes()
  const ask = await serve(ports)
  const segment = fc.oneof(value.map(encodeURIComponent), fc.constantFrom('v1', 'api', 'trading', 'markets', '%', '%zz', '..', '', 'instruments'))
  await fc.assert(fc.asyncProperty(fc.array(segment, { maxLength: 6 }), async segments => {
    expectHonest(await ask(`/v1/${segments.join('/')}`, { headers: signedBy(everyone) }))
  }), { seed, numRuns: 300 })
  expect(ports.logged.filter(line => line.includes('"level":50'))).toEqual([])
})
