// Who signed a request. A signature is Ed25519 over what was sent, as it was sent:
//
//   message := timestamp METHOD path body     (unix seconds; path as requested, without its query; the body's bytes)
//
// Whatever is wrong with it, the answer is the same and takes the same time, but for headers that are missing and a
// timestamp that is stale: those an honest client can set right, and they tell nothing of keys.

import type { Instant } from '../../schemas/units.ts'
import type { Caller, IdentityPort } from '../accounts.ts'
import { ApiError } from '../errors.ts'
import { checks } from './public-key.ts'

export type SignedRequest = {
  readonly method: string
  /** The request's target: path and query, as requested. */
  readonly target: string
  /** As received; empty where there was none. */
  readonly body: Buffer
  readonly headers: { readonly signature: string, readonly timestamp: string, readonly fingerprint: string }
}

/** Who signed, and until when the same signature is taken again. */
export type Signed = {
  readonly caller: Caller
  readonly signature: Buffer
  readonly until: Instant
}

const toleranceMs = 30_000

/** 64 bytes. Padding is optional; nothing else is, or one signature could be written in many ways. */
const signaturePattern = /^[A-Za-z0-9+/]{85}[AQgw](==)?$/
const timestampPattern = /^\d{1,11}$/

const refused = (): ApiError => new ApiError('invalid_signature', 'Signature verification failed.')

/** Nobody's: what is signed under an unknown key is held against it, so that it takes as long as under a known one. */
const nobody = checks(Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'))

/** Who called, or an `ApiError` of 401. */
export async function signedBy (request: SignedRequest, identities: IdentityPort, now: Instant): Promise<Signed> {
  const { signature, timestamp, fingerprint } = request.headers
  if (signature === '' || timestamp === '' || fingerprint === '') {
    throw new ApiError('unauthorized', 'Sign the request: x-thegrid-signature, x-thegrid-timestamp and x-thegrid-fingerprint.')
  }
  if (!timestampPattern.test(timestamp)) throw refused()
  const signedAt = Number(timestamp) * 1000
  if (Math.abs(now - signedAt) > toleranceMs) {
    throw new ApiError('expired_timestamp', `The timestamp is more than ${toleranceMs / 1000} s from this server's clock.`)
  }
  if (!signaturePattern.test(signature)) throw refused()
  const bytes = Buffer.from(signature, 'base64')
  const message = messageOf(request)
  const key = identities.signingKey(fingerprint.replace(/=+$/, ''))
  const isGood = await (key?.verifies(message, bytes) ?? nobody(message, bytes))
  if (key === undefined || !isGood) throw refused()
  const caller = { user: key.user, holder: key.user.userId, fingerprint: key.fingerprint }
  return { caller, signature: bytes, until: signedAt + toleranceMs as Instant }
}

/** A proxy may ask by the whole address; what is signed is its path. */
const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0]!

/** The query as it counts: not where its parameters stand, nor a question mark with nothing behind it. */
export function queryOf (target: string): string {
  const parameters = new URLSearchParams(/\?(.*)$/s.exec(target)?.[1] ?? '')
  parameters.sort()
  return String(parameters)
}

function messageOf ({ method, target, body, headers }: SignedRequest): Buffer {
  return Buffer.concat([Buffer.from(`${headers.timestamp}${method}${pathOf(target)}`), body])
}
