// The pairs that a gateway signs tickets with, and the set that it publishes: its own and every other gateway's.

import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { TicketKey } from '../../schemas/identity/records.ts'
import { instant, type Instant } from '../../schemas/units.ts'
import type { SigningPair } from './edge-ticket.ts'

export const keyLifeMs = 24 * 60 * 60 * 1000
/** The next one is made and published when so much of a key's life is over. */
export const rotateAfterMs = keyLifeMs / 2

/** RFC 7638, of an Ed25519 key. */
const thumbprint = (x: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')

export type MadePair = SigningPair & { readonly published: TicketKey }

export function makeTicketKey (now: Instant): MadePair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const keyId = thumbprint(x)
  const expiresAt = instant(now + keyLifeMs)
  return { keyId, privateKey, published: { kind: 'ticket-key', keyId, publicKey: x, createdAt: now, expiresAt } }
}

export type Jwk = { readonly kty: 'OKP', readonly crv: 'Ed25519', readonly x: string, readonly kid: string, readonly alg: 'EdDSA', readonly use: 'sig' }
export type JwkSet = { readonly keys: readonly Jwk[] }

/** What edges fetch. */
export function jwkSet (keys: readonly TicketKey[], now: Instant): JwkSet {
  const good = keys.filter(({ expiresAt }) => expiresAt > now)
  return { keys: good.map(({ keyId, publicKey }) => ({ kty: 'OKP', crv: 'Ed25519', x: publicKey, kid: keyId, alg: 'EdDSA', use: 'sig' })) }
}

/** Null for a key that is none of ours, or no key. */
export function readJwk (jwk: Partial<Jwk>): { readonly keyId: string, readonly key: KeyObject } | null {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string' || typeof jwk.kid !== 'string') return null
  try {
    return { keyId: jwk.kid, key: createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' }) }
  } catch {
    return null // 32 bytes that are no point.
  }
}
