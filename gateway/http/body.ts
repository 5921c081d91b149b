// Reads the body of a request: its bytes as they came, because a signature is over them, and what they say as JSON.
// Read by hand: a parser hands on text, in which bytes that are no UTF-8, or a mark at the beginning, are no longer
// what was sent. Only JSON is taken, in no content coding, and never more of it than the limit.

import { isUtf8 } from 'node:buffer'
import type { Context, Middleware } from 'koa'
import { ApiError } from '../errors.ts'
import { bodyTypes, bytesMax, jsonType, type BodyType } from './media-types.ts'
import type { RequestState } from './request.ts'

const withBody = new Set(['POST', 'PUT', 'PATCH'])

export const unsupported = (types: readonly string[] = [jsonType]): ApiError =>
  new ApiError('unsupported_media_type', `A body must be ${types.join(' or ')} in UTF-8, and not compressed.`)
const malformed = (cause: unknown): ApiError => new ApiError('malformed', 'The body is not valid JSON.', { cause })

function tooLarge ({ req }: Context, max: number): ApiError {
  req.resume() // The rest is let through unseen, so that the client gets to read the answer.
  return new ApiError('too_large', `A body may have ${max} bytes.`)
}

const hasBody = (ctx: Context): boolean =>
  ctx.get('transfer-encoding') !== '' || !['', '0'].includes(ctx.get('content-length'))

async function bytesOf (ctx: Context, max: number): Promise<Buffer> {
  if (!hasBody(ctx)) return Buffer.alloc(0)
  if (Number(ctx.get('content-length')) > max) throw tooLarge(ctx, max)
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += part.length
      if (length > max) throw tooLarge(ctx, max)
      parts.push(part)
    }
  } catch (error) {
    throw error instanceof ApiError ? error : malformed(error) // The client went away in the middle of it.
  }
  return Buffer.concat(parts)
}

/** No exponent, no more digits than a number holds, and no minus before a zero. */
const plainNumber = /^(-(?!0+(\.0*)?$))?\d{1,16}(\.\d{1,15})?$/

/** A number that is written in another way stays as it was written: the field's own schema then says what it takes. */
function asWritten (key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (key === '__proto__') throw new SyntaxError('a field may not be called __proto__')
  const source = context?.source
  return typeof value === 'number' && source !== undefined && !plainNumber.test(source) ? source : value
}

/** An object or an array: nothing here is asked for in any other form. */
function jsonOf (bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  try {
    if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8')
    const json: unknown = JSON.parse(bytes.toString(), asWritten)
    if (typeof json !== 'object' || json === null) throw new SyntaxError('neither an object nor an array')
    return json
  } catch (error) {
    throw malformed(error)
  }
}

/** Null where it is none of ours, or compressed. */
function typeOf (ctx: Context): BodyType | null {
  if (!['', 'identity'].includes(ctx.get('content-encoding').toLowerCase())) return null
  return bodyTypes.find(type => ctx.is(type) !== false) ?? null
}

export function jsonBody (): Middleware<RequestState> {
  return async (ctx, next) => {
    const isRead = withBody.has(ctx.method) && hasBody(ctx)
    const type = isRead ? typeOf(ctx) : jsonType
    if (type === null) throw unsupported()
    const bytes = await bytesOf(ctx, bytesMax(type))
    // Read whatever the method: in what is signed nothing parts the path from the body, so that without this the end of
    // a path could be sent as a body, and one order's cancel become a cancel of all.
    ctx.state.body = { bytes, type, json: jsonOf(bytes) }
    await next()
  }
}
