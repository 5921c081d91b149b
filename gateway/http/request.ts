// The outermost layer: names a request, turns whatever was thrown into a reply, counts and logs what was served.

import { randomBytes } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import { errorBody, toApiError } from '../errors.ts'
import { safeQuery } from '../log.ts'
import { requestMetrics } from '../metrics.ts'
import type { Ports } from '../ports.ts'
import type { BodyType } from './media-types.ts'

/** Its bytes as they came, and what they say; `json` is undefined where nothing was sent. */
export type SentBody = { readonly bytes: Buffer, readonly type: BodyType, readonly json: unknown }

export type RequestState = {
  requestId: string
  /** The pattern of the route that answered; the router sets it. */
  route?: string
  /** Set before routing. */
  body?: SentBody
}

/** As Phoenix takes them: long enough to be unique, harmless in a log and in a header. */
const saneId = /^[\w-]{20,200}$/

function requestId (ctx: Context): string {
  const sent = ctx.get('x-request-id')
  return saneId.test(sent) ? sent : randomBytes(15).toString('base64url')
}

function reply (ctx: Context, thrown: unknown): void {
  const error = toApiError(thrown)
  ctx.status = error.status
  ctx.set(error.headers)
  ctx.body = errorBody(error)
}

const countedMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])

export function request ({ log, metrics, elapsedMs }: Ports): Middleware<RequestState> {
  const count = requestMetrics(metrics)
  return async (ctx, next) => {
    const startedMs = elapsedMs()
    const id = requestId(ctx)
    const { path, querystring } = ctx // The router's aliases rewrite the path; the log shows what was asked.
    ctx.state.requestId = id
    ctx.set('x-request-id', id)
    try {
      await next()
    } catch (thrown) {
      reply(ctx, thrown)
      if (ctx.status >= 500) log.error({ requestId: id, method: ctx.method, path, err: thrown }, 'request failed')
    }
    const tookMs = elapsedMs() - startedMs
    const method = countedMethods.has(ctx.method) ? ctx.method : 'other'
    count({ method, route: ctx.state.route ?? 'none', status: ctx.status, seconds: tookMs / 1000 })
    const query = safeQuery(querystring)
    log.info({ requestId: id, method: ctx.method, path, query, status: ctx.status, tookMs }, 'served')
  }
}
