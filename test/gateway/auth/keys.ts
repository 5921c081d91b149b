// Keys that sign in tests, by a library that the gateway does not use, and an identity port that knows them.

import nacl from 'tweetnacl'
import { checks } from '../../../gateway/auth/public-key.ts'
import type { SignedRequest } from '../../../gateway/auth/signature.ts'
import type { IdentityPort, User } from '../../../gateway/ports.ts'
import { fingerprintOf } from '../../../pipelines/identities/signing-keys.ts'
import { holderId, instant, ownerId } from '../../../schemas/units.ts'

export const userOf = (id: number, changes: Partial<User> = {}): User => ({
  kind: 'user',
  userId: holderId(id),
  owner: ownerId(id),
  parent: null,
  email: `${id}@example.com`,
  name: `User ${id}`,
  roles: ['trader'],
  isActive: true,
  createdAt: instant(1),
  updatedAt: instant(1),
  ...changes
})

export type TestKey = {
  readonly publicKey: Buffer
  readonly fingerprint: string
  sign (message: Buffer | string): Buffer
}

export function testKey (seed: number | string): TestKey {
  const bytes = typeof seed === 'number' ? Buffer.alloc(32, seed) : Buffer.from(seed, 'hex')
  const pair = nacl.sign.keyPair.fromSeed(bytes)
  const publicKey = Buffer.from(pair.publicKey)
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: message => Buffer.from(nacl.sign.detached(Buffer.from(message), pair.secretKey))
  }
}

export function identitiesOf (...known: ReadonlyArray<readonly [TestKey, User]>): IdentityPort {
  const keys = new Map(known.map(([{ publicKey, fingerprint }, user]) =>
    [fingerprint, { user, fingerprint, verifies: checks(publicKey) }]))
  const users = new Map(known.map(([, user]) => [user.userId, user]))
  return {
    signingKey: fingerprint => keys.get(fingerprint),
    user: id => users.get(id),
    subAccounts: () => [],
    isReady: true
  }
}

type Asked = {
  readonly method?: string
  readonly target?: string
  readonly body?: Buffer | string
  readonly at: number
}

/** As the published recipe has it; what is signed may differ from what is then asked. */
export function signedRequest (key: TestKey, { method = 'GET', target = '/v1/orders', body = '', at }: Asked): SignedRequest {
  const timestamp = String(Math.floor(at / 1000))
  const [path = ''] = target.split('?')
  const bytes = Buffer.from(body)
  const signature = key.sign(Buffer.concat([Buffer.from(`${timestamp}${method}${path}`), bytes])).toString('base64')
  return { method, target, body: bytes, headers: { signature, timestamp, fingerprint: key.fingerprint } }
}

export function headersOf ({ headers: { signature, timestamp, fingerprint } }: SignedRequest): Record<string, string> {
  return { 'x-thegrid-signature': signature, 'x-thegrid-timestamp': timestamp, 'x-thegrid-fingerprint': fingerprint }
}
