// Keys: registered, made, revoked. What is secret leaves with the value that a maker returns, and is nowhere else.

import { randomUUID } from 'node:crypto'
import type { ConsumptionKey, SigningKey, User } from '../../schemas/identity/records.ts'
import { instant, type Instant } from '../../schemas/units.ts'
import { drawConsumptionKey, type KeyLimits } from '../identities/consumption-keys.ts'
import {
  fingerprintOf, keyFault, makeSigningKey, readPublicKey, type KeyFault, type MadeKey
} from '../identities/signing-keys.ts'
import type { Context } from '../process/context.ts'
import { readDirectory, writeIdentities } from './market.ts'
import { NotDone } from './stage-client.ts'

const faults: Readonly<Record<KeyFault, string>> = {
  not_32_bytes: 'A public key is 32 bytes in base64.',
  no_point_of_the_curve: 'These 32 bytes are no Ed25519 public key.',
  small_order: 'Under this public key anybody could sign.'
}

export type NewKey = { readonly publicKey: string, readonly label: string }

export async function registerKey (
  context: Context, { userId }: User, { publicKey, label }: NewKey
): Promise<SigningKey> {
  const bytes = readPublicKey(publicKey)
  const fault = bytes === null ? 'not_32_bytes' : keyFault(bytes)
  if (bytes === null || fault !== null) throw new NotDone(faults[fault ?? 'not_32_bytes'])
  const fingerprint = fingerprintOf(bytes)
  const known = (await readDirectory(context)).registered(fingerprint)
  if (known !== undefined) throw new NotDone(`This key is registered already, for user ${known.userId}.`)
  const key: SigningKey = {
    kind: 'signing-key',
    keyId: `signing_key_${randomUUID()}`,
    userId,
    label,
    publicKey: bytes.toString('base64'),
    fingerprint,
    createdAt: instant(Date.now())
  }
  await writeIdentities(context, [key])
  return key
}

/** A new pair; the private half is in what is returned, and nowhere else. */
export async function createKey (context: Context, user: User, label: string): Promise<SigningKey & MadeKey> {
  const made = makeSigningKey()
  return { ...made, ...await registerKey(context, user, { publicKey: made.publicKey, label }) }
}

/** By its fingerprint, with its padding or without, or by its id. */
export async function revokeKey (context: Context, name: string): Promise<SigningKey> {
  const directory = await readDirectory(context)
  const keys = directory.users().flatMap(({ userId }) => directory.signingKeysOf(userId))
  const key = directory.registered(name.replace(/=+$/, '')) ?? keys.find(({ keyId }) => keyId === name)
  if (key === undefined) throw new NotDone(`No key has the fingerprint or id ${name}.`)
  await writeIdentities(context, [], [key])
  return key
}

export type NewConsumptionKey = {
  readonly name: string
  readonly expiresAt: Instant | null
  readonly limits?: Partial<KeyLimits>
}

export async function createConsumptionKey (
  context: Context, { userId }: User, { limits = {}, ...asked }: NewConsumptionKey
): Promise<ConsumptionKey & { readonly key: string }> {
  const keyId = `api_key_${randomUUID()}`
  const { kept, key } = drawConsumptionKey({ ...asked, limits, keyId, userId }, instant(Date.now()))
  await writeIdentities(context, [kept])
  return { ...kept, key }
}

export async function revokeConsumptionKey (context: Context, keyId: string): Promise<ConsumptionKey> {
  const key = (await readDirectory(context)).consumptionKeyById(keyId)
  if (key === undefined) throw new NotDone(`No consumption key has the id ${keyId}.`)
  await writeIdentities(context, [], [key])
  return key
}
