import { expect, test } from 'vitest'
import { refusalOfKey } from '../../../gateway/limits/key-checks.ts'
import { unbounded, type ConsumptionKey } from '../../../schemas/identity/records.ts'
import { holderId, instant, instrumentId } from '../../../schemas/units.ts'

const now = instant(1_780_000_000_000)
const prime = instrumentId('text-prime')
const key = (limits: Partial<ConsumptionKey>): ConsumptionKey => ({
  kind: 'consumption-key',
  keyId: 'k',
  userId: holderId(1),
  name: 'app',
  keyPrefix: 'abcd',
  keyHash: 'h',
  isActive: true,
  expiresAt: null,
  createdAt: now,
  ...unbounded,
  ...limits
})
const refusal = (limits: Partial<ConsumptionKey>, address = '10.0.0.1') =>
  refusalOfKey(key(limits), { instrumentId: prime, address, now })

test('a key that nobody has bounded may be used for anything from anywhere', () => {
  expect(refusal({}, 'unknown')).toBeNull()
})

test('a key ends at its expiry', () => {
  expect(refusal({ expiresAt: now })).toBe('expired')
  expect(refusal({ expiresAt: instant(now + 1) })).toBeNull()
  expect(refusal({ isActive: false })).toBe('expired')
})

test('an allowlist lets through what is on it', () => {
  expect(refusal({ instruments: [instrumentId('text-max')] })).toBe('instrument_not_allowed')
  expect(refusal({ instruments: [instrumentId('text-max'), prime] })).toBeNull()
  expect(refusal({ addresses: ['192.0.2.0/24'] })).toBe('address_not_allowed')
  expect(refusal({ addresses: ['192.0.2.0/24'] }, '192.0.2.9')).toBeNull()
})

test('a question about no instrument is not refused for one', () => {
  expect(refusalOfKey(key({ instruments: [prime] }), { instrumentId: null, address: '10.0.0.1', now })).toBeNull()
})

test('of several refusals the first is given', () => {
  const closed = { addresses: ['192.0.2.0/24'], instruments: [instrumentId('text-max')] }
  expect(refusal(closed)).toBe('address_not_allowed')
  expect(refusal({ ...closed, expiresAt: now })).toBe('expired')
})
