// What the gateway needs of the world, as narrow as it can be asked. main.ts wires the real parts; tests wire literals.

import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { InstrumentId, Instant, Microdollars, Side, Units } from '../schemas/units.ts'

/** Where in the log an answer was read. */
export type LogPosition = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export type Level = {
  readonly price: Microdollars
  /** Units resting at the price. A sum over orders, so it may pass what one order may ask for. */
  readonly quantity: number
  readonly orders: number
}

export type LastTrade = {
  readonly price: Microdollars
  readonly quantity: Units
  /** The taker's. */
  readonly side: Side
  readonly at: Instant
}

/** `paused`: cancels only, until the pause at a price band is over. `unlisted`: its partition has no parameters yet. */
export type BookStatus = 'open' | 'halted' | 'paused' | 'unlisted'

/** One instrument's book as this gateway's replica of matching has it. */
export type BookView = {
  readonly status: BookStatus
  /** The dearest first. */
  readonly bids: readonly Level[]
  /** The cheapest first. */
  readonly asks: readonly Level[]
  /** Of the last book delta; 0 before the first. */
  readonly sequence: number
  readonly lastTrade: LastTrade | null
  /** The last record the replica applied. */
  readonly position: LogPosition
  /** Stage time at that record. */
  readonly at: Instant
  /** How many records of the partition the replica has not applied yet, as far as it knows. */
  readonly lagRecords: number
}

export type BookPort = {
  /** At most `depth` levels a side (0: none). Null while the replica is not ready to answer for the instrument. */
  book (instrumentId: InstrumentId, depth: number): BookView | null
}

export type Direction = 'asc' | 'desc'

export const resolution = ['1s', '1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w', '1M'] as const
/** The width of a bar. `1w` begins on Monday and `1M` on the first, at 00:00 UTC. Mind the case: `1m` is a minute. */
export type Resolution = typeof resolution[number]

export type BarQuery = {
  readonly instrumentId: InstrumentId
  readonly resolution: Resolution
  /** Bars whose start lies in [from, to], both ends included. Null: from the instrument's first trade on. */
  readonly from: Instant | null
  /** Never later than now: the gateway sees to it. */
  readonly to: Instant
  readonly limit: number
  /** By start. With `desc` the limit keeps the newest. */
  readonly order: Direction
}

/** A bar without trades has volume, notional and trades 0 and repeats the close before it in all four prices. */
export type Bar = {
  readonly start: Instant
  /** Where the next bar starts. */
  readonly end: Instant
  readonly open: Microdollars
  readonly high: Microdollars
  readonly low: Microdollars
  readonly close: Microdollars
  /** Units. */
  readonly volume: bigint
  /** Microdollars. */
  readonly notional: bigint
  readonly trades: number
}

/** What orders trades: total over all instruments, and in one instrument the same as its sequence. */
export type TradeKey = {
  readonly matchedAt: Instant
  readonly instrumentId: InstrumentId
  readonly sequence: number
}

/** A fill as the public sees it: without its holders and orders. */
export type Trade = TradeKey & {
  readonly price: Microdollars
  readonly quantity: Units
  /** The taker's. */
  readonly side: Side
}

export const comparison = ['==', '!=', '>', '<', '>=', '<='] as const
export type Comparison = typeof comparison[number]

/** Conditions are joined by "and". `side` and `instrumentId` are compared by `==` and `!=` only. */
export type TradeCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'side', readonly op: '==' | '!=', readonly value: Side }
  | { readonly field: 'price' | 'quantity' | 'sequence' | 'matchedAt', readonly op: Comparison, readonly value: number }

export type TradeQuery = {
  readonly conditions: readonly TradeCondition[]
  /** Only trades beyond this key in `order` (after it when ascending, before it when descending), the key left out. */
  readonly beyond: TradeKey | null
  readonly limit: number
  /** By `TradeKey`: matchedAt, then instrumentId, then sequence, all in this direction. */
  readonly order: Direction
}

/** The 24 hours before an instant. Prices are null where there is nothing to take them from. */
export type Day = {
  /** The last price before the window, else the first in it: what a change is measured from. */
  readonly open: Microdollars | null
  readonly high: Microdollars | null
  readonly low: Microdollars | null
  /** The last price at all. */
  readonly close: Microdollars | null
  readonly volume: bigint
  readonly notional: bigint
  readonly trades: number
  /** Units since the first trade, ever. */
  readonly volumeTotal: bigint
  readonly tradesTotal: number
}

export type HistoryPort = {
  /** Gaps are filled, from the bar of the first trade up to the bar that holds `to`; no bar before the first trade. */
  candles (query: BarQuery): Promise<readonly Bar[]>
  trades (query: TradeQuery): Promise<readonly Trade[]>
  day (instrumentId: InstrumentId, now: Instant): Promise<Day>
}

export type CheckStatus = 'ok' | 'warn' | 'fail'

/** One thing that must be well, for operators: shown by /ready and /diagnostics. */
export type Check = {
  readonly name: string
  readonly status: CheckStatus
  /** Short and stable, such as `lagging`; API, never renamed. */
  readonly code: string
  readonly detail: string
  readonly nextAction?: string
}

export type HealthPort = {
  /** Cheap and without I/O of its own: it may be asked at any rate. A `fail` makes this gateway not ready. */
  checks (): readonly Check[]
}

export type RateLimit = {
  /** Per client address and window. */
  readonly requests: number
  readonly windowMs: number
}

export type Ports = {
  readonly books: BookPort
  readonly history: HistoryPort
  readonly health: HealthPort
  /** What /metrics shows. The gateway adds its own rates; other parts register theirs on the same registry. */
  readonly metrics: Registry
  readonly log: Logger
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => Instant
  /** For durations: never goes back, and starts anywhere. */
  readonly elapsedMs: () => number
  readonly rateLimit: RateLimit
  /** Whether a proxy in front is trusted to name the client's address in x-forwarded-for. */
  readonly isBehindProxy: boolean
}
