// A request for inference: let in, read, and answered.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyOf } from '../serving/body.ts'
import type { Ticked } from '../serving/live.ts'
import { corsHeaders, idHeaders, plainHeaders, type Headers } from '../serving/replies.ts'
import { traceOf } from '../serving/trace.ts'
import { isObject } from '../surfaces/chunk.ts'
import { Fault } from '../surfaces/fault.ts'
import type { Inference, JsonObject, Surface } from '../surfaces/surface.ts'
import type { EdgeClaims } from '../tickets/edge-ticket.ts'
import { instrumentServed, needWithin } from './allowance.ts'
import { DirectAnswer } from './direct-answer.ts'
import type { Edge } from './edge.ts'
import { admit, type Admitted } from './gate.ts'
import type { InferencePlace } from './places.ts'
import { SurfaceAnswer } from './surface-answer.ts'
import { Telling } from './telling.ts'
import { Upload } from './upload.ts'
import { goingAway } from './upstream-fault.ts'

export type Arrived = { readonly request: IncomingMessage, readonly response: ServerResponse, readonly query: string }

/** What both kinds of answers begin with. */
type Begun = {
  readonly admitted: Admitted
  readonly response: ServerResponse
  readonly traceparent: string
  readonly startedAt: number
}

type Answer = Ticked & { serve (): Promise<void> }

/** From a client: the market is told of it from here. */
type Sent = { readonly surface: Surface, readonly json: unknown, readonly telling: Telling }

function ticketOf ({ isHop }: InferencePlace, { request, query }: Arrived): string {
  if (isHop) return new URLSearchParams(query).get('token') ?? ''
  const ticket = request.headers['x-market-ticket']
  return typeof ticket === 'string' ? ticket : ''
}

function checkRoom ({ live, limits }: Edge, method: string | undefined): void {
  if (method !== 'POST') throw new Fault('method_not_allowed', 'Use POST here.', { headers: { allow: 'POST' } })
  if (live.isDraining) throw goingAway()
  if (live.size < limits.inFlightMax) return
  throw new Fault('overloaded', 'This edge has as many requests as it takes. Try again.', { headers: { 'retry-after': '1' } })
}

function answerHeaders ({ sub }: EdgeClaims, { isStream, ignored }: Inference): Headers {
  return {
    ...plainHeaders,
    ...corsHeaders,
    ...idHeaders(sub),
    'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    ...(isStream ? { 'x-accel-buffering': 'no' } : {}),
    ...(ignored.length === 0 ? {} : { 'x-grid-ignored': ignored.join(', ').slice(0, 1000) })
  }
}

function directAnswer (edge: Edge, begun: Begun, json: unknown): Answer {
  if (!isObject(json)) throw new Fault('malformed', 'The body is no object.')
  return new DirectAnswer(edge, { ...begun, chat: json })
}

function surfaceAnswer (edge: Edge, begun: Begun, sent: Sent): Answer {
  const { surface, json, telling } = sent
  const { admitted: { claims } } = begun
  surface.modelOf(json)
  if (surface.previousOf(json as JsonObject) !== null) {
    throw new Fault('response_not_found', 'No response is kept at a supplier; ask the market itself for this one.')
  }
  const instrument = instrumentServed(claims)
  const inference = surface.read(json, { instrument, seal: edge.seal, previous: null })
  const need = needWithin(claims, inference, instrument)
  const headers = answerHeaders(claims, inference)
  return new SurfaceAnswer(edge, { ...begun, telling, surface, inference, need, headers })
}

/** Throws a `Fault` as long as nothing was sent. */
export async function answerInference (edge: Edge, place: InferencePlace, arrived: Arrived): Promise<void> {
  const { request, response } = arrived
  const startedAt = edge.elapsedMs()
  checkRoom(edge, request.method)
  // A ticket is judged when the headers are there: an upload may take its time.
  const admitted = await admit(edge.gate, { ticket: ticketOf(place, arrived), method: 'POST', path: place.path })
  const { traceparent } = traceOf(request.headers, admitted.claims.sub)
  const begun = { admitted, response, traceparent, startedAt }
  const { isHop, surface } = place
  await (isHop ? serveClient(edge, begun, { request, surface }) : serveGateway(edge, begun, request))
}

// Until the model server was asked something, whoever sends the right body may still have an answer: the ticket is
// released where anything else goes wrong.

async function serveGateway (edge: Edge, begun: Begun, request: IncomingMessage): Promise<void> {
  const { admitted: { check, release } } = begun
  let answer: Answer
  try {
    const { json, bytes } = await bodyOf(request)
    check(bytes)
    answer = directAnswer(edge, begun, json)
  } catch (thrown) {
    release()
    throw thrown
  }
  await answer.serve()
}

type FromClient = { readonly request: IncomingMessage, readonly surface: Surface }

async function serveClient (edge: Edge, begun: Begun, { request, surface }: FromClient): Promise<void> {
  const { live, limits } = edge
  const { admitted, startedAt } = begun
  const telling = new Telling(edge, admitted, startedAt)
  const upload = new Upload({ telling, limits, startedAt })
  live.add(upload)
  let served: Promise<void>
  try {
    const { json, bytes } = await upload.body(request)
    admitted.check(bytes)
    served = surfaceAnswer(edge, begun, { surface, json, telling }).serve()
  } catch (thrown) {
    telling.release()
    throw thrown
  } finally {
    // The answer is among the live ones by now: one that drains must not think in between that nothing is left.
    live.delete(upload)
  }
  await served
}
