// What Auto-Reload needs of a payment processor.

import type { HolderId, Instant, Microdollars } from '../../schemas/units.ts'

export type ChargeAsked = {
  readonly holder: HolderId
  /** As the processor knows the card. */
  readonly method: string
  readonly amount: Microdollars
  /** At most one charge is ever approved under it, and whoever asks again is answered with that one. */
  readonly idempotencyKey: string
}

export type Approved = {
  readonly kind: 'approved'
  /** The processor's. */
  readonly reference: string
  /** What was charged: of a repeat, the first time. */
  readonly amount: Microdollars
  /** When the money was taken, by the processor's clock: the same for whoever asks. */
  readonly at: Instant
}

/** Nothing was charged, and asking again under the same key may go better. */
export type Declined = { readonly kind: 'declined', readonly reason: string }

export type Charged = Approved & { readonly idempotencyKey: string }

export type PaymentPort = {
  /** Rejects where nobody knows what came of it: the same again finds out. */
  charge (asked: ChargeAsked): Promise<Approved | Declined>
  /** Those that were approved and belong here; perhaps older ones too. */
  approvedSince (at: Instant): Promise<readonly Charged[]>
}

const microdollarsPerCent = 10_000

/** Null for what is no whole number of cents. */
export const centsOf = (amount: Microdollars): number | null =>
  amount > 0 && amount % microdollarsPerCent === 0 ? amount / microdollarsPerCent : null

export const amountOf = (cents: number): Microdollars => cents * microdollarsPerCent as Microdollars
