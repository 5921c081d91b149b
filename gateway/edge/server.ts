// An edge's server, on `node:http` as it is: every byte of a stream passes here.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Registry } from 'prom-client'
import { corsHeaders, idHeaders, plainHeaders, sendFault } from '../serving/replies.ts'
import { answerUnreadable } from '../serving/unreadable.ts'
import { chatSurface } from '../surfaces/chat/chat.ts'
import { Fault, toFault } from '../surfaces/fault.ts'
import type { Edge } from './edge.ts'
import { answerInference } from './inference.ts'
import { placeOf, type Place } from './places.ts'

type Exchange = { readonly request: IncomingMessage, readonly response: ServerResponse }

function send (response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { ...plainHeaders, 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** What a browser asks first, of each host. `*` would leave Authorization out, so what it asks for is said back. */
function preflight ({ request: { headers }, response }: Exchange): void {
  response.writeHead(204, {
    ...plainHeaders,
    ...corsHeaders,
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? 'authorization, content-type, x-api-key',
    'access-control-max-age': '600',
    vary: 'access-control-request-headers'
  })
  response.end()
}

/** Of what is no request of the market's. */
const newId = ({ random }: Edge): string => `req_${random(16).toString('base64url')}`

function healthOf ({ live }: Edge): string {
  return JSON.stringify({ status: live.isDraining ? 'draining' : 'ok', open: live.size })
}

type Asked = Exchange & { readonly place: Place, readonly query: string }

async function answer (edge: Edge, registry: Registry, asked: Asked): Promise<void> {
  const { place, request, response, query } = asked
  switch (place.kind) {
    case 'inference':
      if (place.isHop && request.method === 'OPTIONS') preflight(asked)
      else await answerInference(edge, place, { request, response, query })
      return
    case 'health':
      send(response, 'application/json', healthOf(edge))
      return
    case 'metrics':
      send(response, registry.contentType, await registry.metrics())
      return
    case 'nothing':
      throw new Fault('not_found', 'There is nothing at this path.')
  }
}

async function take (edge: Edge, registry: Registry, { request, response }: Exchange): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const place = placeOf(path)
  try {
    await answer(edge, registry, { request, response, place, query })
  } catch (thrown) {
    const fault = toFault(thrown)
    if (fault.status >= 500) edge.log.warn({ path, code: fault.code, error: String(thrown) }, 'a request was not served')
    if (place.kind === 'inference') {
      edge.metrics.answered({ way: place.isHop ? place.surface.name : 'direct', outcome: fault.code })
    }
    const headers = { ...plainHeaders, ...corsHeaders, ...idHeaders(newId(edge)) }
    sendFault(response, { surface: place.kind === 'inference' ? place.surface : chatSurface, fault, headers })
    // What is left of a body is let through unseen, so that the client gets to read why.
    if (!request.complete) request.resume()
  }
}

export type Tls = { readonly cert: Buffer, readonly key: Buffer }

/** Not listening yet. */
export function edgeServer (edge: Edge, registry: Registry, tls: Tls | null): Server {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    take(edge, registry, { request, response }).catch((error: unknown) => { response.destroy(error as Error) })
  }
  // A body may take as long as it goes on arriving: how long it may stand still is looked after where it is read.
  const options = { requestTimeout: 0, keepAliveTimeout: 65_000 }
  const server = tls === null ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener)
  answerUnreadable(server, () => newId(edge))
  return server
}
