// What the ledger reads, as the stages see it. The Avro schemas beside this file say the same for the wire; a test
// holds the two together.

import type {
  ClosureReason, OrderOutcome, OrderType, PeriodClosed, ReferencePrice, SelfTradePrevention, TimeInForce
} from '../matching/records.ts'
import type { LedgerRefusal } from './refusals.ts'
import type { LotCommand, UsageCommand } from './usage-commands.ts'
import type {
  BasisPoints, HolderId, InstrumentId, Instant, Microdollars, OrderId, OwnerId, Side, Units
} from '../units.ts'

/** Asks for an order: checked, held for, handed to matching. */
export type SubmitOrder = {
  readonly kind: 'submit-order'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  readonly reduceOnly: boolean
  /** The limit; of a market or stop order its protection price, stamped at the gateway. */
  readonly price: Microdollars | null
  readonly stopPrice: Microdollars | null
  /** Null: by notional. */
  readonly quantity: Units | null
  /** What a market buy may cost, its fee included. Null: by quantity. */
  readonly notional: Microdollars | null
  /** Of gtd; the ledger gives day orders theirs. */
  readonly expiresAt: Instant | null
  readonly oco: OcoStop | null
  /** Reserved while the order is open and 24 h after. */
  readonly clientOrderId: string | null
  /** A hash of what the client asked for, normalised: tells a repeat from a conflict. */
  readonly content: string
  readonly selfTradePrevention: SelfTradePrevention
  readonly autoTransfer: boolean
  /** Of the book from which the gateway took the protection price. */
  readonly bookSequence: number | null
  readonly submittedAt: Instant
  /** Of the header: so that a repeat can be told which order it was. */
  readonly commandId: string
}

/** A stop leg beside the limit order that it comes with. */
export type OcoStop = {
  readonly isLimit: boolean
  readonly stopPrice: Microdollars
  /** Its limit, or its protection price. */
  readonly price: Microdollars
}

export type SubmitCancel = {
  readonly kind: 'submit-cancel'
  readonly holder: HolderId
  readonly orderId: OrderId
}

/** What is null stays as it is. */
export type SubmitAmend = {
  readonly kind: 'submit-amend'
  readonly holder: HolderId
  readonly orderId: OrderId
  readonly price: Microdollars | null
  /** The new total. */
  readonly quantity: Units | null
  readonly stopPrice: Microdollars | null
  readonly timeInForce: TimeInForce | null
  /** Of gtd. */
  readonly expiresAt: Instant | null
}

export type CancelAll = {
  readonly kind: 'cancel-all'
  readonly holder: HolderId
  /** Null: all. */
  readonly instrumentId: InstrumentId | null
  /** The closure reason that the orders are to have. */
  readonly reason: ClosureReason
}

/** Cancels all open orders unless it comes again within the timeout, in stage time; 0 ends it. */
export type SetDeadMan = {
  readonly kind: 'set-dead-man'
  readonly holder: HolderId
  readonly timeoutMs: number
}

export type SetHolder = {
  readonly kind: 'set-holder'
  readonly holder: HolderId
  readonly owner: OwnerId
  /** Suppliers may issue supply. */
  readonly isIssuer: boolean
  /** Cancels only. */
  readonly isSuspended: boolean
}

export const accountMode = ['easy', 'advanced'] as const
/** `easy`: the market buys for the account. `advanced`: it trades. */
export type AccountMode = typeof accountMode[number]

export type SetAccountMode = {
  readonly kind: 'set-account-mode'
  readonly holder: HolderId
  readonly mode: AccountMode
}

// `reference`, of all that follow, is the idempotence key of what moves money or units: a repeat with the same content
// changes nothing, one with other content is refused.

export type Deposit = {
  readonly kind: 'deposit'
  readonly holder: HolderId
  readonly amount: Microdollars
  /** Granted by the market: to be spent here, never withdrawn. */
  readonly isGrant: boolean
  readonly reference: string
}

export type Withdraw = {
  readonly kind: 'withdraw'
  readonly holder: HolderId
  readonly amount: Microdollars
  readonly reference: string
}

export type TransferFunds = {
  readonly kind: 'transfer-funds'
  readonly holder: HolderId
  /** Of both. */
  readonly owner: OwnerId
  readonly to: HolderId
  readonly amount: Microdollars
  readonly reference: string
}

/** The second half of a transfer, from the sender's partition. */
export type ReceiveFunds = {
  readonly kind: 'receive-funds'
  readonly holder: HolderId
  readonly owner: OwnerId
  readonly from: HolderId
  readonly amount: Microdollars
  readonly reference: string
}

/** A transfer that its receiver could not take. */
export type ReturnFunds = {
  readonly kind: 'return-funds'
  readonly holder: HolderId
  readonly to: HolderId
  readonly amount: Microdollars
  readonly refusal: LedgerRefusal
  readonly reference: string
}

export type IssueSupply = {
  readonly kind: 'issue-supply'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly quantity: Units
  readonly reference: string
}

/** From Issuance to Trading. */
export type TransferIssued = {
  readonly kind: 'transfer-issued'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly quantity: Units
  readonly reference: string
}

/** From Trading to Consumption, for good. */
export type TransferToConsumption = {
  readonly kind: 'transfer-to-consumption'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly quantity: Units
  readonly reference: string
}

export type FinalizeProceeds = {
  readonly kind: 'finalize-proceeds'
  readonly holder: HolderId
  readonly amount: Microdollars
  readonly reference: string
}

export type ListInstrument = {
  readonly kind: 'list-instrument'
  readonly instrumentId: InstrumentId
  /** Its partition in topics by instrument. */
  readonly index: number
  /** Until matching says another. */
  readonly referencePrice: Microdollars
}

export type FeeTier = {
  /** Notional traded in the last 30 days from which the tier counts; the first tier's is 0. */
  readonly volumeFrom: Microdollars
  readonly makerBp: BasisPoints
  readonly takerBp: BasisPoints
}

/** The whole set, each time. */
export type SetLedgerParameters = {
  readonly kind: 'set-ledger-parameters'
  /** Rising by volumeFrom. */
  readonly feeTiers: readonly FeeTier[]
  /** Open orders a holder may have in an instrument. */
  readonly openOrdersMax: number
  /** How far beyond its stop price a triggered stop may pay. */
  readonly stopSlippageBp: BasisPoints
  /** Until its first deposit of money an account may make so many requests a UTC day, and so many at once. */
  readonly freeRequestsPerDay: number
  readonly freeOpenMax: number
}

/** What holds until a command says otherwise. */
export const ledgerParameters: Omit<SetLedgerParameters, 'kind'> = {
  feeTiers: [{ volumeFrom: 0 as Microdollars, makerBp: 0 as BasisPoints, takerBp: 10 as BasisPoints }],
  openOrdersMax: 200,
  stopSlippageBp: 500 as BasisPoints,
  freeRequestsPerDay: 100,
  freeOpenMax: 3
}

export type LedgerCommand = SubmitOrder | SubmitCancel | SubmitAmend | CancelAll | SetDeadMan | SetHolder |
  SetAccountMode | Deposit | Withdraw | TransferFunds | ReceiveFunds | ReturnFunds | IssueSupply | TransferIssued |
  TransferToConsumption | FinalizeProceeds | ListInstrument | SetLedgerParameters | OrderOutcome | ReferencePrice |
  PeriodClosed | UsageCommand | LotCommand
