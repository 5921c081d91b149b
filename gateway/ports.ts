// What the gateway needs of the world, as narrow as it can be asked. main.ts wires the real parts; tests wire literals.

import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { History } from '../analytics/history.ts'
import type { OrderHistory } from '../analytics/orders.ts'
import type { AccountHistoryPort, IdentityPort, LedgerPort, LogPosition } from './accounts.ts'
import type { InstrumentId, Instant, Microdollars, Side, Units } from '../schemas/units.ts'
import type { SettingsPort } from './settings/settings-port.ts'
import type { SuppliersPort } from './suppliers/suppliers-port.ts'
import type { RequestIds } from './tickets/request-id.ts'
import type { UsagePort } from './usage/usage-port.ts'

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
  /** What price bands are measured from; null until the instrument is listed. */
  readonly reference: Microdollars | null
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

export { closedRefusal } from './accounts.ts'
export type { TaggedReading, UsagePort } from './usage/usage-port.ts'
export type { IdentityWritePort, SettingsPort } from './settings/settings-port.ts'
export type { EndpointView, SuppliersPort } from './suppliers/suppliers-port.ts'

// What was traded, as analytics has it: one set of words for both.
export { resolution, type Resolution } from '../analytics/resolution.ts'
export {
  comparison, type Comparison, type Trade, type TradeCondition, type TradeKey, type TradeQuery
} from '../analytics/trades.ts'
export type { OrderCondition, OrderHistory, OrderQuery, OrderStanding, PastOrder } from '../analytics/orders.ts'
export type { Bar, BarQuery, Day, History as HistoryPort } from '../analytics/history.ts'

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

/** Orders placed and amended by one user in one market. What is beyond a second's is taken from the burst. */
export type OrderRate = {
  readonly perSecond: number
  readonly perMinute: number
  /** In a minute. */
  readonly burst: number
}

export type {
  AccountHistoryPort, Activity, Answer, Balance, Breakage, BreakageCondition, BreakageKey, Caller, HolderView,
  IdentityPort, KnownKey, LedgerPort, LogPosition, LotCondition, LotKey, LotView, Movement, MovementCondition,
  OrderView, OwnTrade, OwnTradeCondition, PastLot, PositionSpan, PositionView, SweepView, Swept, SweptCondition,
  SweptKey, User, UserRole
} from './accounts.ts'
export { lotStatus, type LotStatus } from './accounts.ts'

export type Ports = {
  readonly ledger: LedgerPort
  readonly identities: IdentityPort
  readonly settings: SettingsPort
  readonly accountHistory: AccountHistoryPort
  readonly books: BookPort
  readonly usage: UsagePort
  readonly suppliers: SuppliersPort
  /** Which holder a request's id leads to. */
  readonly requestIds: Pick<RequestIds, 'holderOf'>
  readonly history: History
  readonly orderHistory: OrderHistory
  readonly health: HealthPort
  /** What /metrics shows. The gateway adds its own rates; other parts register theirs on the same registry. */
  readonly metrics: Registry
  readonly log: Logger
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => Instant
  /** For durations: never goes back, and starts anywhere. */
  readonly elapsedMs: () => number
  readonly rateLimit: RateLimit
  readonly orderRate: OrderRate
  /** Whether a proxy in front is trusted to name the client's address in x-forwarded-for. */
  readonly isBehindProxy: boolean
}
