import { describe, expect, test } from 'vitest'
import type { Suppliers } from '../../../gateway/adapters/suppliers.ts'
import type { User } from '../../../gateway/ports.ts'
import { readNetworks } from '../../../gateway/suppliers/addresses.ts'
import { holderId, instant, microdollars } from '../../../schemas/units.ts'
import { userOf } from '../auth/keys.ts'
import { signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, now, prime, serve, type Answer } from '../support.ts'
import { suppliersAtOnce } from './at-once.ts'

const other = userOf(22, { roles: ['supplier'] })
const addresses: Readonly<Record<string, string[]>> = {
  'edge.example': ['1.1.1.1'], 'inside.example': ['10.0.0.1'], 'local.example': ['127.0.0.1']
}

type Served = {
  readonly suppliers: Suppliers
  /** What was written to the topic, by key. */
  readonly written: readonly string[]
  readonly ask: (method: string, path: string, body?: object, user?: User) => Promise<Answer>
}

async function served (): Promise<Served> {
  const { suppliers, written } = suppliersAtOnce(() => now, {
    resolve: host => Promise.resolve(addresses[host] ?? []), networks: readNetworks('127.0.0.0/8')
  })
  const identities = trusting([supplier, other, trader])
  const asks = await serve(fakePorts({ identities, suppliers: suppliers.port }))
  return {
    suppliers,
    written,
    ask: (method, path, body, user = supplier) => asks(`/v1/supplier-endpoints${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...signedBy(user) }
    })
  }
}

const edge = { instrument_id: 'text-prime', url: 'https://edge.example', models: ['kimi-k2'] }
const faults = ({ status, body }: Answer): unknown[] => [status, body.errors.detail]

describe('an endpoint', () => {
  test('is registered, shown and routed to', async () => {
    const { ask, suppliers } = await served()
    const body = {
      ...edge,
      public_url: 'https://edge.example/public/',
      in_flight_max: 64,
      requests_per_minute: 600,
      tokens_per_minute: null,
      tls_pin: `sha256/${Buffer.alloc(32).toString('base64')}`
    }
    const { status, body: { data } } = await ask('POST', '', body)
    expect(status).toBe(201)
    expect(data).toMatchObject({
      instrument_id: prime.publicId,
      instrument_symbol: 'text-prime',
      url: 'https://edge.example',
      public_url: 'https://edge.example/public',
      models: ['kimi-k2'],
      in_flight_max: 64,
      requests_per_minute: 600,
      tokens_per_minute: null,
      tls_pin: Buffer.alloc(32).toString('base64'),
      is_managed: false,
      is_active: true,
      standing: 'unrated',
      weight: 100,
      seen: { in_flight: 0, breaker: 'closed', first_token_ms: null, requests_left: 600, tokens_left: null }
    })
    const id = data['id'] as string
    expect((await ask('GET', `/${id}`)).body.data).toEqual(data)
    expect((await ask('GET', '')).body.data).toEqual([data])
    expect(suppliers.routing.endpoint(id)?.supplier).toBe(supplier.userId)
  })

  test('is the same one however often it is sent, and under whatever spelling', async () => {
    const { ask, written } = await served()
    const first = await ask('POST', '', edge)
    const again = await ask('POST', '', { ...edge, instrument_id: prime.publicId, url: 'HTTPS://EDGE.example:443/' })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body.data).toEqual(first.body.data)
    expect(written).toHaveLength(1)
    const changed = await ask('POST', '', { ...edge, in_flight_max: 3 })
    expect([changed.status, changed.body.data['id']]).toEqual([200, first.body.data['id']])
    expect(written).toHaveLength(2)
  })

  test('of another URL, instrument or supplier is another', async () => {
    const { ask } = await served()
    const ids = [
      await ask('POST', '', edge), await ask('POST', '', { ...edge, url: 'https://edge.example/b' }),
      await ask('POST', '', { ...edge, instrument_id: 'code-max' }), await ask('POST', '', edge, other)
    ].map(({ body }) => body.data['id'])
    expect(new Set(ids).size).toBe(4)
    expect((await ask('GET', '?instrument_id=code-max')).body.data).toHaveLength(1)
    expect((await ask('GET', '?status=inactive')).body.data).toEqual([])
  })

  test('is changed in what is sent, and keeps the rest', async () => {
    const { ask, suppliers } = await served()
    const { body: { data } } = await ask('POST', '', { ...edge, in_flight_max: 64, requests_per_minute: 600 })
    const id = data['id'] as string
    const put = await ask('PUT', `/${id}`, { is_active: false, in_flight_max: null, instrument_id: prime.publicId, url: edge.url })
    expect(put.status).toBe(200)
    expect(put.body.data).toMatchObject({
      is_active: false, status: 'inactive', in_flight_max: null, requests_per_minute: 600, models: ['kimi-k2']
    })
    expect(suppliers.routing.endpoint(id)?.isActive).toBe(false)
    expect(faults(await ask('PUT', `/${id}`, { url: 'https://edge.example/elsewhere' })))
      .toEqual([422, { url: ['can not change; register another endpoint'] }])
    expect(faults(await ask('PUT', `/${id}`, { instrument_id: 'code-max' })))
      .toEqual([422, { instrument_id: ['can not change; register another endpoint'] }])
  })

  test('keeps what is an operator\'s, and shows it', async () => {
    const { ask, suppliers } = await served()
    const id = (await ask('POST', '', edge)).body.data['id'] as string
    const managed = { ...suppliers.directory.endpoint(id)!, managedPrice: microdollars(750_000) }
    suppliers.apply(`endpoint/${id}`, managed)
    suppliers.apply('standing/21/text-prime', {
      kind: 'supplier-standing', supplier: holderId(21), instrumentId: prime.instrumentId, standing: 'probation', weight: 40, updatedAt: instant(1)
    })
    const put = await ask('PUT', `/${id}`, { in_flight_max: 2, managed_price: null, weight: 1000, standing: 'good' })
    expect(put.headers.get('x-ignored-fields')).toBe('managed_price, weight, standing')
    const posted = await ask('POST', '', { ...edge, in_flight_max: 5 })
    for (const { body } of [put, posted]) expect(body.data).toMatchObject({ is_managed: true, standing: 'probation', weight: 40 })
    expect(suppliers.directory.endpoint(id)?.managedPrice).toBe(750_000)
  })

  test('is taken away', async () => {
    const { ask, suppliers, written } = await served()
    const id = (await ask('POST', '', edge)).body.data['id'] as string
    expect((await ask('DELETE', `/${id}`)).status).toBe(204)
    expect((await ask('GET', `/${id}`)).status).toBe(404)
    expect((await ask('DELETE', `/${id}`)).status).toBe(404)
    expect([suppliers.routing.view(1000), written]).toEqual([[], [`endpoint/${id}`, `endpoint/${id}`]])
  })

  test('is nobody else\'s to see or change', async () => {
    const { ask, written } = await served()
    const id = (await ask('POST', '', edge)).body.data['id'] as string
    const answers = [
      await ask('GET', `/${id}`, undefined, other), await ask('PUT', `/${id}`, { is_active: false }, other),
      await ask('DELETE', `/${id}`, undefined, other)
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
    expect((await ask('GET', '', undefined, other)).body.data).toEqual([])
    expect((await ask('POST', '', edge, trader)).status).toBe(403)
    expect((await ask('GET', '', undefined, trader)).status).toBe(403)
    expect(written).toHaveLength(1)
  })
})

describe('refused is', () => {
  test('what leads to where nothing may be connected to', async () => {
    const { ask, written } = await served()
    const said = async (changes: object): Promise<unknown> => faults(await ask('POST', '', { ...edge, ...changes }))[1]
    expect(await said({ url: 'https://inside.example' })).toEqual({ url: ['leads to addresses that are not public'] })
    expect(await said({ url: 'https://169.254.169.254', public_url: 'https://inside.example' })).toEqual({
      url: ['leads to addresses that are not public'], public_url: ['leads to addresses that are not public']
    })
    expect(await said({ url: 'https://nowhere.example' })).toEqual({ url: ['leads to no address'] })
    expect(await said({ url: 'http://edge.example' })).toEqual({ url: ['is not an https URL'] })
    const id = (await ask('POST', '', edge)).body.data['id'] as string
    expect((await ask('PUT', `/${id}`, { public_url: 'https://inside.example' })).status).toBe(422)
    expect((await ask('PUT', `/${id}`, { public_url: null })).status).toBe(200)
    expect(written).toHaveLength(1)
  })

  test('a pin without encryption', async () => {
    const { ask } = await served()
    const plain = { ...edge, url: 'http://local.example:4050' }
    expect((await ask('POST', '', plain)).status).toBe(201)
    const pinned = await ask('POST', '', { ...plain, tls_pin: Buffer.alloc(32).toString('base64') })
    expect(faults(pinned)).toEqual([422, { tls_pin: ['is of https only'] }])
  })

  test('what is malformed, all at once', async () => {
    const { ask } = await served()
    const limit = ['is a whole number, 1 to 1000000000']
    const answer = await ask('POST', '', {
      instrument_id: 'text-primo', url: 'edge', models: [], in_flight_max: 0, requests_per_minute: 1.5, tls_pin: 'abc', is_active: 'no'
    })
    expect(faults(answer)).toEqual([422, {
      instrument_id: ['is not an instrument of ours'],
      url: ['is not a URL'],
      models: ['is a list of 1 to 50 names'],
      in_flight_max: limit,
      requests_per_minute: limit,
      tls_pin: ['is the SHA-256 of a public key, 32 bytes in base64'],
      is_active: ['is true or false']
    }])
    expect(faults(await ask('POST', '', {}))).toEqual([422, {
      instrument_id: ['is missing'], url: ['is missing'], models: ['is missing']
    }])
  })

  test('the hundred and first, but not a change of the hundredth', async () => {
    const { ask } = await served()
    const at = (number: number): object => ({ ...edge, url: `https://edge.example/${number}` })
    for (let number = 1; number <= 100; number++) await ask('POST', '', at(number))
    expect(faults(await ask('POST', '', at(101)))).toEqual([422, { url: ['would be more than 100 endpoints'] }])
    expect((await ask('POST', '', { ...at(100), in_flight_max: 1 })).status).toBe(200)
  })
})
