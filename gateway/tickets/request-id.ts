// Ids of requests: one block of AES over the holder (5 bytes), two zeros by which a wrong secret shows, and 9 bytes of
// chance, or of a hash of what the client called the request. The market reads the holder back; to anybody else two ids
// are two random numbers.

import { createCipheriv, createDecipheriv, hash } from 'node:crypto'
import { holderId, type HolderId } from '../../schemas/units.ts'
import type { Secret, Secrets } from './secrets.ts'

const prefix = 'req_'
const holderBytes = 5
const zeroBytes = 2
export const restBytes = 9
const form = /^req_[A-Za-z0-9_-]{22}$/

const cipher = 'aes-128-ecb' // One block, never two alike: the mode makes no difference.

export type RequestIds = {
  /** `rest`: 9 bytes. */
  idOf (holder: HolderId, rest: Buffer): string
  /** Null where the text is no id of ours. */
  holderOf (requestId: string): HolderId | null
}

/** What a client called its request, as 9 bytes: the same for the same account and key. */
export function restOf (holder: HolderId, idempotencyKey: string): Buffer {
  return hash('sha256', `${holder} ${idempotencyKey}`, 'buffer').subarray(0, restBytes)
}

/** Each block is taken by itself, so one of each serves for ever: to make one takes longer than a block. */
type Ciphers = { readonly encrypt: (block: Buffer) => Buffer, readonly decrypt: (block: Buffer) => Buffer }

function ciphersOf ({ requests }: Secret): Ciphers {
  const encrypting = createCipheriv(cipher, requests, null).setAutoPadding(false)
  const decrypting = createDecipheriv(cipher, requests, null).setAutoPadding(false)
  return { encrypt: block => encrypting.update(block), decrypt: block => decrypting.update(block) }
}

function holderIn (block: Buffer): HolderId | null {
  const holder = block.readUIntBE(0, holderBytes)
  return holder === 0 || block.readUIntBE(holderBytes, zeroBytes) !== 0 ? null : holderId(holder)
}

export function requestIds (secrets: Secrets): RequestIds {
  const all = secrets.map(ciphersOf)
  const [{ encrypt }] = all as [Ciphers]
  return {
    idOf (holder, rest) {
      if (rest.length !== restBytes) throw new Error(`a request's id takes ${restBytes} bytes, not ${rest.length}`)
      const block = Buffer.alloc(holderBytes + zeroBytes + restBytes)
      block.writeUIntBE(holder, 0, holderBytes)
      rest.copy(block, holderBytes + zeroBytes)
      return prefix + encrypt(block).toString('base64url')
    },
    holderOf (requestId) {
      if (!form.test(requestId)) return null
      const sealed = Buffer.from(requestId.slice(prefix.length), 'base64url')
      for (const { decrypt } of all) {
        const holder = holderIn(decrypt(sealed))
        if (holder !== null) return holder
      }
      return null
    }
  }
}
