// Reads the body of a request that has one. Only JSON is taken, and never more of it than the limit.

import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import { ApiError } from '../errors.ts'
import type { RequestState } from './request.ts'

const bodyBytesMax = 64 * 1024
const withBody = new Set(['POST', 'PUT', 'PATCH'])

const unsupported = (cause?: unknown): ApiError =>
  new ApiError('unsupported_media_type', 'A body must be application/json in UTF-8.', { cause })

/** Whatever goes wrong while a body is read was sent by the client: too much, in the wrong form, or not to its end. */
function bodyFault (error: Error): ApiError {
  const status = 'status' in error ? error.status : null
  if (status === 413) return new ApiError('too_large', `A body may have ${bodyBytesMax} bytes.`, { cause: error })
  if (status === 415) return unsupported(error)
  return new ApiError('malformed', 'The body is not valid JSON.', { cause: error })
}

const isJson = (ctx: Context): boolean => ctx.get('content-length') === '0' || ctx.is('application/json') !== false

export function jsonBody (): Middleware<RequestState> {
  const parse = bodyParser({
    enableTypes: ['json'],
    jsonLimit: bodyBytesMax,
    onError: error => { throw bodyFault(error) }
  })
  return async (ctx, next) => {
    if (withBody.has(ctx.method) && !isJson(ctx)) throw unsupported()
    await parse(ctx, next)
  }
}
