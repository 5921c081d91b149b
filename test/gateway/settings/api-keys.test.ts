import { describe, expect, test } from 'vitest'
import { consumptionKeyHash } from '../../../pipelines/identities/consumption-keys.ts'
import { unbounded } from '../../../schemas/identity/records.ts'
import { signedBy, supplier, trader } from '../people.ts'
import { now } from '../support.ts'
import { servedSettings, type Ask } from './people.ts'

const path = '/api-keys'
const make = async (ask: Ask, fields: object = {}) =>
  (await ask(trader, 'POST', path, { api_key: { name: 'app', ...fields } })).body.data

const bounds = {
  expires_at: '2026-07-01T00:00:00.000Z',
  instruments: ['text-prime', 'text-max'],
  addresses: ['192.0.2.0/24', '2001:db8::1'],
  requests_per_minute: 60,
  tokens_per_minute: 100_000,
  open_max: 4,
  budget_tokens: 5_000_000,
  budget_period: 'month',
  tags: ['team:a']
}

describe('a key', () => {
  test('is shown by the answer that makes it, and kept as a hash', async () => {
    const { ask, known } = await servedSettings()
    const { status, body: { data } } = await ask(trader, 'POST', path, { api_key: { name: ' app ', ...bounds } })
    const key = data['key'] as string
    expect([status, key.length]).toEqual([201, 43])
    const made = { id: data['id'], key: null, key_prefix: key.slice(0, 8), created_at: '2026-06-15T12:00:30.000Z' }
    const row = { ...made, name: 'app', is_active: true, ...bounds }
    expect(data).toEqual({ ...row, key })
    expect((await ask(trader, 'GET', path)).body.data).toEqual([row])
    expect((await ask(trader, 'GET', `${path}/${String(row.id)}`)).body.data).toEqual(row)
    expect(String(known.sent[0]!.value)).not.toContain(key)
    const kept = { keyHash: consumptionKeyHash(key), budgetTokens: 5_000_000 }
    expect(known.directory.consumptionKeysOf(trader.userId)).toMatchObject([kept])
  })

  test('that nobody bounds is bounded by nothing', async () => {
    const { ask, known } = await servedSettings()
    expect(await make(ask)).toMatchObject({ expires_at: null, instruments: [], budget_tokens: null, budget_period: 'total' })
    expect(known.directory.consumptionKeysOf(trader.userId)).toMatchObject([unbounded])
  })

  test('is made once by one request, and by one Idempotency-Key', async () => {
    const { ask, known } = await servedSettings()
    const headers = signedBy(trader)
    const body = { api_key: { name: 'app' } }
    expect((await ask(trader, 'POST', path, body, headers)).status).toBe(201)
    const again = await ask(trader, 'POST', path, body, headers)
    expect([again.status, again.body.errors.detail]).toEqual([409, 'key_shown'])
    const named = () => ({ ...signedBy(trader), 'idempotency-key': 'mine' })
    expect((await ask(trader, 'POST', path, body, named())).status).toBe(201)
    expect((await ask(trader, 'POST', path, body, named())).status).toBe(409)
    expect((await ask(supplier, 'POST', path, body, { ...signedBy(supplier), 'idempotency-key': 'mine' })).status).toBe(201)
    expect(known.sent).toHaveLength(3)
  })

  test('changes where it is asked to, and is told by nothing', async () => {
    const { ask, known } = await servedSettings()
    const { id } = await make(ask, bounds)
    const change = { name: 'other', is_active: false, open_max: null, expires_at: null, instruments: [], budget_tokens: 7 }
    const { status } = await ask(trader, 'PUT', `${path}/${String(id)}`, { api_key: change })
    expect(status).toBe(204)
    const { body: { data } } = await ask(trader, 'GET', `${path}/${String(id)}`)
    expect(data).toMatchObject({ ...bounds, ...change, id })
    expect(known.directory.consumptionKeysOf(trader.userId)[0]!.keyHash).toMatch(/^[\da-f]{64}$/)
  })

  test('ends for good', async () => {
    const { ask, known } = await servedSettings()
    const { id, key } = await make(ask)
    expect((await ask(trader, 'DELETE', `${path}/${String(id)}`)).status).toBe(204)
    expect(known.directory.consumptionKey(consumptionKeyHash(key as string), now)).toBeUndefined()
    for (const method of ['GET', 'DELETE']) {
      expect((await ask(trader, method, `${path}/${String(id)}`)).body.errors.detail).toBe('not_found')
    }
  })

  test('of another is not there', async () => {
    const { ask } = await servedSettings()
    const { id } = await make(ask)
    expect((await ask(supplier, 'GET', path)).body.data).toEqual([])
    expect((await ask(supplier, 'GET', `${path}/${String(id)}`)).status).toBe(404)
    expect((await ask(supplier, 'PUT', `${path}/${String(id)}`, { api_key: { name: 'mine' } })).status).toBe(404)
    expect((await ask(supplier, 'DELETE', `${path}/${String(id)}`)).status).toBe(404)
  })
})

describe('refused, each fault under its name, is', () => {
  test.each([
    [{}, 'api_key'],
    [{ api_key: {} }, 'api_key.name'],
    [{ api_key: { name: '  ' } }, 'api_key.name'],
    [{ api_key: { name: 'a', expires_at: '2026-06-15T12:00:30Z' } }, 'api_key.expires_at'],
    [{ api_key: { name: 'a', expires_at: 'soon' } }, 'api_key.expires_at'],
    [{ api_key: { name: 'a', instruments: ['no-such'] } }, 'api_key.instruments.0'],
    [{ api_key: { name: 'a', addresses: ['192.0.2.0/24', '10.0.0.0/33'] } }, 'api_key.addresses.1'],
    [{ api_key: { name: 'a', requests_per_minute: 0 } }, 'api_key.requests_per_minute'],
    [{ api_key: { name: 'a', open_max: 1.5 } }, 'api_key.open_max'],
    [{ api_key: { name: 'a', budget_period: 'week' } }, 'api_key.budget_period'],
    [{ api_key: { name: 'a', tags: ['a b'] } }, 'api_key.tags.0']
  ])('%j', async (body, field) => {
    const { ask, known } = await servedSettings()
    const answer = await ask(trader, 'POST', path, body)
    expect([answer.status, Object.keys(answer.body.errors.detail)]).toEqual([422, [field]])
    expect(known.sent).toEqual([])
  })

  test('more than 500 of them', async () => {
    const { ask, known } = await servedSettings()
    await make(ask)
    const [first] = known.directory.consumptionKeysOf(trader.userId)
    for (let n = 1; n < 500; n++) {
      const keyId = `api_key_${n}`
      known.directory.apply(`consumption-key/${keyId}`, { ...first!, keyId, keyHash: keyId })
    }
    expect((await ask(trader, 'POST', path, { api_key: { name: 'one more' } })).body.errors.detail).toBe('too_many_keys')
  })
})
