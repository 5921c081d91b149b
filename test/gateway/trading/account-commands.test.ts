// Every command about accounts, with every field made odd: a 4xx that names the field, and nothing moves.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeAccounts } from '../fake-accounts.ts'
import { desk, signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, prime, serve } from '../support.ts'

const seed = 20260104

const amounts = [
  0, -1, -0, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, '', '0', '-1', '+1', '1e3', '0x10', '1_000', ' 1', '1 ', 'NaN', 'Infinity', '00',
  '1.0000001', '99999999999999999999', '9'.repeat(400), null, true, [], {}, [1], { value: 1 }, '１', '٣'
]
const texts = [0, null, true, [], {}, '', ' ', '__proto__', 'constructor', 'nothing', 'a'.repeat(500), '\u0000', '𝕏', "'; DROP TABLE holders; --"]

const odd: Readonly<Record<string, readonly unknown[]>> = {
  quantity: [...amounts, 1.5, '01', 1_000_000_000],
  amount: amounts,
  instrument_id: texts,
  to_user_id: texts,
  client_reference: [0, null, true, [], {}, '', ' ', 'a b', 'ä', 'a'.repeat(101), '\n'],
  trading_account_id: [...texts, 'trading_account_0123456789abcdef']
}

const units = { instrument_id: prime.publicId, quantity: 1, client_reference: 'own' }
const commands: ReadonlyArray<readonly [string, Readonly<Record<string, unknown>>]> = [
  ['/transfers/trading-to-consumption', units],
  ['/transfers/consumption-to-trading', units],
  ['/transfers/funds', { to_user_id: 'user_12', amount: '1', client_reference: 'own' }],
  ['/supply-issuances', units],
  ['/issuance-accounts/transfer', { ...units, trading_account_id: undefined }]
]

test.each(commands)('%s names the field that is odd, and does nothing', async (path, sound) => {
  const { ledger, accountHistory, heard } = fakeAccounts()
  const ports = fakePorts({ identities: trusting([{ ...trader, roles: ['trader', 'supplier'] }, desk, supplier]), ledger, accountHistory })
  const ask = await serve(ports)
  const fields = Object.keys(sound)
  const change = fc.constantFrom(...fields).chain(field =>
    fc.constantFrom(...odd[field]!).map(value => [field, value] as const))
  await fc.assert(fc.asyncProperty(change, async ([field, value]) => {
    const { status, body } = await ask(`/v1${path}`, {
      method: 'POST', body: JSON.stringify({ ...sound, [field]: value }), headers: { 'content-type': 'application/json', ...signedBy(trader) }
    })
    expect([400, 404, 422]).toContain(status)
    if (status === 422) expect(Object.keys(body.error.details).length + (body.error.code === 'transfer_one_way' ? 1 : 0)).toBeGreaterThan(0)
    expect(heard).toEqual([])
  }), { seed, numRuns: 150 })
  expect(ports.logged.filter(line => line.includes('"level":50'))).toEqual([])
})

test.each(commands)('%s says which fields are missing, all at once', async (path, sound) => {
  const ask = await serve(fakePorts({ identities: trusting([{ ...trader, roles: ['trader', 'supplier'] }]) }))
  const { status, body } = await ask(`/v1${path}`, { method: 'POST', headers: signedBy(trader) })
  const needed = Object.keys(sound).filter(name => !['client_reference', 'trading_account_id'].includes(name))
  expect(status).toBe(422)
  expect(body.errors.detail).toEqual(Object.fromEntries(needed.map(name => [name, ['is missing']])))
})
