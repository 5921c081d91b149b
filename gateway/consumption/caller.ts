// Whose key a request came with. On every surface it may be a bearer or an `x-api-key`.

import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { fingerprintOf } from '../../pipelines/identities/signing-keys.ts'
import type { Instant } from '../../schemas/units.ts'
import { refusalOfKey } from '../limits/key-checks.ts'
import type { IdentityPort } from '../ports.ts'
import { Fault } from '../surfaces/fault.ts'
import type { KeyHolder, KeysPort } from './ports.ts'
import type { Strangers } from './strangers.ts'

const bearer = /^bearer +(\S+) *$/i

/** In the order in which they count: what a proxy on the way put into `Authorization` may be none of ours. */
export function keysSent ({ authorization = '', 'x-api-key': apiKey }: IncomingHttpHeaders): readonly string[] {
  const [, sent = ''] = bearer.exec(authorization) ?? []
  return [sent, typeof apiKey === 'string' ? apiKey.trim() : ''].filter(each => each !== '')
}

/** Of the first key that somebody has. */
export function holderOf ({ keys }: Pick<CallerContext, 'keys'>, headers: IncomingHttpHeaders): KeyHolder | undefined {
  for (const sent of keysSent(headers)) {
    const found = keys.consumptionKey(sent)
    if (found !== undefined) return found
  }
  return undefined
}

/** Of a seed, or of a seed with its public key behind it. */
function publicKeyOf (secret: Buffer): Buffer {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret.subarray(0, 32)])
  const { x = '' } = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}

/** A signing key, or half of one: people mix them up. Looked at only once a key is known to be none of ours. */
export function isTradingKey (sent: string, identities: Pick<IdentityPort, 'signingKey'>): boolean {
  const bytes = Buffer.from(sent, 'base64')
  if (identities.signingKey(sent.replace(/=+$/, '')) !== undefined) return true
  if (bytes.length !== 32 && bytes.length !== 64) return false
  const fingerprints = [bytes, publicKeyOf(bytes)].map(each => fingerprintOf(each.subarray(-32)))
  return fingerprints.some(each => identities.signingKey(each) !== undefined)
}

export type CallerContext = {
  readonly keys: KeysPort
  readonly strangers: Strangers
  readonly identities: Pick<IdentityPort, 'signingKey'>
}

export type From = { readonly headers: IncomingHttpHeaders, readonly address: string, readonly now: Instant }

/** Throws a `Fault`. */
export function callerOf (context: CallerContext, { headers, address, now }: From): KeyHolder {
  const { strangers, identities } = context
  strangers.check(address, now)
  const sent = keysSent(headers)
  if (sent.length === 0) {
    throw new Fault('unauthorized', 'Send your consumption key as `Authorization: Bearer <key>` or `x-api-key: <key>`.')
  }
  const found = holderOf(context, headers)
  if (found === undefined) {
    strangers.count(address, now)
    if (sent.some(each => isTradingKey(each, identities))) {
      throw new Fault('trading_key', 'This is a Trading key, which signs orders. Inference takes a consumption key.')
    }
    throw new Fault('unauthorized', 'This key is not known, has expired, or was revoked.')
  }
  const refusal = refusalOfKey(found.key, { instrumentId: null, address, now })
  if (refusal === 'expired') throw new Fault('unauthorized', 'This key has expired.')
  if (refusal !== null) throw new Fault('address_not_allowed', 'This key may not be used from this address.')
  return found
}
