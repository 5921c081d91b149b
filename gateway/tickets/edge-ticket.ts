// Tickets for edges: compact JWS (RFC 7515) with EdDSA (RFC 8037), so that any supplier verifies them offline with the
// published keys and a library of his choice.

import { sign, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '../surfaces/fault.ts'

export const issuer = 'inference-spot-market'

const count = z.int().min(0)

/** Times are in seconds since the epoch, as JWTs have them. */
export const edgeClaims = z.looseObject({
  iss: z.literal(issuer),
  /** The endpoint that it is for. */
  aud: z.string(),
  /** Of the ticket, and the nonce of the start that it belongs to. */
  jti: z.string().min(1),
  iat: count,
  exp: count,
  /** The request. */
  sub: z.string().min(1),
  /** The holder that serves. */
  supplier: count,
  instrument: z.string(),
  method: z.string(),
  /** Without a prefix `/r`. */
  path: z.string(),
  /** Salted with the request: two requests of one consumer have two. */
  account: z.string(),
  /** What is held for it, and of that for its input. */
  held: count,
  input_held: count,
  /** The cap on its output, over all answers. */
  output_max: count,
  /** SHA-256 of the raw body, base64url. */
  body: z.string(),
  /** Whose readings bill it: `gateway`, or `supplier:HOLDER`. */
  recorder: z.string()
})
export type EdgeClaims = z.output<typeof edgeClaims>

export type SigningPair = { readonly keyId: string, readonly privateKey: KeyObject }

/** Of the key that signs: the same for each ticket. */
const heads = new Map<string, string>()
const headsMax = 100

function headOf (keyId: string): string {
  const known = heads.get(keyId)
  if (known !== undefined) return known
  if (heads.size >= headsMax) heads.clear()
  const head = base64url({ alg: 'EdDSA', typ: 'JWT', kid: keyId })
  heads.set(keyId, head)
  return head
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export function writeEdgeTicket ({ keyId, privateKey }: SigningPair, claims: EdgeClaims): string {
  const signed = `${headOf(keyId)}.${base64url(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

export type Presented = {
  readonly method: string
  readonly path: string
  /** In seconds. */
  readonly now: number
}

const forged = (cause?: unknown): Fault =>
  new Fault('ticket_invalid', 'This ticket is not good for this request; start at the market again.', { cause })

function parsed (part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch (error) {
    throw forged(error)
  }
}

const header = z.looseObject({ alg: z.literal('EdDSA'), kid: z.string(), crit: z.undefined().optional() })

/** The id of the key that a ticket says it was signed with; nothing is verified yet. */
export function keyIdOf (ticket: string): string {
  const read = header.safeParse(parsed(ticket.split('.', 1)[0] ?? ''))
  if (!read.success) throw forged(read.error)
  return read.data.kid
}

/** Its claims, if `key` signed it, for this method and path, and it has not expired. Whose it is the edge sees. */
export function readEdgeTicket (key: KeyObject, ticket: string, { method, path, now }: Presented): EdgeClaims {
  const [head, payload, signature, ...more] = ticket.split('.')
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0) throw forged()
  keyIdOf(ticket)
  const isSigned = verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))
  if (!isSigned) throw forged()
  const read = edgeClaims.safeParse(parsed(payload))
  if (!read.success) throw forged(read.error)
  const claims = read.data
  if (claims.method !== method || claims.path !== path) throw forged()
  if (claims.exp <= now) throw new Fault('ticket_expired', 'This ticket has expired; start at the market again.')
  return claims
}
