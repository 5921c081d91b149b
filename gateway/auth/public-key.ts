// Checks of Ed25519 signatures under one public key. They run on Node's thread pool: one takes as much processor time
// as on the main thread, but that is free for other requests meanwhile, and a second core helps.

import { createPublicKey, verify } from 'node:crypto'

/** In front of the raw 32 bytes it makes a SubjectPublicKeyInfo. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

export type Check = (message: Buffer, signature: Buffer) => Promise<boolean>

/** Parsing a key costs as much as a check, so it is done once a key. Throws what Node throws where it is none. */
export function checks (publicKey: Buffer): Check {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' })
  return (message, signature) => new Promise((resolve, reject) => {
    verify(null, message, key, signature, (error, isGood) => {
      if (error === null) resolve(isGood)
      else reject(error)
    })
  })
}
