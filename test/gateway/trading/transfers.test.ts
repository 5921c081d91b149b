// Moving what one has: done once however often it is asked, and refused in words that say why.

import { describe, expect, test } from 'vitest'
import { fakeAccounts, type FakeAccounts } from '../fake-accounts.ts'
import { clerk, desk, signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, now, prime, serve, type Answer } from '../support.ts'
import type { Movement, User } from '../../../gateway/ports.ts'

type Post = (user: User, path: string, body: object, headers?: Record<string, string>) => Promise<Answer>
type Get = (user: User, path: string) => Promise<Answer>

type Served = Pick<FakeAccounts, 'heard' | 'answerWith'> & { readonly post: Post, readonly get: Get }

async function served (): Promise<Served> {
  const accounts = fakeAccounts()
  const { ledger, accountHistory } = accounts
  const ask = await serve(fakePorts({ identities: trusting([trader, desk, supplier, clerk]), ledger, accountHistory }))
  return {
    ...accounts,
    post: async (user, path, body, headers = signedBy(user)) => ask(`/v1${path}`, {
      method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers }
    }),
    get: async (user, path) => ask(`/v1${path}`, { headers: signedBy(user) })
  }
}

const toConsumption = '/transfers/trading-to-consumption'
const three = { instrument_id: 'text-prime', quantity: 3 }

describe('units into Consumption', () => {
  test('go once, whatever is repeated: the request, its key or its reference', async () => {
    const { post, heard } = await served()
    const headers = signedBy(trader)
    const first = await post(trader, toConsumption, three, headers)
    expect(first.body).toMatchObject({ status: 'success', transfer_id: expect.stringMatching(/^transfer_[\da-f-]{36}$/) as string })
    expect((await post(trader, toConsumption, three, headers)).body['transfer_id']).toBe(first.body['transfer_id'])
    const keyed = await post(trader, toConsumption, { ...three, quantity: '1' }, { ...signedBy(trader), 'idempotency-key': 'one' })
    const named = await post(trader, toConsumption, { ...three, quantity: 1, client_reference: 'one' })
    expect(named.body['transfer_id']).toBe(keyed.body['transfer_id'])
    expect(keyed.body['transfer_id']).not.toBe(first.body['transfer_id'])
    expect(new Set(heard.map(command => 'reference' in command ? command.reference : '')).size).toBe(2)
  })

  test('under the same name are the same, or a conflict', async () => {
    const { post } = await served()
    await post(trader, toConsumption, { ...three, client_reference: 'one' })
    const { status, body } = await post(trader, toConsumption, { ...three, quantity: 1, client_reference: 'one' })
    expect([status, body.errors.detail]).toEqual([409, 'reference_conflict'])
  })

  test('can not be named twice differently', async () => {
    const { post, heard } = await served()
    const headers = { ...signedBy(trader), 'idempotency-key': 'one' }
    expect((await post(trader, toConsumption, { ...three, client_reference: 'two' }, headers)).body.errors.detail)
      .toEqual({ client_reference: ['differs from the Idempotency-Key header'] })
    expect((await post(trader, toConsumption, three, { ...signedBy(trader), 'idempotency-key': 'a b' })).status).toBe(422)
    expect(heard).toEqual([])
  })

  test('are no more than are free', async () => {
    const { post } = await served()
    const { status, body } = await post(trader, toConsumption, { ...three, quantity: 6 })
    expect([status, body.errors.detail]).toEqual([400, 'INSUFFICIENT_BALANCE'])
  })

  test('do not come back', async () => {
    const { post, heard } = await served()
    const { status, body } = await post(trader, '/transfers/consumption-to-trading', three)
    expect([status, body.errors.detail]).toEqual([422, 'transfer_one_way'])
    expect(body.errors.message).toContain('committed')
    expect(heard).toEqual([])
  })

  test('are refused whole when nobody can say what became of them', async () => {
    const { post, answerWith } = await served()
    answerWith({ kind: 'unknown', orderId: null })
    expect((await post(trader, toConsumption, three)).status).toBe(504)
    answerWith({ kind: 'not_accepted' })
    expect((await post(trader, toConsumption, three)).status).toBe(503)
  })
})

describe('cash between accounts of one owner', () => {
  test('leaves one and reaches the other', async () => {
    const { post, get } = await served()
    const sent = await post(trader, '/transfers/funds', { to_user_id: 'user_12', amount: '12.50', client_reference: 'desk' })
    expect(sent.body.data).toMatchObject({ to_user_id: 'user_12', amount: '12.50000000', client_reference: 'desk' })
    expect((await get(trader, '/self/accounts/currencies/usd')).body.data['withdrawable_balance']).toBe('62.50000000')
    const [out] = (await get(trader, '/transfers/funds')).body.data
    const [into] = (await get(desk, '/transfers/funds?type=transfer_in')).body.data
    expect(out).toMatchObject({ transfer_id: sent.body['transfer_id'], direction: 'out', amount: '12.50000000', client_reference: 'desk' })
    expect(into).toMatchObject({ direction: 'in', amount: '12.50000000' })
  })

  test.each([
    ['another owner', 'user_21', 404], ['nobody', 'user_99', 404], ['no user at all', 'x', 404], ['oneself', 'user_11', 422]
  ])('does not go to %s', async (_who, to, status) => {
    const { post, heard } = await served()
    expect((await post(trader, '/transfers/funds', { to_user_id: to, amount: '1' })).status).toBe(status)
    expect(heard).toEqual([])
  })
})

describe('what moved', () => {
  test('is told newest first, page by page, under both names', async () => {
    const { post, get } = await served()
    for (const quantity of [1, 2]) await post(trader, toConsumption, { ...three, quantity })
    for (const path of ['/transfer-histories', '/transfers/histories']) {
      const first = await get(trader, `${path}?limit=1`)
      expect(first.body.data.map(row => row['quantity'])).toEqual([2])
      const next = await get(trader, `${path}?limit=1&next=${first.body.paging.next_cursor}`)
      expect(next.body.data.map(row => row['quantity'])).toEqual([1])
      expect(next.body.paging.has_more).toBe(false)
    }
    const [row] = (await get(trader, '/transfer-histories?order_direction=asc&type=consumption_transfer')).body.data
    expect(row).toMatchObject({
      quantity: 1,
      sender_account_id: expect.stringMatching(/^trading_account_/) as string,
      account_id: expect.stringMatching(/^consumption_account_/) as string
    })
    expect((await get(trader, '/transfer-histories?type=issued_transfer')).body.data).toEqual([])
  })

  test('is the same id that the transfer was answered with', async () => {
    const { post, get } = await served()
    const { body } = await post(trader, toConsumption, three)
    expect((await get(trader, '/transfer-histories')).body.data[0]!['transfer_id']).toBe(body['transfer_id'])
  })

  test('is one\'s own', async () => {
    const { post, get } = await served()
    await post(trader, toConsumption, three)
    expect((await get(desk, '/transfer-histories')).body.data).toEqual([])
  })
})

test('finance sends cash and moves no units', async () => {
  const { post } = await served()
  expect((await post(clerk, toConsumption, three)).body.errors.detail).toBe('insufficient_role')
})

test('what a sweep moved is among the transfers, from Trading to Consumption', async () => {
  const swept: Movement = {
    entry: 9, type: 'sweep', reference: 'sweep:text-prime:123', instrumentId: prime.instrumentId, amount: 3, bookedAt: now
  }
  const { ledger, accountHistory } = fakeAccounts()
  const movements: typeof accountHistory.movements = async ({ types }) => Promise.resolve(types.includes('sweep') ? [swept] : [])
  const ports = { identities: trusting([trader]), ledger, accountHistory: { ...accountHistory, movements } }
  const ask = await serve(fakePorts(ports))
  for (const query of ['', '?type=sweep']) {
    const { body: { data } } = await ask(`/v1/transfer-histories${query}`, { headers: signedBy(trader) })
    expect(data).toEqual([expect.objectContaining({ type: 'sweep', quantity: 3, client_reference: null, status: 'completed' })])
    expect(data[0]!['sender_account_id']).toMatch(/^trading_account_/)
    expect(data[0]!['account_id']).toMatch(/^consumption_account_/)
  }
  const { body: { data } } = await ask('/v1/transfer-histories?type=consumption_transfer', { headers: signedBy(trader) })
  expect(data).toEqual([])
})
