// Headers that do not depend on what was asked: what a browser may do with a reply.

import type { Middleware } from 'koa'
import type { RequestState } from './request.ts'

const exposed = [
  'x-request-id', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-retry-after', 'retry-after',
  'x-ignored-fields'
].join(', ')

const accepted = [
  'content-type', 'x-request-id', 'x-grid-trace-id', 'x-thegrid-signature', 'x-thegrid-timestamp', 'x-thegrid-fingerprint',
  'idempotency-key'
].join(', ')

/** Any page may ask: what is not public needs a signature, and a page signs only with a key that it was given. */
export const headers: Middleware<RequestState> = async (ctx, next) => {
  ctx.set({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': exposed,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff'
  })
  if (ctx.method === 'OPTIONS' && ctx.get('access-control-request-method') !== '') {
    ctx.set({
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': accepted,
      'access-control-max-age': '600'
    })
    ctx.status = 204
    return
  }
  await next()
}
