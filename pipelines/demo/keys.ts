// Keys that sign requests, and where the demo's come from: all of one secret, kept in a file that only its owner reads.

import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HolderId } from '../../schemas/units.ts'

/** What stands before the 32 bytes of an Ed25519 seed in PKCS 8. */
const seedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const seedLength = 32

export class Signer {
  /** 32 bytes, base64. */
  readonly publicKey: string
  /** By which the market knows the key. */
  readonly fingerprint: string
  readonly #key: KeyObject

  constructor (seed: Uint8Array) {
    this.#key = createPrivateKey({ key: Buffer.concat([seedPrefix, seed]), format: 'der', type: 'pkcs8' })
    const raw = createPublicKey(this.#key).export({ format: 'der', type: 'spki' }).subarray(-seedLength)
    this.publicKey = raw.toString('base64')
    this.fingerprint = createHash('sha256').update(raw).digest('base64').replace(/=+$/, '')
  }

  /** A seed of 32 bytes, or a secret key of 64 that begins with it, in base64. */
  static of (privateKey: string): Signer {
    const bytes = Buffer.from(privateKey, 'base64')
    if (bytes.length !== seedLength && bytes.length !== 2 * seedLength) {
      throw new Error(`a private key is base64 of ${seedLength} or ${2 * seedLength} bytes, not of ${bytes.length}`)
    }
    return new Signer(bytes.subarray(0, seedLength))
  }

  sign (message: string): string {
    return sign(null, Buffer.from(message), this.#key).toString('base64')
  }
}

type KeyFile = { readonly secret: string }

/** D7: made where there is none. */
export async function demoSecret (file: string): Promise<Buffer> {
  const made = randomBytes(seedLength)
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${JSON.stringify({ secret: made.toString('hex') } satisfies KeyFile)}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return await readDemoSecret(file)
}

export async function readDemoSecret (file: string): Promise<Buffer> {
  const { secret } = JSON.parse(await readFile(file, 'utf8')) as Partial<KeyFile>
  if (secret === undefined || !/^[\da-f]{64}$/.test(secret)) throw new Error(`${file} holds no secret of the demo`)
  return Buffer.from(secret, 'hex')
}

/** Of which a signing key is made. */
export const seedOf = (secret: Buffer, user: HolderId): Buffer => createHmac('sha256', secret).update(`demo ${user}`).digest()

export const signerOf = (secret: Buffer, user: HolderId): Signer => new Signer(seedOf(secret, user))

/** A consumption key, in the form in which all are. */
export const consumptionKeyOf = (secret: Buffer, user: HolderId): string =>
  createHmac('sha256', secret).update(`demo consumption ${user}`).digest('base64').replace(/=+$/, '')
