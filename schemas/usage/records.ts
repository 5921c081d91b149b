// Readings of what requests take, as the stages see them. The Avro schemas beside this file say the same for the wire;
// a test holds the two together.

import type { HolderId, InstrumentId, Instant, Tokens } from '../units.ts'

export const meterPhase = ['progress', 'final', 'failed'] as const
export type MeterPhase = typeof meterPhase[number]

/** One reading. CloudEvents' source and id are its identity. */
export type MeterEvent = {
  readonly kind: 'meter-event'
  /** `gateway`, or `supplier:HOLDER`. */
  readonly source: string
  readonly id: string
  /** The consumer. */
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  /** Of this request's readings, from 1. */
  readonly sequence: number
  /** Of the start it belongs to. */
  readonly nonce: string
  /** `failed`: what was delivered is not to be billed. */
  readonly phase: MeterPhase
  /** Until now. */
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
  /** Of progress: to be held beyond what is held. */
  readonly more: Tokens
  /** 0: not said. */
  readonly supplier: HolderId
  /** Of a failed one: whose; else empty. */
  readonly fault: string
  readonly reason: string
  /** By the source's clock. */
  readonly occurredAt: Instant
}

/** Why measured tokens are not billed. API: shown as it is, never renamed. */
export const unbilledReason = [
  // Metering says:
  'impossible', 'contradicts', 'too_late',
  // The ledger says:
  'unknown_request', 'not_started', 'stale_nonce', 'closed_request', 'beyond_held', 'voided', 'below_produced'
] as const
export type UnbilledReason = typeof unbilledReason[number]

/** Tokens that were measured and are not billed. With its event, or its request and sequence, its identity. */
export type UnbilledUsage = {
  readonly kind: 'unbilled-usage'
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly sequence: number
  readonly source: string
  readonly eventId: string
  readonly supplier: HolderId
  /** Those that are not billed. */
  readonly tokens: Tokens
  /** Of the reading. */
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
  readonly reason: UnbilledReason
  readonly at: Instant
}

export const requestOutcome = ['completed', 'cut', 'disconnected', 'failed', 'refused'] as const
export type RequestOutcome = typeof requestOutcome[number]

/** How a request went, without a word of it: what it was asked as, who served it, how fast. Money is not here. */
export type RequestReport = {
  readonly kind: 'request-report'
  /** The consumer. */
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  /** Of the consumption key, and the key's own words for its requests. */
  readonly keyId: string
  readonly tags: readonly string[]
  /** chat, messages, responses. */
  readonly surface: string
  readonly delivery: string
  /** As the client called it, and as the supplier did. */
  readonly requestedModel: string
  readonly servedModel: string
  /** 0: none. */
  readonly supplier: HolderId
  readonly endpointId: string
  readonly isStream: boolean
  readonly outcome: string
  /** Of what was not completed; and `balance` where it was cut for want of tokens. */
  readonly reason: string
  /** HTTP, as the client saw it. */
  readonly status: number
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
  readonly cachedTokens: Tokens
  readonly reasoningTokens: Tokens
  /** Counted by the reference tokenizer. */
  readonly isEstimated: boolean
  /** What the supplier said beyond what is plausible. */
  readonly overReported: Tokens | null
  readonly attempts: number
  /** From the request to the upstream to its first token. */
  readonly firstTokenMs: number | null
  readonly durationMs: number
  /** When it ended, by the clock of who served. */
  readonly at: Instant
}
