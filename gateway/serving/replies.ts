// Headers of answers, and errors in the words of a surface.

import type { ServerResponse } from 'node:http'
import type { Fault } from '../surfaces/fault.ts'
import type { Surface } from '../surfaces/surface.ts'

export type Headers = Readonly<Record<string, string>>

/** Each client looks for a request's id under another name. */
export const idHeaders = (requestId: string): Headers =>
  ({ 'x-grid-request-id': requestId, 'x-request-id': requestId, 'request-id': requestId })

export const plainHeaders: Headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

const exposed = [
  'x-grid-request-id', 'x-request-id', 'request-id', 'retry-after', 'x-should-retry', 'x-grid-ignored', 'traceparent',
  'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests', 'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'
].join(', ')

/** Any page may ask: what counts is the key, and a page has only one that it was given. */
export const corsHeaders: Headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }

export type FaultReply = { readonly surface: Surface, readonly fault: Fault, readonly headers: Headers }

export function sendFault (response: ServerResponse, { surface, fault, headers }: FaultReply): void {
  if (response.headersSent || response.destroyed) return
  const requestId = headers['x-grid-request-id'] ?? ''
  const stream = surface.errorStream?.(fault, requestId, response.req.headers) ?? null
  const body = stream ?? JSON.stringify(surface.errorBody(fault, requestId))
  response.writeHead(stream === null ? fault.status : 200, {
    ...headers,
    ...fault.headers,
    'content-type': stream === null ? 'application/json' : 'text/event-stream; charset=utf-8',
    'content-length': Buffer.byteLength(body)
  })
  response.end(body)
}
