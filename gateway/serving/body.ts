// The body of a request: its bytes as they came (a ticket is bound to them), and what they say. Bounded in size, before
// and after decompression, and in how long it may stand still.

import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { Fault } from '../surfaces/fault.ts'

export const bodyBytesMax = 32 * 1024 * 1024
const bodyIdleMs = 30_000

const tooLarge = (): Fault => new Fault('too_large', `A body may have ${bodyBytesMax} bytes.`)

/** Its bytes, and what they say. */
export type Body = { readonly json: unknown, readonly bytes: Buffer }

/** All of it. What is too much is let through unseen, so that the client gets to read why. */
async function readBytes (request: IncomingMessage, idleMs: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) {
    request.resume()
    throw tooLarge()
  }
  const parts: Buffer[] = []
  let length = 0
  const read = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => {
    read.reject(new Fault('body_timeout', 'The body stood still for too long.', { headers: { connection: 'close' } }))
  }, idleMs)
  request.on('data', (part: Buffer) => {
    length += part.length
    timer.refresh()
    if (length > bodyBytesMax) read.reject(tooLarge())
    else parts.push(part)
  })
  request.on('end', () => { read.resolve(undefined) })
  request.on('error', error => { read.reject(new Fault('malformed', 'The body did not arrive.', { cause: error })) })
  request.on('close', () => {
    if (!request.complete) read.reject(new Fault('malformed', 'The body did not arrive.'))
  })
  try {
    await read.promise
  } finally {
    clearTimeout(timer)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

const bound = { maxOutputLength: bodyBytesMax }

const decoders: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: bytes => promisify(gunzip)(bytes, bound),
  'x-gzip': bytes => promisify(gunzip)(bytes, bound),
  deflate: bytes => promisify(inflate)(bytes, bound),
  br: bytes => promisify(brotliDecompress)(bytes, bound),
  zstd: bytes => promisify(zstdDecompress)(bytes, bound)
}

/** As it was before it was encoded. One coding at most. */
async function decoded (bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  const coding = encoding?.trim().toLowerCase() ?? ''
  if (coding === '' || coding === 'identity') return bytes
  const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (decode === undefined) {
    throw new Fault('unsupported_encoding', 'A body may be encoded with gzip, deflate, br or zstd.', {
      headers: { 'accept-encoding': 'gzip, deflate, br, zstd' }
    })
  }
  try {
    return await decode(bytes)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new Fault('malformed', `The body is not valid ${coding}.`, { cause: error })
  }
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\b/i

/** Clients that name no type, or a wrong one for want of care, are taken at their body's word; forms are not. */
function checkType (type: string | undefined): void {
  if (type === undefined || jsonType.test(type) || /^text\/plain\b/i.test(type)) return
  throw new Fault('unsupported_media_type', 'The body must be JSON: Content-Type: application/json.')
}

/** Deeper than any server of models reads, and not so deep that reading or writing it would take all of the stack. */
const levelsMax = 512

function isDeeper (value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  const within: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return within.some(each => isDeeper(each, levels - 1))
}

function parsed (bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown
  } catch (error) {
    throw new Fault('malformed', 'The body is not valid JSON.', { cause: error })
  }
}

function jsonOf (bytes: Buffer): unknown {
  const json = parsed(bytes)
  if (isDeeper(json, levelsMax)) throw new Fault('malformed', `The body has more than ${levelsMax} levels within each other.`)
  return json
}

/** `idleMs`: how long it may stand still. */
export async function bodyOf (request: IncomingMessage, idleMs = bodyIdleMs): Promise<Body> {
  checkType(request.headers['content-type'])
  const bytes = await readBytes(request, idleMs)
  return { bytes, json: jsonOf(await decoded(bytes, request.headers['content-encoding'])) }
}
