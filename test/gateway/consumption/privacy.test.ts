// What stays here: keys, addresses and headers of clients go to no supplier, prompts into no log and onto no topic.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { topics } from '../../../schemas/topics.ts'
import { partition } from '../adapters/small-market.ts'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { asJson, ask, paths, type SurfaceName } from './asking.ts'
import { ben, benKey, smallConsumption, type SmallConsumption } from './small-consumption.ts'

let upstream: SimulatedUpstream
let small: SmallConsumption & { readonly url: string }

beforeEach(async () => {
  upstream = await simulatedUpstream({ isRecording: true, behaviour: { echo: true } })
  small = await smallConsumption({ upstreams: [upstream.url] })
})

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const marker = 'xylophone-7181'
const surfaces = Object.keys(paths) as SurfaceName[]
const fieldsOf = (surface: SurfaceName): object => surface === 'responses'
  ? { input: marker }
  : { messages: [{ role: 'user', content: marker }], metadata: { user_id: 'ben@example.org' } }

const identifying = {
  cookie: 'session=1',
  'x-api-key': benKey,
  'x-forwarded-for': '203.0.113.9',
  forwarded: 'for=203.0.113.9',
  'x-real-ip': '203.0.113.9',
  'true-client-ip': '203.0.113.9',
  origin: 'https://ben.example.org',
  referer: 'https://ben.example.org/secret',
  'user-agent': 'BensBrowser/1.0',
  'anthropic-beta': 'beta',
  'openai-organization': 'org-ben',
  'x-stainless-os': 'Ben OS',
  'accept-language': 'de-CH',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=opaque'
}

/** All that a supplier may see. */
const shown = [
  'accept', 'connection', 'content-length', 'content-type', 'host', 'traceparent', 'tracestate', 'user-agent', 'x-market-ticket'
]

describe.each(['direct', 'redirect'])('delivery %s', delivery => {
  test.each(surfaces)('%s: a supplier sees the request, and nothing of who sent it', async surface => {
    const headers = { ...identifying, 'x-grid-delivery': delivery }
    const answer = await ask(small.url, { surface, fields: fieldsOf(surface), headers })
    expect(answer.status).toBe(200)
    const [sent] = upstream.requests
    expect(Object.keys(sent!.headers).filter(name => !shown.includes(name))).toEqual([])
    const { traceparent, tracestate } = identifying
    expect(sent!.headers).toMatchObject({ 'user-agent': 'inference-spot-market', traceparent, tracestate })
    const [, payload = ''] = String(sent!.headers['x-market-ticket']).split('.')
    const said = JSON.stringify(sent) + JSON.stringify(asJson(Buffer.from(payload, 'base64url').toString()))
    for (const secret of [benKey, 'api_key_ben', '203.0.113.9', 'example.org', 'BensBrowser', 'org-ben', 'Ben OS']) {
      expect(said).not.toContain(secret)
    }
    expect(sent!.path).toBe('/v1/chat/completions')
  })
})

describe('delivery by the supplier himself', () => {
  const endpoint = { publicUrl: 'https://supplier.example' }
  const account = { delivery: 'supplier' } as const
  const asked = { redirect: 'manual', headers: { 'x-grid-delivery': 'supplier' } } as const

  beforeEach(async () => {
    await small.close()
    small = await smallConsumption({ upstreams: [upstream.url], endpoint, account })
  })

  test.each(surfaces)('%s: a request with an x-api-key is answered here, since the key would follow to the supplier', async surface => {
    for (const headers of [{ 'x-api-key': benKey }, { 'x-api-key': benKey, authorization: `Bearer ${benKey}` }]) {
      const answer = await ask(small.url, { surface, key: null, redirect: 'manual', headers })
      expect([answer.status, answer.headers.get('location')]).toEqual([200, null])
    }
    expect(upstream.requests.map(({ headers }) => 'x-api-key' in headers)).toEqual([false, false])
  })

  test.each(surfaces)('%s: asked for, it is refused to one with an x-api-key, and nothing is held', async surface => {
    const headers = { ...asked.headers, 'x-api-key': benKey }
    const answer = await ask(small.url, { ...asked, surface, key: null, headers })
    expect([answer.status, answer.headers.get('location')]).toEqual([422, null])
    expect(answer.json).toMatchObject({ errors: { detail: { 'x-grid-delivery': [expect.stringContaining('x-api-key')] } } })
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })

  test('is for a bearer, which clients keep to themselves', async () => {
    const answer = await ask(small.url, asked)
    expect([answer.status, answer.headers.get('location')?.startsWith(endpoint.publicUrl)]).toEqual([307, true])
    expect(answer.headers.get('location')).not.toContain(benKey)
  })
})

test('two requests of one account have nothing in common for a supplier but their words', async () => {
  await ask(small.url)
  await ask(small.url)
  const claims = upstream.requests.map(({ headers }) =>
    asJson(Buffer.from(String(headers['x-market-ticket']).split('.')[1]!, 'base64url').toString())!)
  for (const name of ['sub', 'jti', 'account']) expect(claims[0]![name]).not.toBe(claims[1]![name])
  expect(JSON.stringify(claims)).not.toContain(`"${ben}"`)
})

test.each(['ben@example.org', '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
  'a trace that is none is replaced by one: %s', async traceparent => {
    const answer = await ask(small.url, { headers: { traceparent, tracestate: 'vendor=opaque' } })
    expect(answer.headers.get('traceparent')).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(upstream.requests[0]!.headers['traceparent']).toBe(answer.headers.get('traceparent'))
    expect(upstream.requests[0]!.headers).not.toHaveProperty('tracestate')
  }
)

test('both hops of a request are of one trace', async () => {
  const first = await ask(small.url, { redirect: 'manual', headers: { 'x-grid-delivery': 'redirect' } })
  const second = await ask(small.url, { path: first.headers.get('location')!.slice(small.url.length), key: null })
  expect(second.status).toBe(200)
  expect(second.headers.get('traceparent')).toBe(first.headers.get('traceparent'))
  expect(upstream.requests[0]!.headers['traceparent']).toBe(first.headers.get('traceparent'))
})

test('prompts, answers and keys are in no log, on no topic, in no reading and in no report', async () => {
  const logged: string[] = []
  const left: object[] = []
  for (const surface of surfaces) {
    for (const fail of ['none', 'error', 'status', 'garbage', 'cut'] as const) {
      upstream.behave({ fail, after: 2, status: 500 })
      // Another gateway each time: none of them leaves the upstream alone for having failed before.
      const gateway = await smallConsumption({ upstreams: [upstream.url], market: small.market })
      for (const stream of [true, false]) await ask(gateway.url, { surface, fields: { ...fieldsOf(surface), stream } })
      await gateway.settled()
      logged.push(...gateway.logged)
      left.push(...gateway.reports, ...gateway.readings)
      await gateway.close()
    }
  }
  const { ledger, usage, orders } = topics
  const records = [ledger, usage].flatMap(({ name }) => small.market.records(name, partition))
    .concat(small.market.records(orders.name, 1))
  expect(records.length).toBeGreaterThan(100)
  const kept = [
    ...records.map(({ value, key, headers }) => `${String(value)} ${String(key)} ${JSON.stringify(headers)}`),
    ...logged,
    JSON.stringify([left, small.market.told])
  ].join('\n')
  expect(upstream.requests.filter(({ body }) => body.includes(marker))).toHaveLength(30)
  expect(logged.length).toBeGreaterThan(10)
  expect(kept).not.toContain(marker)
  expect(kept).not.toContain(benKey)
})

describe('browsers', () => {
  test.each([['the first hop', '/v1/chat/completions'], ['the second', '/r/v1/chat/completions?token=x'], ['messages', '/v1/messages']])(
    'may ask on %s', async (_name, path) => {
      const response = await fetch(new URL(path, small.url), {
        method: 'OPTIONS',
        headers: {
          origin: 'https://page.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization, content-type, x-stainless-lang'
        }
      })
      expect(response.status).toBe(204)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('access-control-allow-headers')).toBe('authorization, content-type, x-stainless-lang')
      expect(response.headers.get('access-control-allow-methods')).toContain('POST')
      expect(response.headers.get('x-grid-request-id')).toMatch(/^req_/)
    }
  )

  test('see what they need to, also of an error and of a redirect', async () => {
    const asked = [
      await ask(small.url), await ask(small.url, { key: null }),
      await ask(small.url, { headers: { 'x-grid-delivery': 'redirect' }, redirect: 'manual' })
    ]
    for (const { headers } of asked) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      const exposed = headers.get('access-control-expose-headers')
      for (const name of ['x-grid-request-id', 'retry-after', 'x-should-retry']) expect(exposed).toContain(name)
    }
  })
})
