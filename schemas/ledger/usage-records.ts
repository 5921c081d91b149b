// What the ledger says about lots and usage. The Avro schemas beside this file say the same for the wire; a test holds
// the two together.

import type { HolderId, InstrumentId, Instant, LotId, Microdollars, Tokens } from '../units.ts'
import type { LedgerRefusal, UsageRefusal } from './refusals.ts'

export const lotChange = ['opened', 'drawn', 'expired', 'regranted'] as const

/** What became of tokens of a lot. The changes of a lot, in order, are all there is to know of it but what is held. */
export type LotChange = {
  readonly lotId: LotId
  readonly change: typeof lotChange[number]
  readonly tokens: Tokens
  /** Of a unit of the lot: tokens × price is what they cost in picodollars, exactly. */
  readonly price: Microdollars
  /** Of the fill that bought the lot; 0: none did. */
  readonly tradeSequence: number
  /** The cohort: the sweep period in which it was sold. */
  readonly period: number
  readonly openedAt: Instant
  /** As far as the instrument's clock is known to have stopped. */
  readonly expiresAt: Instant
  /** The part of what these tokens cost that grant money paid. */
  readonly grant: Microdollars
}

/** Of a capture: its lots are the breakdown of what it cost. */
export type UsageReceipt = {
  readonly requestId: string
  readonly sequence: number
  readonly source: string
  readonly eventId: string
  readonly supplier: HolderId
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
  /** Drawn. */
  readonly billed: Tokens
  /** Until then. */
  readonly held: Tokens
  /** Of the consumption key; empty: none. */
  readonly keyId: string
  /** Of a unit, where a managed supplier was paid token by token instead of lots being drawn; null: lots were. */
  readonly managedPrice: Microdollars | null
  readonly authorizedAt: Instant
  readonly occurredAt: Instant
}

export const authorizationStatus = ['parked', 'authorized', 'started', 'captured', 'voided', 'lapsed', 'refused'] as const
export type AuthorizationStatus = typeof authorizationStatus[number]

/** What a command made of a request, or why it made nothing of it: then the request is as it was. */
export type AuthorizationState = {
  readonly kind: 'authorization-state'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  /** The kind of the command; `market`: time, or a purchase. */
  readonly cause: string
  readonly refusal: UsageRefusal | LedgerRefusal | null
  readonly status: AuthorizationStatus
  readonly need: Tokens
  readonly held: Tokens
  /** As far as it said. */
  readonly produced: Tokens
  /** Paid for with cash, a managed supplier's price a token; else with lots. */
  readonly isManaged: boolean
  /** Of the consumption key; empty: none. */
  readonly keyId: string
  /** Of the live start; empty: none. */
  readonly nonce: string
  /** When it lapses, or stops waiting, unless it goes on. */
  readonly expiresAt: Instant
  readonly at: Instant
}
