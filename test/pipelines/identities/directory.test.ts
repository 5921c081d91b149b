import { describe, expect, test } from 'vitest'
import { Directory } from '../../../pipelines/identities/directory.ts'
import {
  accountSettings, identityKey, unbounded, type AccountSettings, type ConsumptionKey, type Identity, type SigningKey,
  type TicketKey, type User
} from '../../../schemas/identity/records.ts'
import { holderId, instant, instrumentId, microdollars, ownerId } from '../../../schemas/units.ts'
import { wire } from '../runtime/support.ts'

const at = instant(1_780_000_000_000)

const user = (id: number, changes: Partial<User> = {}): User => ({
  kind: 'user',
  userId: holderId(id),
  owner: ownerId(id),
  parent: null,
  email: `${id}@example.com`,
  name: `User ${id}`,
  roles: ['trader'],
  isActive: true,
  createdAt: at,
  updatedAt: at,
  ...changes
})

const signingKey = (id: number, fingerprint = 'f'): SigningKey => ({
  kind: 'signing-key', keyId: `signing_key_${fingerprint}`, userId: holderId(id), label: 'laptop', publicKey: 'k', fingerprint, createdAt: at
})

const consumptionKey = (id: number, keyId: string, changes: Partial<ConsumptionKey> = {}): ConsumptionKey => ({
  kind: 'consumption-key',
  keyId,
  userId: holderId(id),
  name: 'app',
  keyPrefix: 'abcd',
  keyHash: `hash of ${keyId}`,
  isActive: true,
  expiresAt: null,
  createdAt: at,
  ...unbounded,
  ...changes
})

const settings = (id: number, changes: Partial<AccountSettings> = {}): AccountSettings =>
  ({ kind: 'account-settings', userId: holderId(id), ...accountSettings, updatedAt: at, ...changes })

const ticketKey = (keyId: string, createdAt: number): TicketKey =>
  ({ kind: 'ticket-key', keyId, publicKey: 'k', createdAt: instant(createdAt), expiresAt: instant(createdAt + 1000) })

function directory (...identities: readonly Identity[]): Directory {
  const made = new Directory()
  for (const identity of identities) expect(made.apply(identityKey(identity), identity)).toBe(true)
  return made
}

describe('a signing key', () => {
  test('counts while its user is there and active, and not otherwise', () => {
    const made = directory(signingKey(1))
    expect(made.signingKey('f')).toBeUndefined()
    made.apply('user/1', user(1))
    expect(made.signingKey('f')).toEqual({ key: signingKey(1), user: user(1) })
    made.apply('user/1', user(1, { isActive: false }))
    expect(made.signingKey('f')).toBeUndefined()
    expect(made.registered('f')).toEqual(signingKey(1))
    made.apply('user/1', user(1, { name: 'Ada' }))
    expect(made.signingKey('f')?.user.name).toBe('Ada')
    made.apply('user/1', null)
    expect(made.signingKey('f')).toBeUndefined()
  })

  test('is revoked by a null value, and may be registered again', () => {
    const made = directory(user(1), user(2), signingKey(1))
    made.apply('signing-key/f', null)
    expect([made.signingKey('f'), made.signingKeysOf(holderId(1))]).toEqual([undefined, []])
    made.apply('signing-key/f', signingKey(2))
    expect(made.signingKey('f')?.user.userId).toBe(2)
  })

  test('is the user\'s who had it registered last', () => {
    const made = directory(user(1), user(2), signingKey(1), signingKey(2), signingKey(2, 'g'))
    expect(made.signingKeysOf(holderId(1))).toEqual([])
    expect(made.signingKeysOf(holderId(2)).map(({ fingerprint }) => fingerprint)).toEqual(['f', 'g'])
  })
})

describe('a consumption key', () => {
  const now = instant(at + 1000)

  test('is found by its hash, while it is active and has not expired', () => {
    const made = directory(
      user(1), consumptionKey(1, 'a'), consumptionKey(1, 'b', { isActive: false }), consumptionKey(1, 'c', { expiresAt: now }),
      consumptionKey(1, 'd', { expiresAt: instant(now + 1) }), consumptionKey(9, 'e')
    )
    const counts = ['a', 'b', 'c', 'd', 'e'].map(id => made.consumptionKey(`hash of ${id}`, now) !== undefined)
    expect(counts).toEqual([true, false, false, true, false])
    expect(made.consumptionKeysOf(holderId(1))).toHaveLength(4)
  })

  test('is revoked by a null value', () => {
    const made = directory(user(1), consumptionKey(1, 'a'))
    made.apply('consumption-key/a', null)
    expect([made.consumptionKey('hash of a', now), made.consumptionKeyById('a')]).toEqual([undefined, undefined])
  })

  test('whose hash changes is known by the new one only', () => {
    const made = directory(user(1), consumptionKey(1, 'a'), consumptionKey(1, 'a', { keyHash: 'other' }))
    expect(made.consumptionKey('hash of a', now)).toBeUndefined()
    expect(made.consumptionKey('other', now)?.key.keyId).toBe('a')
  })
})

test('sub-accounts are listed with their parent, as it is now', () => {
  const parent = holderId(1)
  const made = directory(user(1), user(30, { parent }), user(4, { parent }), user(5))
  expect(made.subAccounts(parent).map(({ userId }) => userId)).toEqual([4, 30])
  made.apply('user/30', user(30))
  made.apply('user/4', null)
  expect(made.subAccounts(parent)).toEqual([])
  expect(made.users().map(({ userId }) => userId)).toEqual([1, 5, 30])
})

test('a record under a key that is not its own is passed over', () => {
  const made = directory(user(1))
  expect(made.apply('user/1', user(2))).toBe(false)
  expect(made.apply('signing-key/f', user(1))).toBe(false)
  expect(made.users()).toEqual([user(1)])
})

test('what is revoked and was never there changes nothing', () => {
  const made = directory(user(1))
  expect(made.apply('signing-key/unheard-of', null)).toBe(true)
  expect(made.users()).toHaveLength(1)
})

describe('settings', () => {
  const holder = holderId(1)

  test('are the last that were written, and those of all before and after', () => {
    const made = directory(user(1))
    expect(made.settings(holder)).toEqual(settings(1, { updatedAt: instant(0) }))
    made.apply('account-settings/1', settings(1, { delivery: 'direct' }))
    made.apply('account-settings/1', settings(1, { spendMax: microdollars(5) }))
    expect(made.settings(holder)).toEqual(settings(1, { spendMax: microdollars(5) }))
    expect(made.settings(holderId(2)).spendMax).toBeNull()
    made.apply('account-settings/1', null)
    expect(made.settings(holder).spendMax).toBeNull()
  })

  test('are the same when they come by wire', () => {
    const written = settings(1, { aliases: [{ pattern: 'claude-*', instrumentId: instrumentId('text-max') }], delivery: 'supplier' })
    const made = directory()
    made.apply('account-settings/1', wire.decode(wire.encode(written)) as unknown as Identity)
    expect(made.settings(holder)).toMatchObject(written)
    expect({ ...made.settings(holder) }.kind).toBe('account-settings')
  })
})

test('ticket keys are listed with the newest last, until they are taken away', () => {
  const made = directory(ticketKey('b', 5), ticketKey('a', 9), ticketKey('c', 1))
  expect(made.ticketKeys().map(({ keyId }) => keyId)).toEqual(['c', 'b', 'a'])
  made.apply('ticket-key/b', null)
  expect(made.ticketKeys().map(({ keyId }) => keyId)).toEqual(['c', 'a'])
})

test('a key that nobody has bounded comes by wire as one', () => {
  const made = directory(user(1))
  made.apply('consumption-key/a', wire.decode(wire.encode(consumptionKey(1, 'a'))) as unknown as Identity)
  expect(made.consumptionKeyById('a')).toMatchObject(unbounded)
})
