// Redirects, and what comes after them. A ticket of `/r` names a request; an edge's names the edge as well.

import { randomUUID } from 'node:crypto'
import { delivery, type Delivery } from '../../schemas/identity/records.ts'
import { instant, type InstrumentId, type Tokens } from '../../schemas/units.ts'
import { Fault } from '../surfaces/fault.ts'
import { accountHash, bodyHashOf, ticketLifeMs, writeHopTicket, type HopClaims } from '../tickets/hop-ticket.ts'
import type { Admission } from './admission.ts'
import { authorizeCommand } from './authorize.ts'
import type { Consumption } from './consumption.ts'
import type { Taken } from './taken.ts'
import { edgeTicket } from './upstream-call.ts'

/** Above it a body would travel twice for nothing. */
const redirectedBytesMax = 256 * 1024

export type Asked = {
  /** The header `x-grid-delivery`. */
  readonly header: string
  readonly setting: string | null
  readonly surface: string
  /** That the client asked for: one for tools that follow no redirect has a name of its own. */
  readonly host: string
  readonly isStream: boolean
  /** The length was not known beforehand, or the body is encoded: some clients can't send it again. */
  readonly isChunked: boolean
  readonly bytes: number
  /** It goes on from what an edge does not have. */
  readonly goesOn: boolean
}

/** Throws a `Fault` for a mode that nobody knows. */
export function deliveryOf (asked: Asked): Delivery {
  const wanted = wantedOf(asked)
  return wanted === 'supplier' && asked.goesOn ? 'direct' : wanted
}

const directHost = /^messages[-.]/i

function wantedOf ({ header, setting, surface, host, isStream, isChunked, bytes }: Asked): Delivery {
  const named = delivery.find(mode => mode === header.toLowerCase())
  if (named !== undefined) return named
  if (header !== '') {
    throw new Fault('invalid', `x-grid-delivery is one of ${delivery.join(', ')}`, { fields: { 'x-grid-delivery': [`is one of ${delivery.join(', ')}`] } })
  }
  const wanted = delivery.find(mode => mode === setting) ??
    (surface === 'messages' || directHost.test(host) ? 'direct' : 'redirect')
  // One client takes nothing but a 307 on chat completions, when it streams.
  const isLarge = bytes > redirectedBytesMax && !(surface === 'chat' && isStream)
  return isChunked || isLarge ? 'direct' : wanted
}

export type Hop = {
  readonly taken: Taken
  readonly admission: Admission
  readonly body: Buffer
  /** Without prefix and query. */
  readonly path: string
  /** As the client knows this host: scheme and authority. */
  readonly origin: string
}

/**
 * Where the client is sent, on this host. The redirect may precede the authorisation where there are tokens enough, as
 * far as is known here; hop 2 waits for it.
 */
export async function hopTo (c: Consumption, { taken, admission, body, path, origin }: Hop): Promise<string> {
  const { requestId, holder, instrument: { instrumentId }, need, caller: { key } } = taken
  const isSure = c.requests.available(holder, instrumentId) >= need.need
  admission.authorize(authorizeCommand(c, taken, { recorder: 'gateway', mayBeManaged: true }), null)
  if (!isSure) await admission.authorized()
  const madeAt = c.now()
  const claims: HopClaims = {
    requestId,
    method: 'POST',
    path,
    instrumentId,
    account: accountHash(c.secrets, holder, requestId),
    keyId: key.keyId,
    held: admission.held as Tokens,
    inputHeld: need.inputBound as Tokens,
    outputMax: need.outputMax,
    bodyHash: bodyHashOf(body),
    madeAt,
    expiresAt: instant(madeAt + ticketLifeMs)
  }
  return `${origin}/r${path}?token=${writeHopTicket(c.secrets, claims)}`
}

/** Where the client is sent, at a supplier's edge: once the replica has the authorisation and the start. */
export async function edgeFor (c: Consumption, { taken, admission, body, path }: Hop): Promise<string> {
  const { requestId, holder, instrument: { instrumentId }, need, inference } = taken
  const candidate = c.supply.choose({
    instrumentId,
    stickyKey: inference.stickyKey,
    tried: new Set<string>(),
    needsPublicUrl: true,
    isManaged: false,
    inputTokens: need.inputBound
  })
  if (candidate === null) throw nobody(instrumentId)
  const { endpointId, supplier, publicUrl } = candidate.endpoint
  const nonce = randomUUID()
  const recorder = `supplier:${supplier}`
  admission.authorize(authorizeCommand(c, taken, { recorder, mayBeManaged: false }), { nonce, supplier })
  await admission.started(nonce, supplier)
  const ticket = edgeTicket(c, {
    requestId,
    holder,
    instrumentId,
    endpointId,
    supplier,
    nonce,
    path,
    body,
    held: admission.held,
    inputHeld: need.inputBound,
    outputMax: need.n * need.outputMax,
    recorder
  })
  return `${publicUrl!.replace(/\/$/, '')}/r${path}?token=${ticket}`
}

const nobody = (instrumentId: InstrumentId): Fault =>
  new Fault('no_supplier', `Nobody can serve ${instrumentId} at his own address at the moment; nothing was billed. Try again.`, {
    headers: { 'retry-after': '5' }
  })
