// The market's secrets. Each is 32 bytes with a name; the first signs, all verify. For each use a key of its own is
// derived from them (HKDF, RFC 5869), so that what one use gives away says nothing about another.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

const secretBytes = 32

/** As key objects: from raw bytes Node would make one at each use, which takes longer than the use. */
export type Secret = {
  readonly name: string
  /** Authenticates `/r` tickets and account hashes. */
  readonly tickets: KeyObject
  /** Encrypts ids of requests. */
  readonly requests: KeyObject
  /** Seals text. */
  readonly seals: KeyObject
}

/** The first signs. */
export type Secrets = readonly [Secret, ...Secret[]]

const derived = (bytes: Buffer, use: string, length: number): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', `market ${use}`, length)))

export function secretOf (name: string, bytes: Buffer): Secret {
  if (bytes.length !== secretBytes) throw new Error(`the secret ${name} has ${bytes.length} bytes, not ${secretBytes}`)
  return {
    name,
    tickets: derived(bytes, 'tickets', 32),
    requests: derived(bytes, 'requests', 16),
    seals: derived(bytes, 'seals', 32)
  }
}

const written = /^([\w-]{1,32}):([A-Za-z0-9+/]{43}=)$/

/** From a setting such as `2026-06:<32 bytes in base64>,2026-05:…`. */
export function readSecrets (setting: string): Secrets {
  const [first, ...others] = setting.split(',').map(each => {
    const [, name, bytes] = written.exec(each.trim()) ?? []
    // What was set is never repeated: it may be most of a secret.
    if (name === undefined || bytes === undefined) {
      throw new Error('TICKET_SECRETS is a list of name:base64 of 32 bytes, separated by commas')
    }
    return secretOf(name, Buffer.from(bytes, 'base64'))
  })
  return [first!, ...others]
}
