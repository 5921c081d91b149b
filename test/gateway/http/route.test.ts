// What every route has: methods that are told, and a name that a client may give its command.

import { expect, test } from 'vitest'
import { fakeAccounts } from '../fake-accounts.ts'
import { signedBy, trader, trusting } from '../people.ts'
import { fakePorts, serve } from '../support.ts'

test.each([
  ['/v1/me', 'GET, HEAD'],
  ['/v1/orders', 'DELETE, GET, HEAD, POST'],
  ['/v1/orders/batch', 'POST'],
  ['/v1/orders/order_00000000000', 'DELETE, GET, HEAD, PUT'],
  ['/v1/transfers/funds', 'GET, HEAD, POST'],
  ['/openapi.json', 'GET, HEAD']
])('%s takes %s and says so', async (path, methods) => {
  const ask = await serve(fakePorts({ identities: trusting([trader]) }))
  for (const method of ['PATCH', 'OPTIONS']) {
    const { status, headers } = await ask(path, { method, headers: signedBy(trader) })
    expect([status, headers.get('allow')]).toEqual([405, methods])
  }
})

test.each([
  ['one', 200], ['!~', 200], ['a'.repeat(100), 200], ['a'.repeat(101), 422], ['a b', 422], ['', 422], ['ä', 422]
])('the idempotency key %j is answered with %i', async (key, status) => {
  const { ledger, accountHistory } = fakeAccounts()
  const ask = await serve(fakePorts({ identities: trusting([trader]), ledger, accountHistory }))
  const headers = { ...signedBy(trader), 'content-type': 'application/json', 'idempotency-key': key }
  const body = JSON.stringify({ instrument_id: 'text-prime', quantity: 1 })
  const answer = await ask('/v1/transfers/trading-to-consumption', { method: 'POST', body, headers })
  expect(answer.status).toBe(status)
  if (status === 422) expect(answer.body.errors.detail).toHaveProperty('idempotency-key')
  else expect(answer.body.data).toHaveProperty('client_reference', key)
})
