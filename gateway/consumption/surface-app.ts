// Consumption as a layer of the gateway's application: what is its own it answers, on the bare response, since every
// byte of a stream passes here; everything else goes on to the next layer.

import type { ServerResponse } from 'node:http'
import type { Middleware } from 'koa'
import type { RequestState } from '../http/request.ts'
import { countReply } from './count-tokens.ts'
import type { Consumption } from './consumption.ts'
import { jwkSet } from '../tickets/ticket-keys.ts'
import { Fault, toFault } from '../surfaces/fault.ts'
import { answerInference } from './inference.ts'
import { modelReply, modelsReply } from './catalogue.ts'
import { keptReply } from './kept-responses.ts'
import { placeOf, type Place } from './paths.ts'
import { receiptReply } from './receipts.ts'
import { corsHeaders, idHeaders, plainHeaders, sendFault } from '../serving/replies.ts'
import { surfaceOf } from './surface-of.ts'
import type { Arrived, Reply } from './wire.ts'

/** What each place may be asked by; the description of the API (`../openapi/inference/`) is held to it. */
export const methods: Readonly<Record<Place['kind'], readonly string[]>> = {
  inference: ['POST'],
  count: ['POST'],
  models: ['GET', 'HEAD'],
  model: ['GET', 'HEAD'],
  response: ['GET', 'DELETE'],
  receipts: ['GET', 'HEAD'],
  receipt: ['GET', 'HEAD'],
  'receipt-sums': ['GET', 'HEAD'],
  keys: ['GET', 'HEAD'],
  base: ['GET', 'HEAD'],
  unserved: []
}

function send (response: ServerResponse, { status = 200, json, headers = {} }: Reply, isHead: boolean): void {
  const body = JSON.stringify(json)
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(isHead ? '' : body)
}

/** What a browser asks first. `*` would leave Authorization out, so what it asks for is said back. */
function preflight ({ request: { headers }, response, requestId }: Arrived): void {
  response.writeHead(204, {
    ...corsHeaders,
    ...idHeaders(requestId),
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? 'authorization, content-type, x-api-key',
    'access-control-max-age': '600',
    vary: 'access-control-request-headers',
    'content-length': '0'
  })
  response.end()
}

const about = { service: 'inference-spot-market', documentation: '/docs', models: '/v1/models' }

function check (place: Place, method: string | undefined): void {
  if (place.kind === 'unserved') throw new Fault('not_found', 'There is nothing at this path. Base URLs end in /v1 for OpenAI clients, and without it for Anthropic ones.')
  const allowed = methods[place.kind]
  if (!allowed.includes(method ?? '')) {
    throw new Fault('method_not_allowed', `Use ${allowed.join(', ')} here.`, { headers: { allow: allowed.join(', ') } })
  }
}

async function answer (c: Consumption, place: Place, arrived: Arrived): Promise<Reply | null> {
  switch (place.kind) {
    case 'inference': return answerInference(c, place, arrived)
    case 'count': return countReply(c, arrived)
    case 'models': return modelsReply(c, arrived)
    case 'model': return modelReply(c, place.id, arrived)
    case 'response': return keptReply(c, place.id, arrived)
    case 'receipts':
    case 'receipt':
    case 'receipt-sums': return receiptReply(c, place, arrived)
    case 'keys': return { json: jwkSet(c.keys.ticketKeys(), c.now()), headers: { 'cache-control': 'public, max-age=60' } }
    case 'base': return { json: about }
    case 'unserved': return null
  }
}

/** `address`: the client's, as far as a proxy in front may be believed. */
export async function serve (c: Consumption, place: Place, arrived: Arrived): Promise<void> {
  const { request, response } = arrived
  const headers = { ...plainHeaders, ...corsHeaders, ...idHeaders(arrived.requestId) }
  try {
    check(place, request.method)
    const reply = await answer(c, place, arrived)
    if (reply !== null) send(response, { ...reply, headers: { ...headers, ...reply.headers } }, request.method === 'HEAD')
  } catch (thrown) {
    const fault = toFault(thrown)
    // Of a request that had an id of its own by then.
    const requestId = fault.headers['x-grid-request-id'] ?? arrived.requestId
    if (fault.status >= 500) c.log.warn({ requestId, code: fault.code, err: thrown }, 'a request was not served')
    const surface = surfaceOf(place, arrived.path)
    sendFault(response, { surface, fault, headers: { ...headers, ...idHeaders(requestId) } })
    if (!request.complete) request.resume()
  }
}

type Target = Pick<Arrived, 'path' | 'query'>

/** Null: what is asked for is no URL, or one without a path, as only what takes us for a proxy sends it. */
function targetOf (ctx: { readonly path: string | null, readonly querystring: string }): Target | null {
  try {
    const { path, querystring: query } = ctx
    return path === null ? null : { path, query }
  } catch {
    return null
  }
}

const nowhere: Target = { path: '', query: '' }

export function consumptionLayer (c: Consumption): Middleware<RequestState> {
  return async (ctx, next) => {
    const target = targetOf(ctx)
    const place: Place | null = target === null ? { kind: 'unserved' } : placeOf(target.path)
    if (place === null || (place.kind === 'base' && ctx.method === 'OPTIONS')) {
      await next()
      return
    }
    ctx.respond = false
    const arrived: Arrived = {
      request: ctx.req,
      response: ctx.res,
      ...target ?? nowhere,
      address: ctx.ip,
      origin: `${ctx.protocol}://${ctx.host}`,
      requestId: `req_${c.random(16).toString('base64url')}`,
      startedAt: c.elapsedMs()
    }
    if (ctx.method === 'OPTIONS') preflight(arrived)
    else await serve(c, place, arrived)
  }
}
