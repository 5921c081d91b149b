// How the machine behind one URL behaves: how soon it answers, whether it fails, how long it asked to be left alone.

import { Breaker, type Pass } from './breaker.ts'
import { Estimate } from './estimate.ts'

const pauseMsDefault = 1000
const pauseMsMax = 10 * 60_000

/** Why a request came to nothing, through the endpoint's fault. */
export const failure = ['connect', 'timeout', 'status', 'cut', 'malformed'] as const
export type Failure = typeof failure[number]

/** What became of an attempt. Tokens are input and output together; null where nobody knows. */
export type Result =
  | { readonly kind: 'ok', readonly firstTokenMs: number, readonly durationMs: number, readonly tokens: number }
  | { readonly kind: 'failed', readonly failure: Failure }
  /** 429. Null: it did not say for how long. */
  | { readonly kind: 'limited', readonly retryAfterMs: number | null }
  /** By us or the client, through no fault of the endpoint's. */
  | { readonly kind: 'aborted', readonly firstTokenMs: number | null, readonly tokens: number | null }

type Begun = { readonly pass: Pass, readonly at: number }

export class Conduct {
  readonly latency = new Estimate()
  readonly duration = new Estimate()
  readonly breaker = new Breaker()
  #pausedUntil = 0

  pausedMs (now: number): number {
    return Math.max(0, this.#pausedUntil - now)
  }

  take (result: Result, { pass, at }: Begun, now: number): void {
    switch (result.kind) {
      case 'ok':
        this.latency.add(result.firstTokenMs, now)
        this.duration.add(result.durationMs, now)
        this.breaker.succeeded(pass, now)
        break
      case 'failed':
        this.breaker.failed(pass, now)
        break
      case 'limited': {
        const pause = Math.min(pauseMsMax, Math.max(0, Math.ceil(result.retryAfterMs ?? pauseMsDefault)))
        this.#pausedUntil = Math.max(this.#pausedUntil, now + pause)
        this.breaker.left(pass)
        break
      }
      case 'aborted':
        this.#waited(result.firstTokenMs, now - at, now)
        this.breaker.left(pass)
    }
  }

  /** Else an endpoint that hangs until clients give up would seem as fast as it once was. */
  #waited (firstTokenMs: number | null, waitedMs: number, now: number): void {
    if (firstTokenMs !== null) this.latency.add(firstTokenMs, now)
    else if (waitedMs > (this.latency.value ?? 0)) this.latency.add(waitedMs, now)
  }
}
