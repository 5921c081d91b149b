// Signing keys: Ed25519, as 32 raw bytes. How they are made, known, and which are refused.
//
// Under a point of small order a signature verifies that needed no private key, wherever a verifier takes such points
// (not all look): such a key would be everybody's. Bytes that are no point, or a second form of one, verify nothing for
// their owner. So what is registered is held against the curve here, once.

import { createHash, generateKeyPairSync } from 'node:crypto'

const keyBytes = 32
const p = 2n ** 255n - 19n
const signBit = 1n << 255n

function power (base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base % p, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = result * square % p
    square = square * square % p
  }
  return result
}

const inverse = (value: bigint): bigint => power(value, p - 2n)
const isSquare = (value: bigint): boolean => value === 0n || power(value, (p - 1n) / 2n) === 1n

/** Of the curve −x² + y² = 1 + dx²y². */
const d = (p - 121_665n) * inverse(121_666n) % p
/** The y of a point of order 8; the others of order 8 have it or its negative. */
const y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/** The y of the eight points whose order divides 8. */
const ofSmallOrder: ReadonlySet<bigint> = new Set([0n, 1n, p - 1n, y8, p - y8])

export type KeyFault = 'not_32_bytes' | 'no_point_of_the_curve' | 'small_order'

/** Why the bytes are not taken as a public key; null: they are. */
export function keyFault (bytes: Buffer): KeyFault | null {
  if (bytes.length !== keyBytes) return 'not_32_bytes'
  const encoded = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const y = encoded % signBit
  if (ofSmallOrder.has(y % p)) return 'small_order'
  // x² = (y² − 1) / (dy² + 1). The divisor is never 0, since −1/d is no square.
  const squared = (y * y - 1n) * inverse(d * y * y + 1n) % p
  return y < p && isSquare((squared + p) % p) ? null : 'no_point_of_the_curve'
}

/** The bytes of a public key as clients send it: base64, its padding optional. Null for anything else. */
export function readPublicKey (text: string): Buffer | null {
  return /^[A-Za-z0-9+/]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : null
}

export const fingerprintOf = (publicKey: Buffer): string =>
  createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')

/** A new pair, each part in base64. Clients take the private one as its seed or as the whole secret. */
export type MadeKey = {
  readonly publicKey: string
  readonly fingerprint: string
  /** 32 bytes. */
  readonly seed: string
  /** 64 bytes: the seed, then the public key. */
  readonly secret: string
}

export function makeSigningKey (): MadeKey {
  const { x = '', d: seed = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const [publicKey, seedBytes] = [Buffer.from(x, 'base64url'), Buffer.from(seed, 'base64url')]
  return {
    publicKey: publicKey.toString('base64'),
    fingerprint: fingerprintOf(publicKey),
    seed: seedBytes.toString('base64'),
    secret: Buffer.concat([seedBytes, publicKey]).toString('base64')
  }
}
