// The end of a request: what it is billed as, in one reading, and how it went, in one report. Both are on disk before
// the last byte leaves.

import { holderId, instant, tokens, type HolderId, type Tokens } from '../../schemas/units.ts'
import type { MeterEvent, MeterPhase, RequestOutcome, RequestReport } from '../../schemas/usage/records.ts'
import type { Billable } from '../relay/billable.ts'
import type { Consumption } from './consumption.ts'
import type { Taken } from './taken.ts'

export type Reading = {
  readonly phase: MeterPhase
  readonly sequence: number
  readonly nonce: string
  readonly supplier: HolderId
  readonly input: number
  readonly output: number
  readonly more?: number
  readonly fault?: string
  readonly reason?: string
}

export const source = 'gateway'

export function readingOf (c: Consumption, { holder, instrument, requestId }: Taken, reading: Reading): MeterEvent {
  const { phase, sequence, nonce, supplier, input, output, more = 0, fault = '', reason = '' } = reading
  return {
    kind: 'meter-event',
    source,
    id: `${requestId}.${sequence}`,
    holder,
    instrumentId: instrument.instrumentId,
    requestId,
    sequence,
    nonce,
    phase,
    inputTokens: tokens(input),
    outputTokens: tokens(output),
    more: tokens(more),
    supplier,
    fault,
    reason,
    occurredAt: c.now()
  }
}

export type Ended = {
  readonly outcome: RequestOutcome
  readonly reason: string
  readonly status: number
  readonly billable: Billable | null
  readonly servedModel: string
  readonly supplier: HolderId
  readonly endpointId: string
  readonly attempts: number
  readonly firstTokenMs: number | null
}

const none = tokens(0)
const unserved = {
  billable: null, servedModel: '', supplier: holderId(0), endpointId: '', attempts: 0, firstTokenMs: null
} as const
const whole = (ms: number): number => Math.max(0, Math.round(ms))

export function reportOf (c: Consumption, taken: Taken, ended: Ended): RequestReport {
  const { holder, instrument, requestId, caller: { key }, inference, delivery, startedAt } = taken
  const { billable, outcome, reason, status, servedModel, supplier, endpointId, attempts, firstTokenMs } = ended
  const count = (value: number | undefined): Tokens => value === undefined ? none : tokens(value)
  return {
    kind: 'request-report',
    holder,
    instrumentId: instrument.instrumentId,
    requestId,
    keyId: key.keyId,
    tags: key.tags,
    surface: inference.surface,
    delivery,
    requestedModel: inference.model.slice(0, 200),
    servedModel: servedModel.slice(0, 200),
    supplier,
    endpointId,
    isStream: inference.isStream,
    outcome,
    reason,
    status,
    inputTokens: count(billable?.input),
    outputTokens: count(billable?.output),
    cachedTokens: count(billable?.cached),
    reasoningTokens: count(billable?.reasoning),
    isEstimated: billable?.isEstimated ?? false,
    overReported: billable?.overReported == null ? null : tokens(billable.overReported),
    attempts,
    firstTokenMs: firstTokenMs === null ? null : whole(firstTokenMs),
    durationMs: whole(c.elapsedMs() - startedAt),
    at: instant(c.now())
  }
}

/** Of a client that was sent on: how it ended is known later. */
export const redirectOf = (c: Consumption, taken: Taken): RequestReport =>
  reportOf(c, taken, { ...unserved, outcome: 'completed', reason: '', status: 307 })
