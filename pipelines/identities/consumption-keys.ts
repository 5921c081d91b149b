// Consumption keys: what a client of the inference gateway sends. 43 characters of base64, from 32 random bytes:
// nothing that could be guessed, so one round of SHA-256 hides it, and a look-up by hash is all that a check costs.

import { hash, randomBytes } from 'node:crypto'
import { unbounded, type ConsumptionKey } from '../../schemas/identity/records.ts'
import type { HolderId, Instant } from '../../schemas/units.ts'

const randomLength = 32
const prefixLength = 8

export type MadeConsumptionKey = { readonly key: string, readonly keyPrefix: string, readonly keyHash: string }

export const consumptionKeyHash = (key: string): string => hash('sha256', key, 'hex')

export function makeConsumptionKey (): MadeConsumptionKey {
  const key = randomBytes(randomLength).toString('base64').replace(/=+$/, '')
  return { key, keyPrefix: key.slice(0, prefixLength), keyHash: consumptionKeyHash(key) }
}

export type KeyLimits = Pick<
  ConsumptionKey,
  'instruments' | 'addresses' | 'requestsPerMinute' | 'tokensPerMinute' | 'openMax' | 'budgetTokens' | 'budgetPeriod' | 'tags'
>

export type NewConsumptionKey = {
  /** `api_key_<uuid>`. */
  readonly keyId: string
  readonly userId: HolderId
  readonly name: string
  /** Null: not by itself. */
  readonly expiresAt: Instant | null
  /** What is not said is not bounded. */
  readonly limits: Partial<KeyLimits>
}

/** A new key, as it is kept; with it the key itself, to be shown once. */
export function drawConsumptionKey (
  { keyId, userId, name, expiresAt, limits }: NewConsumptionKey, createdAt: Instant
): { readonly kept: ConsumptionKey, readonly key: string } {
  const { key, keyPrefix, keyHash } = makeConsumptionKey()
  const kept: ConsumptionKey = {
    kind: 'consumption-key',
    keyId,
    userId,
    name,
    keyPrefix,
    keyHash,
    isActive: true,
    expiresAt,
    createdAt,
    ...unbounded,
    ...limits
  }
  return { kept, key }
}
