// Redirects, and what comes after them. A ticket of `/r` names a request; an edge's names the edge as well.

import { randomUUID } from 'node:crypto'
import { delivery, type Delivery } from '../../schemas/identity/records.ts'
import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import { instant, type InstrumentId, type Tokens } from '../../schemas/units.ts'
import { capOf, type Need } from '../serving/hold.ts'
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
  /** `x-grid-delivery`; null: there is none. */
  readonly header: string | null
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
  /** It came with an `x-api-key`. Clients keep a bearer from another host, and most take this one along. */
  readonly hasApiKey: boolean
}

/** Throws a `Fault` for a mode that nobody knows, or that would show the key to a supplier. */
export function deliveryOf (asked: Asked): Delivery {
  const { header, goesOn, hasApiKey } = asked
  const wanted = wantedOf(asked)
  if (wanted !== 'supplier') return wanted
  if (hasApiKey && header !== null) {
    const words = 'is not supplier with an x-api-key, which clients take along to him; send the key as a bearer'
    throw new Fault('invalid', `x-grid-delivery ${words}`, { fields: { 'x-grid-delivery': [words] } })
  }
  return goesOn || hasApiKey ? 'direct' : wanted
}

const directHost = /^messages[-.]/i

function wantedOf ({ header, setting, surface, host, isStream, isChunked, bytes }: Asked): Delivery {
  const named = delivery.find(mode => mode === header?.toLowerCase())
  if (named !== undefined) return named
  if (header !== null) {
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
  // What an earlier hop was authorised for is good for another ticket.
  if (!admission.isPending) {
    const isSure = c.requests.available(holder, instrumentId) >= need.need
    admission.authorize(authorizeCommand(c, taken, { recorder: 'gateway', mayBeManaged: true }), null)
    if (!isSure) await admission.authorized()
  }
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

/** An edge can't have more held on the way: all the output that was asked is held at once, or what there is. */
const wholeOf = (need: Need): Need => ({ ...need, need: need.inputBound + need.n * need.outputMax })

/** Where the client is sent, at a supplier's edge: once the replica has the authorisation and the start. */
export async function edgeFor (c: Consumption, hop: Hop): Promise<string> {
  const { admission, taken: { instrument: { instrumentId }, need, inference } } = hop
  const candidate = c.supply.choose({
    instrumentId,
    stickyKey: inference.stickyKey,
    tried: new Set<string>(),
    needsPublicUrl: true,
    isManaged: false,
    inputTokens: need.inputBound
  })
  if (candidate === null) throw nobody(instrumentId)
  const nonce = randomUUID()
  try {
    return await startedBy(c, hop, { endpoint: candidate.endpoint, nonce })
  } catch (thrown) {
    // The start may be applied later than anybody waits, and then a void without its nonce says nothing to it.
    admission.void('house', { reason: 'not_redirected', nonce })
    throw thrown
  }
}

type Start = { readonly endpoint: SupplierEndpoint, readonly nonce: string }

async function startedBy (c: Consumption, hop: Hop, { endpoint, nonce }: Start): Promise<string> {
  const { taken, admission, body, path } = hop
  const { requestId, holder, instrument: { instrumentId } } = taken
  const { endpointId, supplier, publicUrl } = endpoint
  const recorder = `supplier:${supplier}`
  const need = wholeOf(taken.need)
  admission.authorize(authorizeCommand(c, { ...taken, need }, { recorder, mayBeManaged: false }), { nonce, supplier })
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
    outputMax: need.n * capOf(need, admission.held),
    recorder
  })
  return `${publicUrl!.replace(/\/$/, '')}/r${path}?token=${ticket}`
}

const nobody = (instrumentId: InstrumentId): Fault =>
  new Fault('no_supplier', `Nobody can serve ${instrumentId} at his own address at the moment; nothing was billed. Try again.`, {
    headers: { 'retry-after': '5' }
  })
