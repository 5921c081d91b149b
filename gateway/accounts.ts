// What the gateway needs of the ledger and of who is who, as narrow as it can be asked.

import type { ConsumptionView, LotView, SweepView } from '../pipelines/ledger/lots/views.ts'
import type { CommandTag } from '../pipelines/runtime/command.ts'
import type { LedgerCommand } from '../schemas/ledger/commands.ts'
import type { CommandOutcome, JournalEntry, OrderState } from '../schemas/ledger/records.ts'
import type { ClosureReason, OrderType, RefusalReason, TimeInForce } from '../schemas/matching/records.ts'
import type { LedgerRefusal, UsageRefusal } from '../schemas/ledger/refusals.ts'
import type { User, UserRole } from '../schemas/identity/records.ts'
import type { BasisPoints, HolderId, InstrumentId, Instant, Microdollars, OrderId, Side, Units } from '../schemas/units.ts'
import type { AccountMode } from '../schemas/ledger/commands.ts'

export type { CommandTag, ConsumptionView, LotView, SweepView, User, UserRole }

/** Where in the log an answer was read. */
export type LogPosition = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Who signed a request. */
export type Caller = {
  readonly user: User
  /** Under which the accounts are kept; the user's own id. */
  readonly holder: HolderId
  /** Of the key that signed. */
  readonly fingerprint: string
}

/** A key that signs, with whose it is. `verifies` is made once a key: parsing one costs more than a check. */
export type KnownKey = {
  readonly user: User
  readonly fingerprint: string
  verifies (message: Buffer, signature: Buffer): Promise<boolean>
}

export type IdentityPort = {
  /** Undefined for a key that nobody has, that was revoked, or whose user is not active. */
  signingKey (fingerprint: string): KnownKey | undefined
  user (holder: HolderId): User | undefined
  /** Whose parent it is, by their ids. */
  subAccounts (of: HolderId): readonly User[]
  /** False until all that was in the log when this gateway started has been read. */
  readonly isReady: boolean
}

/** An order as the ledger has it now, here. */
export type OrderView = Omit<OrderState, 'kind' | 'sequence' | 'cause' | 'refusal' | 'at'> & {
  /** Of a refused order. */
  readonly refusal: LedgerRefusal | RefusalReason | null
  readonly updatedAt: Instant
  /** A cancel of it is under way. */
  readonly isCancelling: boolean
}

/** Why nothing more can be done to a closed order. */
export function closedRefusal ({ status }: Pick<OrderView, 'status'>): LedgerRefusal {
  if (status === 'filled') return 'order_already_filled'
  return status === 'cancelled' ? 'order_already_cancelled' : 'order_closed'
}

export type Balance = { readonly posted: number, readonly held: number }

export type HolderView = {
  readonly holder: HolderId
  readonly isIssuer: boolean
  readonly isSuspended: boolean
  readonly mode: AccountMode
  readonly cash: Balance
  readonly grant: Balance
  readonly pending: Microdollars
  /** Notional traded in the last 30 days. */
  readonly volume: Microdollars
  readonly makerBp: BasisPoints
  readonly takerBp: BasisPoints
  readonly deadManAt: Instant | null
}

export type PositionView = {
  readonly instrumentId: InstrumentId
  readonly trading: Balance
  /** What the units in Trading cost. */
  readonly cost: Microdollars
  readonly issuance: Units
  readonly consumption: ConsumptionView
}

/** What became of a command, once this gateway's replica of the ledger has applied what decides it. */
export type Answer =
  /** Of a submit: the order after the first result. Of a repeat: as it was first answered. */
  | { readonly kind: 'order', readonly order: OrderView, readonly position: LogPosition }
  /** Of the ledger or of matching. `order`: the one it was about, where there is one. */
  | {
    readonly kind: 'refused'
    readonly refusal: LedgerRefusal | RefusalReason | UsageRefusal
    readonly order: OrderView | null
  }
  | {
    readonly kind: 'done'
    readonly outcome: CommandOutcome
    readonly entries: readonly JournalEntry[]
    readonly position: LogPosition
  }
  /** The command was not in the log by its time, and never takes effect. */
  | { readonly kind: 'not_accepted' }
  /** It may or may not take effect: the log or the replica is late. */
  | { readonly kind: 'unknown', readonly orderId: OrderId | null }

export type TaggedCommand = { readonly command: LedgerCommand, readonly tag: CommandTag }

export type LedgerPort = {
  /** Sends commands in their order; each gets its own answer. They are for one holder. */
  submit (commands: readonly TaggedCommand[]): Promise<readonly Answer[]>
  /** False while this gateway's replica of the holder's partition is being restored or is behind. */
  isReady (holder: HolderId): boolean
  /** How far beyond its stop price a triggered stop may pay. */
  stopSlippage (holder: HolderId): BasisPoints
  /** Null where this gateway's replica has no such holder (yet), or is not ready. */
  holder (holder: HolderId): HolderView | null
  positions (holder: HolderId): readonly PositionView[]
  order (holder: HolderId, orderId: OrderId): OrderView | null
  orderByClientId (holder: HolderId, clientOrderId: string): OrderView | null
  openOrders (holder: HolderId): readonly OrderView[]
  /** Open ones, and those that closed a moment ago: what analytics may not have yet. */
  recentOrders (holder: HolderId): readonly OrderView[]
  /** Those that are not done with: with something left, or held. */
  lots (holder: HolderId): readonly LotView[]
  /** What the next sweep will move, as things are. */
  sweepPreview (holder: HolderId): readonly SweepView[]
}

// What happened to a holder's accounts, as analytics has it: one set of words for both.
export type {
  AccountHistory as AccountHistoryPort, Activity, Movement, MovementCondition, OwnTrade, OwnTradeCondition, PositionSpan
} from '../analytics/account-history.ts'
export {
  lotStatus, type Breakage, type BreakageCondition, type BreakageKey, type LotCondition, type LotKey, type LotStatus,
  type PastLot, type Swept, type SweptCondition, type SweptKey
} from '../analytics/lot-history.ts'

export type { ClosureReason, OrderType, Side, TimeInForce }
