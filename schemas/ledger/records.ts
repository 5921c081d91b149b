// What the ledger says: refusals, orders as their holders see them, the journal. The Avro schemas beside this file say
// the same for the wire; a test holds the two together.

import type {
  AmendOrder, CancelOrder, ClosureReason, OrderType, PlaceOrder, RefusalReason, Role, TimeInForce, UpdateCause
} from '../matching/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, Side, Units } from '../units.ts'
import type { ReceiveFunds, ReturnFunds } from './commands.ts'
import type { UnbilledUsage } from '../usage/records.ts'
import type { LedgerRefusal, UsageRefusal } from './refusals.ts'
import type { AuthorizationState, LotChange, UsageReceipt } from './usage-records.ts'

/** Accounts of a holder may not be negative; those of the house may. */
export const holderAccount = ['cash', 'grant', 'pending', 'trading', 'issuance', 'consumption'] as const
export type HolderAccount = typeof holderAccount[number]
export const houseAccount = [
  'in_transit', 'fees', 'deposits', 'grants', 'managed', 'issued', 'conversion', 'drawn', 'breakage'
] as const
export type HouseAccount = typeof houseAccount[number]

export type Posting = {
  readonly account: HolderAccount | HouseAccount
  /** 0: the house, in this partition. */
  readonly holder: HolderId
  /** `usd` in microdollars, a symbol in units, `symbol:tokens` in tokens. */
  readonly asset: string
  readonly amount: number
}

export const entryType = [
  'fill', 'deposit', 'grant', 'withdrawal', 'transfer_out', 'transfer_in', 'transfer_returned', 'issuance',
  'issued_transfer', 'consumption_transfer', 'proceeds_final', 'sweep', 'usage', 'breakage', 'regrant'
] as const
export type EntryType = typeof entryType[number]

export type TradeLeg = {
  readonly orderId: OrderId
  readonly sequence: number
  readonly side: Side
  readonly role: Role
  readonly price: Microdollars
  readonly quantity: Units
  readonly fee: Microdollars
  readonly grant: Microdollars
  readonly period: number
}

/** Postings that sum to zero for each asset; immutable. Entry sequences have no gaps in a partition. */
export type JournalEntry = {
  readonly kind: 'journal-entry'
  readonly sequence: number
  readonly holder: HolderId
  readonly type: EntryType
  /** The command's; `instrumentId:sequence` of the fill; `sweep:instrumentId:period`; `lot:id`; a request's id. */
  readonly reference: string
  readonly instrumentId: InstrumentId | null
  readonly postings: readonly Posting[]
  /** What the units cost that moved into or out of Trading. */
  readonly cost: Microdollars
  readonly trade: TradeLeg | null
  readonly bookedAt: Instant
  readonly lots: readonly LotChange[]
  /** Of a capture. */
  readonly usage: UsageReceipt | null
}

export const ledgerOrderStatus = ['held', 'resting', 'partly_filled', 'filled', 'cancelled', 'refused', 'expired'] as const
export type LedgerOrderStatus = typeof ledgerOrderStatus[number]

/** An order as its holder sees it after a change; or, with status `refused`, one that never was. */
export type OrderState = {
  readonly kind: 'order-state'
  readonly orderId: OrderId
  /** Of this order's states, from 1. */
  readonly sequence: number
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly cause: UpdateCause
  readonly refusal: LedgerRefusal | RefusalReason | null
  readonly status: LedgerOrderStatus
  readonly closureReason: ClosureReason | null
  readonly clientOrderId: string | null
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  readonly reduceOnly: boolean
  readonly autoTransfer: boolean
  /** Null: a market order's. */
  readonly price: Microdollars | null
  readonly stopPrice: Microdollars | null
  /** 0 of an order by notional. */
  readonly quantity: Units
  readonly notional: Microdollars | null
  readonly filledQuantity: Units
  readonly filledNotional: Microdollars
  readonly fee: Microdollars
  /** Microdollars of a buy, units of a sell. */
  readonly heldAmount: number
  /** Of an OCO; 0: none. */
  readonly otherLeg: OrderId
  readonly expiresAt: Instant | null
  readonly submittedAt: Instant
  readonly acceptedAt: Instant
  readonly at: Instant
  readonly closedAt: Instant | null
}

/** What became of a command that no order's state tells. */
export type CommandOutcome = {
  readonly kind: 'command-outcome'
  readonly holder: HolderId
  /** Its kind. */
  readonly command: string
  /** Null: it was done. */
  readonly refusal: LedgerRefusal | UsageRefusal | null
  /** Of a repeated submit-order the first one's; 0: none. */
  readonly orderId: OrderId
  /** Orders that are to be cancelled; units that were swept; tokens that expired. */
  readonly count: number
  readonly reference: string
  readonly at: Instant
}

export type LedgerOutput = PlaceOrder | CancelOrder | AmendOrder | OrderState | CommandOutcome | JournalEntry |
  ReceiveFunds | ReturnFunds | AuthorizationState | UnbilledUsage
