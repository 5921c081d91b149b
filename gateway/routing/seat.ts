// One endpoint as requests meet it: what is under way, what it took of its limits, how it behaves.

import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import type { Pass } from './breaker.ts'
import { Conduct, type Result } from './conduct.ts'
import type { Weighted } from './draw.ts'
import { textHash } from './hash.ts'
import { meterOf, type Meter } from './meter.ts'

/** One request at one endpoint, from `begin` to `end`. */
export type Attempt = { readonly endpointId: string, readonly inputTokens: number, readonly at: number }

export const obstacle = [
  'inactive', 'no_weight', 'managed', 'no_public_url', 'tried', 'in_flight', 'paused', 'breaker', 'requests_per_minute',
  'tokens_per_minute'
] as const
/** Why an endpoint is not eligible; of several the first. `managed`: it is and none was asked for, or the reverse. */
export type Obstacle = typeof obstacle[number]

export type SeatCounts = Readonly<Record<'begun' | Result['kind'], number>>

export class Seat implements Weighted {
  readonly hash: number
  endpoint: SupplierEndpoint
  /** In tenths; 0: never chosen. */
  weight = 0
  conduct = new Conduct()
  readonly counts: Record<keyof SeatCounts, number> = { begun: 0, ok: 0, failed: 0, limited: 0, aborted: 0 }
  #requests: Meter | null = null
  #tokens: Meter | null = null
  /** With what each is to tell its result to. */
  readonly #open = new Map<Attempt, { readonly conduct: Conduct, readonly pass: Pass }>()

  constructor (endpoint: SupplierEndpoint) {
    this.endpoint = endpoint
    this.hash = textHash(endpoint.endpointId)
    this.change(endpoint)
  }

  get inFlight (): number {
    return this.#open.size
  }

  /** What was learned of one URL says nothing of another. */
  change (endpoint: SupplierEndpoint): void {
    if (endpoint.url !== this.endpoint.url) this.conduct = new Conduct()
    this.endpoint = endpoint
    this.#requests = meterOf(endpoint.requestsPerMinute, this.#requests)
    this.#tokens = meterOf(endpoint.tokensPerMinute, this.#tokens)
  }

  /** What of its own state keeps it from serving so many tokens of input now. */
  obstacle (inputTokens: number, now: number): Obstacle | null {
    const { inFlightMax } = this.endpoint
    if (inFlightMax !== null && this.inFlight >= inFlightMax) return 'in_flight'
    if (this.conduct.pausedMs(now) > 0) return 'paused'
    if (!this.conduct.breaker.lets(now)) return 'breaker'
    if (this.#requests?.has(1, now) === false) return 'requests_per_minute'
    if (this.#tokens?.has(inputTokens, now) === false) return 'tokens_per_minute'
    return null
  }

  begin (inputTokens: number, now: number): Attempt {
    const attempt = { endpointId: this.endpoint.endpointId, inputTokens, at: now }
    this.#open.set(attempt, { conduct: this.conduct, pass: this.conduct.breaker.enter(now) })
    this.counts.begun++
    this.#requests?.take(1, now)
    this.#tokens?.take(inputTokens, now)
    return attempt
  }

  end (attempt: Attempt, result: Result, now: number): void {
    const open = this.#open.get(attempt)
    if (open === undefined) return
    this.#open.delete(attempt)
    this.counts[result.kind]++
    open.conduct.take(result, { pass: open.pass, at: attempt.at }, now)
    if ('tokens' in result && result.tokens !== null) this.#tokens?.take(result.tokens - attempt.inputTokens, now)
  }

  /** Of this minute's allowance; null where there is no limit. */
  left (now: number): { readonly requests: number | null, readonly tokens: number | null } {
    return { requests: this.#requests?.left(now) ?? null, tokens: this.#tokens?.left(now) ?? null }
  }

  /** Throws where something is as it can't be (R2, R6, R10). */
  validate (): void {
    const { begun, ok, failed, limited, aborted } = this.counts
    const { endpoint: { endpointId }, conduct: { breaker }, weight } = this
    if (begun !== ok + failed + limited + aborted + this.inFlight) throw new Error(`${endpointId} lost an attempt`)
    if (breaker.isProbed && this.inFlight === 0) throw new Error(`${endpointId} waits for a probe that has ended`)
    if (breaker.isProbed && breaker.openUntil === null) throw new Error(`${endpointId} is closed and probed`)
    if (!Number.isSafeInteger(weight) || weight < 0) throw new Error(`${endpointId} has no whole weight`)
  }
}
