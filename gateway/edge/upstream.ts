// The call of the supplier's own model server.

import type { Dispatcher } from 'undici'
import { Attempt, saidBy, UpstreamFailure } from '../relay/attempt.ts'
import type { JsonObject } from '../surfaces/surface.ts'
import { upstreamBody, type UpstreamWords } from './upstream-body.ts'

export type UpstreamOptions = UpstreamWords & {
  /** With a path: what chat completions are below; without: `/v1` is. */
  readonly url: URL
  readonly key: string | null
  readonly dispatcher: Dispatcher
  readonly headersTimeoutMs: number
  readonly idleTimeoutMs: number
}

export type UpstreamCall = {
  readonly chat: JsonObject
  readonly cap: number
  readonly traceparent: string
  /** Told of each attempt before it is waited for, so that it can be given up. */
  readonly opened: (attempt: Attempt) => void
}

const rejects = new Set([400, 422])

export class Upstream {
  readonly #options: UpstreamOptions
  readonly #path: string
  /** A model server that knows no `stream_options` will not learn it while this process lives. */
  #takesOptions = true

  constructor (options: UpstreamOptions) {
    this.#options = options
    const base = options.url.pathname.replace(/\/+$/, '')
    this.#path = `${base === '' ? '/v1' : base}/chat/completions`
  }

  /** Its headers are there, and they are a stream's. Else throws an `UpstreamFailure`. */
  async call (call: UpstreamCall): Promise<Attempt> {
    const hasOptions = this.#takesOptions
    const attempt = this.#open(call, hasOptions)
    const { status, headers } = await attempt.headers
    if (status === 200) {
      const type = headers['content-type'] ?? ''
      if (type === '' || type.startsWith('text/event-stream')) return attempt
      attempt.abort()
      throw new UpstreamFailure('malformed', { said: `not a stream but ${type}` })
    }
    const said = await saidBy(attempt)
    if (!hasOptions || !rejects.has(status) || !said.includes('stream_options')) throw failureOf(status, headers, said)
    this.#takesOptions = false
    return await this.call(call)
  }

  #open ({ chat, cap, traceparent, opened }: UpstreamCall, hasOptions: boolean): Attempt {
    const { url, key, dispatcher, headersTimeoutMs, idleTimeoutMs } = this.#options
    const attempt = new Attempt({
      dispatcher,
      origin: url.origin,
      path: this.#path,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'user-agent': 'inference-edge',
        traceparent,
        ...(key === null ? {} : { authorization: `Bearer ${key}` })
      },
      body: JSON.stringify(upstreamBody(this.#options, { chat, cap, hasOptions })),
      headersTimeoutMs,
      idleTimeoutMs
    })
    opened(attempt)
    return attempt
  }
}

function failureOf (status: number, headers: Readonly<Record<string, string>>, said: string): UpstreamFailure {
  const seconds = Number(headers['retry-after'] ?? NaN)
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
  return new UpstreamFailure('status', { status, retryAfterMs, said })
}
