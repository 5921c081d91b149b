// Requests and tokens a minute, and requests at once, by account and by key: told by the log, and by this gateway of
// what it has sent there. The README has the invariants.

import assert from 'node:assert/strict'
import type { ConsumptionKey } from '../../schemas/identity/records.ts'
import type { HolderId, Instant, Tokens } from '../../schemas/units.ts'
import { Windows, windowSeconds } from './windows.ts'

/** Null: not bounded. */
export type AccountLimits = {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly openMax: number | null
}

/** What holds unless the operator says otherwise. */
export const accountLimits: AccountLimits = { requestsPerMinute: 6000, tokensPerMinute: null, openMax: 1000 }

const unlimited: AccountLimits = { requestsPerMinute: null, tokensPerMinute: null, openMax: null }

/** Who asks, with which key. */
export type Asker = { readonly holder: HolderId, readonly key: ConsumptionKey, readonly now: Instant }

export type LimitedRequest = {
  readonly holder: HolderId
  /** Of the consumption key; empty: none. */
  readonly keyId: string
  readonly requestId: string
  readonly at: Instant
}

export type LimitKind = 'requests' | 'tokens' | 'open'

export type LimitReached = {
  readonly limit: LimitKind
  readonly of: 'key' | 'account'
  readonly retryAfterSeconds: number
}

/** What of an account is used, for the headers of a reply. */
export type Usage = {
  readonly requests: number
  readonly tokens: number
  /** When none of it will count any more. */
  readonly resetSeconds: number
}

type Whose = { readonly holder: HolderId, readonly keyId: string }
type Open = Whose & { readonly second: number, readonly isLogged: boolean }

/** Longer than a command can still enter the log: by then an own request is known to it, or never will be. */
const unheardMs = 90_000

const accountOf = ({ holder }: Pick<Open, 'holder'>): string => `account ${holder}`
const keyOf = ({ keyId }: Pick<Open, 'keyId'>): string => `key ${keyId}`
const secondOf = (at: Instant): number => Math.floor(at / 1000)

export class Rates {
  readonly #limits: AccountLimits
  readonly #windows = new Windows()
  readonly #open = new Map<string, Open>()
  /** How many are open, by subject. */
  readonly #counts = new Map<string, number>()
  /** Own requests that the log has not said yet, and since when: the oldest first. */
  readonly #unheard = new Map<string, Instant>()
  #now = 0

  constructor (limits: AccountLimits = accountLimits) {
    this.#limits = limits
  }

  /** This gateway asks for it; the log will say. */
  asked (request: LimitedRequest): void {
    this.#advance(request.at)
    if (this.#open.has(request.requestId)) return // R1
    this.#unheard.set(request.requestId, request.at)
    this.#enter(request, false)
  }

  /** The log has it, whichever gateway asked. */
  authorized (request: LimitedRequest): void {
    this.#advance(request.at)
    const known = this.#open.get(request.requestId)
    if (known?.isLogged === true) return // R1
    if (known !== undefined) this.#leave(request.requestId, { isTakenBack: true }) // R2
    this.#enter(request, true)
  }

  /** What it took is booked: it is at an end. */
  captured ({ requestId, tokens, at }: { requestId: string, tokens: Tokens, at: Instant }): void {
    this.#advance(at)
    const known = this.#open.get(requestId)
    if (known === undefined) return
    this.#leave(requestId, { isTakenBack: false })
    this.#count(known, secondOf(at), { requests: 0, tokens })
  }

  /** It is at an end, and took nothing. */
  ended ({ requestId, at }: { requestId: string, at: Instant }): void {
    this.#advance(at)
    this.#leave(requestId, { isTakenBack: false })
  }

  /** What was asked was refused, or not taken by the log. What the log has taken before stays as it is. */
  dropped ({ requestId, at }: { requestId: string, at: Instant }): void {
    this.#advance(at)
    if (this.#open.get(requestId)?.isLogged === false) this.#leave(requestId, { isTakenBack: true })
  }

  /** Which limit one more request would pass, if any: one that is open is none more. Counts nothing. */
  judge ({ holder, key, requestId, now }: Asker & { readonly requestId?: string }): LimitReached | null {
    this.#advance(now)
    if (requestId !== undefined && this.#open.has(requestId)) return null // R1
    return this.#reached('key', keyOf(key), key) ?? this.#reached('account', accountOf({ holder }), this.#limits)
  }

  /** A call that opens nothing and takes no tokens: of the minute's requests it is one, unless that is too many. */
  call ({ holder, key, now }: Asker): LimitReached | null {
    this.#advance(now)
    const alone = ({ requestsPerMinute }: AccountLimits): AccountLimits => ({ ...unlimited, requestsPerMinute })
    const reached = this.#reached('key', keyOf(key), alone(key)) ??
      this.#reached('account', accountOf({ holder }), alone(this.#limits))
    if (reached === null) this.#count({ holder, keyId: key.keyId }, this.#now, { requests: 1, tokens: 0 })
    return reached
  }

  /** Of an account, now. */
  usage (holder: HolderId, now: Instant): Usage {
    this.#advance(now)
    const subject = accountOf({ holder })
    const sums = this.#windows.sums(subject, this.#now)
    const until = (of: 'requests' | 'tokens'): number => this.#windows.secondsUntil(subject, this.#now, { of, below: 1 })
    return { ...sums, resetSeconds: Math.max(until('requests'), until('tokens')) }
  }

  get limits (): AccountLimits {
    return this.#limits
  }

  /** How much is remembered: for the metrics of operators. */
  get size (): { readonly open: number, readonly subjects: number } {
    return { open: this.#open.size, subjects: this.#windows.size }
  }

  validate (): void {
    this.#windows.validate()
    const counts = new Map<string, number>()
    for (const open of this.#open.values()) {
      for (const subject of subjectsOf(open)) counts.set(subject, (counts.get(subject) ?? 0) + 1)
    }
    assert.deepEqual(this.#counts, counts) // R3
    const own = [...this.#open].filter(([, { isLogged }]) => !isLogged).map(([requestId]) => requestId)
    assert.deepEqual(new Set(this.#unheard.keys()), new Set(own))
  }

  // R4. What was asked and never heard of again is let go on the way, as if it had never been (R3).
  #advance (at: Instant): void {
    const second = secondOf(at)
    if (second <= this.#now) return // A map whose head was taken away is slow to begin with: once a second will do.
    this.#now = second
    for (const [requestId, since] of this.#unheard) {
      if (this.#now - secondOf(since) < unheardMs / 1000) break
      this.#leave(requestId, { isTakenBack: true })
    }
  }

  #enter (request: LimitedRequest, isLogged: boolean): void {
    const { holder, keyId, requestId } = request
    const open = { holder, keyId, second: secondOf(request.at), isLogged }
    this.#open.set(requestId, open)
    for (const subject of subjectsOf(open)) this.#counts.set(subject, (this.#counts.get(subject) ?? 0) + 1)
    this.#count(open, open.second, { requests: 1, tokens: 0 })
  }

  /** `isTakenBack`: nor does it count as a request any more. */
  #leave (requestId: string, { isTakenBack }: { readonly isTakenBack: boolean }): void {
    const open = this.#open.get(requestId)
    if (open === undefined) return
    this.#open.delete(requestId)
    this.#unheard.delete(requestId)
    for (const subject of subjectsOf(open)) {
      const left = this.#counts.get(subject)! - 1
      if (left === 0) this.#counts.delete(subject)
      else this.#counts.set(subject, left)
    }
    if (isTakenBack) this.#count(open, open.second, { requests: -1, tokens: 0 })
  }

  #count (whose: Whose, second: number, sums: { readonly requests: number, readonly tokens: number }): void {
    for (const subject of subjectsOf(whose)) this.#windows.add(subject, { ...sums, at: second, now: this.#now })
  }

  #reached (of: LimitReached['of'], subject: string, limits: AccountLimits): LimitReached | null {
    const { requestsPerMinute, tokensPerMinute, openMax } = limits
    if (openMax !== null && (this.#counts.get(subject) ?? 0) >= openMax) return { limit: 'open', of, retryAfterSeconds: 1 }
    const wait = (sum: 'requests' | 'tokens', below: number | null): number =>
      below === null ? 0 : this.#windows.secondsUntil(subject, this.#now, { of: sum, below })
    const requests = wait('requests', requestsPerMinute)
    if (requests > 0) return { limit: 'requests', of, retryAfterSeconds: Math.min(requests, windowSeconds) }
    const tokens = wait('tokens', tokensPerMinute)
    return tokens > 0 ? { limit: 'tokens', of, retryAfterSeconds: Math.min(tokens, windowSeconds) } : null
  }
}

const subjectsOf = (whose: Whose): readonly string[] =>
  whose.keyId === '' ? [accountOf(whose)] : [accountOf(whose), keyOf(whose)]
