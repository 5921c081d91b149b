// One call of an upstream, on undici's lowest level: its headers as a promise, its body at the reader's pace.

import type { Dispatcher } from 'undici'

export const failureKind = [
  'connect', 'refused_address', 'status', 'headers_timeout', 'idle', 'reset', 'malformed', 'reported', 'truncated',
  'aborted', 'total_timeout'
] as const
/** `status`: it answered with one that is no success; `reported`: it said so in its stream. */
export type FailureKind = typeof failureKind[number]

/**
 * An upstream failed. What it said itself is in `said`, for the client of a rejected request, and nobody else: it may
 * repeat the prompt. So it is no property that a log would list.
 */
export class UpstreamFailure extends Error {
  readonly kind: FailureKind
  /** Of `status`. */
  readonly status: number
  readonly retryAfterMs: number | null
  readonly #said: string

  constructor (kind: FailureKind, { status = 0, retryAfterMs = null, said = '', cause }: {
    status?: number, retryAfterMs?: number | null, said?: string, cause?: unknown
  } = {}) {
    super(`upstream failed: ${kind}${status === 0 ? '' : ` ${status}`}`, cause === undefined ? {} : { cause })
    this.name = 'UpstreamFailure'
    this.kind = kind
    this.status = status
    this.retryAfterMs = retryAfterMs
    this.#said = said
  }

  get said (): string {
    return this.#said
  }
}

export type UpstreamHeaders = { readonly status: number, readonly headers: Readonly<Record<string, string>> }

export type UpstreamCall = {
  readonly dispatcher: Dispatcher
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  readonly headersTimeoutMs: number
  readonly idleTimeoutMs: number
}

/** Takes bytes; false: no more until `resume`. */
export type Take = (bytes: Buffer) => boolean

const codes: Readonly<Record<string, FailureKind>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  ECONNREFUSED: 'connect',
  ENOTFOUND: 'connect',
  EAI_AGAIN: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  unsafe_address: 'refused_address',
  unsafe_key: 'refused_address',
  UND_ERR_HEADERS_TIMEOUT: 'headers_timeout',
  UND_ERR_BODY_TIMEOUT: 'idle'
}

function failureOf (error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error
  const code = (error as { code?: unknown } | null)?.code
  return new UpstreamFailure((typeof code === 'string' ? codes[code] : undefined) ?? 'reset', { cause: error })
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

const plain = (headers: RawHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']))

type Controller = Dispatcher.DispatchController

export class Attempt implements Dispatcher.DispatchHandler {
  readonly headers: Promise<UpstreamHeaders>
  readonly #headers = Promise.withResolvers<UpstreamHeaders>()
  readonly #end = Promise.withResolvers<undefined>()
  #controller: Controller | null = null
  #take: Take | null = null
  #failure: UpstreamFailure | null = null
  #hasEnded = false

  constructor ({ dispatcher, origin, path, headers, body, headersTimeoutMs, idleTimeoutMs }: UpstreamCall) {
    this.headers = this.#headers.promise
    // Who looks at one of the two has seen the failure; neither may end the process for want of a reader.
    this.headers.catch(() => {})
    this.#end.promise.catch(() => {})
    const options = { origin, path, method: 'POST' as const, headers, body }
    dispatcher.dispatch({ ...options, headersTimeout: headersTimeoutMs, bodyTimeout: idleTimeoutMs }, this)
  }

  /** All of the body; resolves at its end. Nothing is read before this is called. */
  read (take: Take): Promise<undefined> {
    this.#take = take
    this.resume()
    return this.#end.promise
  }

  resume (): void {
    if (!this.#hasEnded) this.#controller?.resume()
  }

  /** Nothing more is wanted. Whoever waits is told of the failure. */
  abort (failure: UpstreamFailure = new UpstreamFailure('aborted')): void {
    if (this.#hasEnded || this.#failure !== null) return
    this.#failure = failure
    this.#controller?.abort(failure)
    this.#fail(failure)
  }

  onRequestStart (controller: Controller): void {
    this.#controller = controller
    if (this.#failure !== null) controller.abort(this.#failure)
  }

  onResponseStart (controller: Controller, status: number, headers: RawHeaders): void {
    if (status < 200) return
    controller.pause()
    this.#headers.resolve({ status, headers: plain(headers) })
  }

  onResponseData (controller: Controller, chunk: Buffer): void {
    try {
      if (this.#take !== null && !this.#take(chunk)) controller.pause()
    } catch (error) {
      this.abort(error instanceof UpstreamFailure ? error : new UpstreamFailure('malformed', { cause: error }))
    }
  }

  onResponseEnd (): void {
    this.#hasEnded = true
    this.#end.resolve(undefined)
  }

  onResponseError (_controller: Controller, error: Error): void {
    this.#fail(this.#failure ?? failureOf(error))
  }

  #fail (failure: UpstreamFailure): void {
    this.#hasEnded = true
    this.#headers.reject(failure)
    this.#end.reject(failure)
  }
}

const saidMax = 4096
const sayingMs = 2000

/** What an answer that is no success says, as far as a client would read it, and as long as one would wait for it. */
export async function saidBy (attempt: Attempt): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  const timer = setTimeout(() => { attempt.abort() }, sayingMs)
  try {
    await attempt.read(bytes => {
      if (length < saidMax) parts.push(bytes.subarray(0, saidMax - length))
      length += bytes.length
      if (length > saidMax) attempt.abort()
      return true
    })
  } catch {
    // What came until then is all there is.
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(parts).toString()
}
