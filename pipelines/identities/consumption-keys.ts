// Consumption keys: what a client of the inference gateway sends. 43 characters of base64, from 32 random bytes:
// nothing that could be guessed, so one round of SHA-256 hides it, and a look-up by hash is all that a check costs.

import { createHash, randomBytes } from 'node:crypto'

const randomLength = 32
const prefixLength = 8

export type MadeConsumptionKey = { readonly key: string, readonly keyPrefix: string, readonly keyHash: string }

export const consumptionKeyHash = (key: string): string => createHash('sha256').update(key).digest('hex')

export function makeConsumptionKey (): MadeConsumptionKey {
  const key = randomBytes(randomLength).toString('base64').replace(/=+$/, '')
  return { key, keyPrefix: key.slice(0, prefixLength), keyHash: consumptionKeyHash(key) }
}
