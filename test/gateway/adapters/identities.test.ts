import { describe, expect, test } from 'vitest'
import { identityPort } from '../../../gateway/adapters/identities.ts'
import { Directory } from '../../../pipelines/identities/directory.ts'
import { identityKey, type Identity, type SigningKey, type User } from '../../../schemas/identity/records.ts'
import { holderId, instant } from '../../../schemas/units.ts'
import { testKey, userOf } from '../auth/keys.ts'

const ada = testKey(1)
const ben = testKey(2)
const message = Buffer.from('1706500000GET/v1/me')

const keyOf = (id: number, fingerprint: string, publicKey: string): SigningKey => ({
  kind: 'signing-key', keyId: `signing_key_${id}`, userId: holderId(id), label: '', publicKey, fingerprint, createdAt: instant(1)
})

const user: User = userOf(1)
const adas = keyOf(1, ada.fingerprint, ada.publicKey.toString('base64'))

function known (...identities: readonly Identity[]) {
  const directory = new Directory()
  const logged: object[] = []
  const port = identityPort(directory, { error: (about: object) => { logged.push(about) } })
  const write = (identity: Identity, value: Identity | null = identity) => directory.apply(identityKey(identity), value)
  for (const identity of identities) write(identity)
  return { port, write, logged }
}

describe('a key that is known', () => {
  test('verifies what its owner signed, and nothing else', async () => {
    const key = known(user, adas).port.signingKey(ada.fingerprint)!
    expect([key.user, key.fingerprint]).toEqual([user, ada.fingerprint])
    expect(await key.verifies(message, ada.sign(message))).toBe(true)
    expect(await key.verifies(message, ben.sign(message))).toBe(false)
    expect(await key.verifies(message, Buffer.alloc(64))).toBe(false)
  })

  test('is parsed once, for as long as its record stands', () => {
    const { port, write } = known(user, adas)
    const check = (): unknown => Object.entries(port.signingKey(ada.fingerprint)!).find(([name]) => name === 'verifies')?.[1]
    const first = check()
    expect(check()).toBe(first)
    write({ ...adas, label: 'renamed' })
    expect(check()).not.toBe(first)
  })

  test('is so no longer once it is revoked, or its user suspended or gone', () => {
    const { port, write } = known(user, adas)
    write({ ...user, isActive: false })
    expect(port.signingKey(ada.fingerprint)).toBeUndefined()
    write(user)
    expect(port.signingKey(ada.fingerprint)).toBeDefined()
    write(adas, null)
    expect(port.signingKey(ada.fingerprint)).toBeUndefined()
    expect(port.user(user.userId)).toEqual(user)
  })
})

test('what is registered and is no key is nobody\'s, and told once', () => {
  const { port, logged } = known(user, keyOf(1, 'short', 'AAAA'))
  expect([port.signingKey('short'), port.signingKey('short')]).toEqual([undefined, undefined])
  expect(logged).toHaveLength(1)
})

test('sub-accounts are those of the directory', () => {
  const child = userOf(2, { parent: user.userId })
  expect(known(user, child).port.subAccounts(user.userId)).toEqual([child])
})
