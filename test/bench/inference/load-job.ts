// What the process that makes the load is told, and what it tells.

export type LoadRequest = {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Pace =
  /** So many at a time, one after the other, for so long. */
  | { readonly kind: 'closed', readonly connections: number, readonly ms: number }
  /** Each at its time, whether or not others have been answered; behind a quarter of so many that open connections. */
  | { readonly kind: 'open', readonly aSecond: number, readonly count: number }

export type LoadJob = {
  readonly origin: string
  /** In turn. */
  readonly requests: readonly LoadRequest[]
  readonly pace: Pace
  /** A 307 is followed, as clients do. */
  readonly follows: boolean
  readonly status: number
  /** What each answer must say, as text; null: nothing. */
  readonly says: readonly string[] | null
}

export type LoadOutcome = {
  /** All that were answered. */
  readonly requests: number
  readonly seconds: number
  /** Milliseconds from the first request's sending until the first byte of the body, and until the last. */
  readonly firstMs: readonly number[]
  readonly wholeMs: readonly number[]
  /** What was wrong with answers, the first of each kind; empty: nothing. */
  readonly faults: readonly string[]
}
