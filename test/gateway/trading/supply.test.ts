// Supply: issued, moved to Trading, and told of in the published shapes.

import { describe, expect, test } from 'vitest'
import type { User } from '../../../gateway/ports.ts'
import { fakeAccounts } from '../fake-accounts.ts'
import { signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, prime, serve, type Answer } from '../support.ts'

type Asks = {
  readonly post: (path: string, body: object, user?: User) => Promise<Answer>
  readonly get: (path: string, user?: User) => Promise<Answer>
}

async function served (): Promise<Asks> {
  const { ledger, accountHistory } = fakeAccounts()
  const ask = await serve(fakePorts({ identities: trusting([trader, supplier]), ledger, accountHistory }))
  return {
    post: async (path, body, user = supplier) => ask(`/v1${path}`, {
      method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...signedBy(user) }
    }),
    get: async (path, user = supplier) => ask(`/v1${path}`, { headers: signedBy(user) })
  }
}

const ten = { instrument_id: prime.publicId, quantity: 10 }

test('units are issued, and listed newest first', async () => {
  const { post, get } = await served()
  const { status, body: { data } } = await post('/supply-issuances', { ...ten, client_reference: 'first' })
  expect(status).toBe(201)
  expect(data).toMatchObject({ instrument_id: prime.publicId, quantity: 10, status: 'issued', client_reference: 'first' })
  await post('/supply-issuances', { ...ten, quantity: '5' })
  const listed = await get('/supply-issuances')
  expect(listed.body.data.map(row => row['quantity'])).toEqual([5, 10])
  expect(listed.body.data[1]!['id']).toBe(data['id'])
  expect((await get('/supply-issuances?instrument_id=text-max')).body.data).toEqual([])
  expect((await get('/supply-issuances?status=issued&limit=1')).body.paging.has_more).toBe(true)
})

test('moved units are in Trading, and counted everywhere alike', async () => {
  const { post, get } = await served()
  await post('/supply-issuances', ten)
  const moved = await post('/issuance-accounts/transfer', { ...ten, quantity: 4 })
  expect(moved.status).toBe(202)
  expect(moved.body).toMatchObject({ status: 'accepted', transfer_id: moved.body.data['transfer_id'] as string })
  const account = moved.body.data['trading_account_id'] as string
  expect((await get(`/trading-accounts/${account}`)).body.data['total_balance']).toBe('4')
  expect((await get('/supply-issuances/summary')).body.data).toEqual([expect.objectContaining({
    instrument_symbol: 'text-prime', total_issued: 10, units_available: 6, units_transferred_to_trading: 4
  })])
  expect((await get('/issuance-accounts')).body.data).toEqual([expect.objectContaining({
    issuance_account_id: expect.stringMatching(/^isa_[\da-f]{16}$/) as string, total_balance: 6, available_balance: 6, total_issued: 10, total_transferred: 4, total_transferred_to_trading: 4
  })])
  const liability = { total_issued: 10, units_in_issuance: 6, units_in_trading: 4, units_sold: 0, units_outstanding: 0 }
  expect((await get('/supplier-liability')).body).toMatchObject({ data: [liability], totals: { proceeds_pending: '0.00000000' } })
  expect((await get('/supplier-liability/text-prime')).body.data).toMatchObject(liability)
  const [row] = (await get('/transfer-histories')).body.data
  expect(row).toMatchObject({ type: 'issued_transfer', account_id: account, transfer_id: moved.body['transfer_id'] as string })
})

describe('refused is', () => {
  test('who is no supplier, at every path', async () => {
    const { post, get } = await served()
    for (const path of ['/supply-issuances', '/issuance-accounts', '/supplier-liability', '/supply-issuances/summary']) {
      expect((await get(path, trader)).body.errors.detail, path).toBe('insufficient_role')
    }
    for (const path of ['/supply-issuances', '/issuance-accounts/transfer']) {
      expect((await post(path, ten, trader)).status, path).toBe(403)
    }
  })

  test('more than was issued, and another account than one\'s own', async () => {
    const { post } = await served()
    await post('/supply-issuances', ten)
    expect((await post('/issuance-accounts/transfer', { ...ten, quantity: 11 })).body.errors.detail).toBe('INSUFFICIENT_BALANCE')
    const elsewhere = { ...ten, trading_account_id: 'trading_account_0123456789abcdef' }
    expect((await post('/issuance-accounts/transfer', elsewhere)).body.errors.detail).toHaveProperty('trading_account_id')
  })

  test('a question about what was never issued', async () => {
    const { get } = await served()
    expect((await get('/supplier-liability/text-max')).body.errors.detail).toBe('not_found')
    expect((await get('/supplier-liability/nothing')).body.errors.detail).toBe('instrument_not_found')
  })
})
