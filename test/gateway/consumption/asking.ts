// Requests as clients send them, and answers as they get them.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { expect } from 'vitest'
import { Reading } from '../relay/reading.ts'
import { benKey } from './small-consumption.ts'

export type Json = Readonly<Record<string, unknown>>

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Null for what is no JSON, such as a stream. */
  readonly json: Json | null
}

export const paths = { chat: '/v1/chat/completions', messages: '/v1/messages', responses: '/v1/responses' } as const
export type SurfaceName = keyof typeof paths

const said = 'Say something.'
const bodies: Readonly<Record<SurfaceName, object>> = {
  chat: { model: 'text-prime', messages: [{ role: 'user', content: said }] },
  messages: { model: 'text-prime', max_tokens: 100, messages: [{ role: 'user', content: said }] },
  responses: { model: 'text-prime', input: said, store: false }
}

/** A body that is right, with these fields. */
export const bodyOf = (surface: SurfaceName, fields: object = {}): string =>
  JSON.stringify({ ...bodies[surface], ...fields })

export type Asking = {
  readonly surface?: SurfaceName
  readonly path?: string
  readonly method?: string
  /** Of a right body. */
  readonly fields?: object
  /** As it is; null: none. */
  readonly body?: string | Buffer | null
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string | null
  readonly redirect?: 'follow' | 'manual'
  readonly signal?: AbortSignal
}

export function asJson (text: string): Json | null {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

export async function ask (url: string, asking: Asking = {}): Promise<Answer> {
  const { surface = 'chat', path = paths[surface], method = 'POST', fields, headers = {}, key = benKey } = asking
  const { body = bodyOf(surface, fields), redirect = 'follow', signal } = asking
  const response = await fetch(new URL(path, url), {
    method,
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    body: method === 'GET' || method === 'HEAD' ? null : body,
    redirect,
    ...(signal === undefined ? {} : { signal })
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: asJson(text) }
}

/** The code of an error, wherever its surface has it. */
export function codeOf ({ json }: Answer): string {
  const { error, errors } = (json ?? {}) as { error?: { code?: string }, errors?: { detail?: unknown } }
  return error?.code ?? String(errors?.detail)
}

/** A client with a socket of its own, that reads as it comes and may hang up. */
export type Client = {
  readonly status: number
  readonly response: IncomingMessage
  readonly reading: Reading
  readonly hangUp: () => void
}

export type Connecting = {
  /** Once the head of an answer has come. */
  readonly answered: Promise<Client>
  readonly hangUp: () => void
}

export function connect (url: string, asking: Asking = {}): Connecting {
  const { surface = 'chat', path = paths[surface], fields, headers = {}, key = benKey } = asking
  const request = httpRequest(new URL(path, url), {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers }
  })
  request.on('error', () => { /* Hung up, here or there: who waits for an answer is told by that. */ })
  const hangUp = (): void => { request.destroy() }
  const answered = once(request, 'response').then(([response]: IncomingMessage[]) => {
    const reading = new Reading(response!)
    return { status: response!.statusCode!, response: response!, reading, hangUp }
  })
  answered.catch(() => {})
  request.end(asking.body ?? bodyOf(surface, fields))
  return { answered, hangUp }
}

/** Until it is so; the loop turns meanwhile. */
export async function until (isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => { setImmediate(resolve) })
}

/** An error in the form of its surface, and in ours. */
export function expectForm (surface: SurfaceName, answer: Answer): void {
  const { json, headers } = answer
  const text = expect.any(String) as unknown
  const error = surface === 'messages'
    ? { type: 'error', error: { type: text, message: text } }
    : { error: { type: text, message: text, code: text } }
  expect(json).toMatchObject({ ...error, errors: { message: text, detail: expect.anything() as unknown } })
  expect(headers.get('content-type')).toBe('application/json')
  for (const name of ['x-grid-request-id', 'x-request-id', 'request-id']) expect(headers.get(name)).toMatch(/^req_/)
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('access-control-allow-origin')).toBe('*')
}
