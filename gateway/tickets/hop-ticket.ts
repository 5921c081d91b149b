// Tickets of `/r`: from this host to this host, so one secret signs and verifies.
//
//   ticket = name "." base64url(claims as JSON) "." base64url(HMAC-SHA-256 of all before)

import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { HolderId, Instant, Tokens } from '../../schemas/units.ts'
import { Fault } from '../surfaces/fault.ts'
import type { Secret, Secrets } from './secrets.ts'

export const ticketLifeMs = 60_000

/** What a ticket is bound to, and what the second hop needs to know. */
export type HopClaims = {
  readonly requestId: string
  readonly method: string
  /** Without the prefix `/r`. */
  readonly path: string
  readonly instrumentId: string
  /** `accountHash` of the holder and the request. */
  readonly account: string
  readonly keyId: string
  /** Held for it, and of that for its input. */
  readonly held: Tokens
  readonly inputHeld: Tokens
  /** The cap on its output. */
  readonly outputMax: number
  /** SHA-256 of the raw body, base64url. */
  readonly bodyHash: string
  readonly madeAt: Instant
  readonly expiresAt: Instant
}

/** What hop 2 came with. */
export type Presented = Pick<HopClaims, 'method' | 'path'>

export const bodyHashOf = (bytes: Buffer): string => hash('sha256', bytes, 'base64url')

const hashOf = ({ tickets }: Secret, holder: HolderId, requestId: string): string =>
  createHmac('sha256', tickets).update(`${holder} ${requestId}`).digest('base64url').slice(0, 22)

/** Tells two holders of one request apart, and nothing else: each request has another salt. */
export const accountHash = ([signing]: Secrets, holder: HolderId, requestId: string): string =>
  hashOf(signing, holder, requestId)

/** Whether a ticket's hash is this account's, whichever secret signs where it was made. */
export const isAccount = (secrets: Secrets, { account, requestId }: Pick<HopClaims, 'account' | 'requestId'>, holder: HolderId): boolean =>
  secrets.some(secret => hashOf(secret, holder, requestId) === account)

const macOf = (secret: Secret, signed: string): Buffer => createHmac('sha256', secret.tickets).update(signed).digest()

export function writeHopTicket ([signing]: Secrets, claims: HopClaims): string {
  const signed = `${signing.name}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${signed}.${macOf(signing, signed).toString('base64url')}`
}

const forged = (): Fault => new Fault('ticket_invalid', 'This ticket is not good for this request; start at the first URL again.')

/** Its claims, if it was made here, for this method and path, and has not expired at `at`, when the headers came. */
export function readHopTicket (
  secrets: Secrets, ticket: string, { method, path, at }: Presented & { readonly at: Instant }
): HopClaims {
  const [name, written, mac, ...more] = ticket.split('.')
  const secret = secrets.find(each => each.name === name)
  if (secret === undefined || written === undefined || mac === undefined || more.length > 0) throw forged()
  const expected = macOf(secret, `${secret.name}.${written}`)
  const given = Buffer.from(mac, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw forged()
  const claims = JSON.parse(Buffer.from(written, 'base64url').toString()) as HopClaims
  if (claims.method !== method || claims.path !== path) throw forged()
  if (claims.expiresAt <= at) throw new Fault('ticket_expired', 'This ticket has expired; start at the first URL again.')
  return claims
}

/** The body is read after the headers were judged. */
export function checkBody ({ bodyHash }: Pick<HopClaims, 'bodyHash'>, bytes: Buffer): void {
  if (bodyHashOf(bytes) !== bodyHash) throw forged()
}
