// What the ledger reads about lots and usage, as the stages see it. The Avro schemas beside this file say the same for
// the wire; a test holds the two together.

import type { HolderId, InstrumentId, Instant, LotId, Microdollars, Tokens } from '../units.ts'

/** Who measures a request: the gateway, or a supplier's edge. */
export type Source = 'gateway' | `supplier:${number}`

/** Holds `min(need, available)` tokens for a request if that is at least `min`; in Auto Mode it may wait for more. */
export type AuthorizeUsage = {
  readonly kind: 'authorize-usage'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly need: Tokens
  readonly min: Tokens
  /** The one source of record: only its readings bill the request, and only it may void. */
  readonly recorder: string
  /** What Auto Mode may pay for more; null: it buys nothing. */
  readonly limitPrice: Microdollars | null
  /** What one purchase of Auto Mode may cost, its fee included; null: what cash there is. */
  readonly spendMax: Microdollars | null
  /** Of the consumption key; empty: none. */
  readonly keyId: string
  /** What the key may draw in a period; null: not bounded. */
  readonly budget: Tokens | null
  readonly budgetPeriod: string
  /** What a unit costs, token by token, from a managed supplier where nothing can be bought; null: it may not. */
  readonly managedPrice: Microdollars | null
}

export const budgetPeriod = ['day', 'month', 'total'] as const
/** Days and months are UTC's. */
export type BudgetPeriod = typeof budgetPeriod[number]

/** A supplier begins to answer. One start is live at a time. */
export type StartUsage = {
  readonly kind: 'start-usage'
  readonly holder: HolderId
  readonly requestId: string
  readonly nonce: string
  /** 0: not said. */
  readonly supplier: HolderId
}

/** The attempt ended before its first byte. */
export type UnstartUsage = {
  readonly kind: 'unstart-usage'
  readonly holder: HolderId
  readonly requestId: string
  readonly nonce: string
}

/** The request goes on: it lives longer, says what it has taken, and holds more. */
export type ExtendUsage = {
  readonly kind: 'extend-usage'
  readonly holder: HolderId
  readonly requestId: string
  /** Rising within the request, with its capture's; each counts once. */
  readonly sequence: number
  readonly nonce: string
  readonly source: string
  /** Until now, input included. */
  readonly produced: Tokens
  /** To be held beyond what is held. */
  readonly more: Tokens
}

/** What the request took, for good. Billed is `min(taken, held)`. */
export type CaptureUsage = {
  readonly kind: 'capture-usage'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly sequence: number
  readonly nonce: string
  readonly source: string
  readonly eventId: string
  readonly supplier: HolderId
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
  readonly occurredAt: Instant
}

export const usageFault = ['supplier', 'house', 'client'] as const
export type UsageFault = typeof usageFault[number]

/** The request comes to nothing. What expired meanwhile is given anew, unless the fault is the client's. */
export type VoidUsage = {
  readonly kind: 'void-usage'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly sequence: number
  readonly nonce: string
  readonly source: string
  readonly eventId: string
  readonly fault: string
  readonly reason: string
  /** Delivered all the same. */
  readonly tokens: Tokens
  readonly occurredAt: Instant
}

/** Books what an expired lot still has as breakage; of any other lot it does nothing. */
export type ExpireLot = {
  readonly kind: 'expire-lot'
  readonly holder: HolderId
  readonly lotId: LotId
}

/** Books what past sweeps have moved to Consumption; where there is nothing, it does nothing. */
export type SweepPosition = {
  readonly kind: 'sweep-position'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
}

/** The instrument's lots stop ageing: nobody serves it, or an outage was declared. */
export type StopClock = {
  readonly kind: 'stop-clock'
  readonly instrumentId: InstrumentId
  readonly effectiveAt: Instant
}

export type StartClock = {
  readonly kind: 'start-clock'
  readonly instrumentId: InstrumentId
  readonly effectiveAt: Instant
}

export type UsageCommand = AuthorizeUsage | StartUsage | UnstartUsage | ExtendUsage | CaptureUsage | VoidUsage
export type LotCommand = ExpireLot | SweepPosition | StopClock | StartClock
