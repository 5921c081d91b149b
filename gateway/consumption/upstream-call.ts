// What goes to an edge: the chat completion, streamed, with a cap and a ticket, and nothing that says whose it is.

import { instant, type HolderId, type InstrumentId } from '../../schemas/units.ts'
import { Attempt } from '../relay/attempt.ts'
import { issuer, writeEdgeTicket, type EdgeClaims } from '../tickets/edge-ticket.ts'
import { accountHash, bodyHashOf, ticketLifeMs } from '../tickets/hop-ticket.ts'
import type { Consumption } from './consumption.ts'
import type { Candidate } from './ports.ts'
import type { Taken } from './taken.ts'

export const chatPath = '/v1/chat/completions'

export type TicketFor = {
  readonly requestId: string
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly endpointId: string
  readonly supplier: HolderId
  readonly nonce: string
  readonly path: string
  readonly body: Buffer
  readonly held: number
  readonly inputHeld: number
  readonly outputMax: number
  readonly recorder: string
}

export function edgeTicket ({ secrets, signing, now }: Consumption, about: TicketFor): string {
  const at = Math.floor(now() / 1000)
  const claims: EdgeClaims = {
    iss: issuer,
    aud: about.endpointId,
    jti: about.nonce,
    iat: at,
    exp: at + ticketLifeMs / 1000,
    sub: about.requestId,
    supplier: about.supplier,
    instrument: about.instrumentId,
    method: 'POST',
    path: about.path,
    account: accountHash(secrets, about.holder, about.requestId),
    held: about.held,
    input_held: about.inputHeld,
    output_max: about.outputMax,
    body: bodyHashOf(about.body),
    recorder: about.recorder
  }
  return writeEdgeTicket(signing.pair(), claims)
}

type Call = { readonly candidate: Candidate, readonly nonce: string, readonly cap: number, readonly held: number }

function bodyFor ({ inference: { chat, n } }: Taken, { candidate, cap }: Call): Buffer {
  return Buffer.from(JSON.stringify({
    ...chat,
    ...(n === 1 ? {} : { n }),
    model: candidate.endpoint.models[0] ?? candidate.endpoint.instrumentId,
    max_completion_tokens: cap,
    stream: true,
    stream_options: { include_usage: true }
  }))
}

type Place = { readonly origin: string, readonly path: string }
const places = new WeakMap<Candidate['endpoint'], Place>()

/** Where an endpoint takes requests: read from its URL once. */
function placeOf (endpoint: Candidate['endpoint']): Place {
  const known = places.get(endpoint)
  if (known !== undefined) return known
  const { origin, pathname } = new URL(endpoint.url)
  const place = { origin, path: `${pathname === '/' ? '' : pathname.replace(/\/$/, '')}${chatPath}` }
  places.set(endpoint, place)
  return place
}

export function openUpstream (c: Consumption, taken: Taken, call: Call): Attempt {
  const { endpoint, dispatcher } = call.candidate
  const body = bodyFor(taken, call)
  const { need, requestId, holder, instrument, traceparent, tracestate } = taken
  const ticket = edgeTicket(c, {
    requestId,
    holder,
    instrumentId: instrument.instrumentId,
    endpointId: endpoint.endpointId,
    supplier: endpoint.supplier,
    nonce: call.nonce,
    path: chatPath,
    body,
    held: call.held,
    inputHeld: need.inputBound,
    outputMax: need.n * call.cap,
    recorder: 'gateway'
  })
  return new Attempt({
    dispatcher,
    ...placeOf(endpoint),
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'user-agent': 'inference-spot-market',
      'x-market-ticket': ticket,
      traceparent,
      ...(tracestate === '' ? {} : { tracestate })
    },
    body,
    headersTimeoutMs: c.settings.headersTimeoutMs,
    idleTimeoutMs: c.settings.idleTimeoutMs
  })
}

/** Readings of a request rise with time, whichever gateway makes them, and however often the request comes. */
export const firstSequence = (at: number): number => Math.floor(instant(at) / 1000) * 100
