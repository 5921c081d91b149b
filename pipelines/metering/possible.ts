// What no reading can say, and what is written of one that says it all the same.

import type { MeterEvent, UnbilledReason, UnbilledUsage } from '../../schemas/usage/records.ts'
import {
  type HolderId, type InstrumentId, type Instant, type Tokens, partitionOfHolder
} from '../../schemas/units.ts'
import type { Metering, Position } from './metering.ts'

/** More tokens than any request takes; also the highest sequence. */
export const tokensMax = 10 ** 12
/** In characters: of ids, names and reasons. */
export const textMax = 200
/** What a record holds of a number. */
const idMax = Number.MAX_SAFE_INTEGER - 1

const isWhole = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

const isName = (text: string): boolean => text.length >= 1 && text.length <= textMax

const isMeasured = ({ inputTokens, outputTokens, more }: MeterEvent): boolean =>
  isWhole(inputTokens, 0, tokensMax) && isWhole(outputTokens, 0, tokensMax) &&
  isWhole(inputTokens + outputTokens, 0, tokensMax) && isWhole(more, 0, tokensMax)

const isNamed = ({ source, id, requestId, instrumentId, nonce, fault, reason }: MeterEvent): boolean =>
  isName(source) && isName(id) && isName(requestId) && isName(instrumentId) &&
  nonce.length <= textMax && fault.length <= textMax && reason.length <= textMax

/** Whether a reading's own time is one: stage time may lag behind it, but not without end. */
export const isTimed = ({ now, limits }: Metering, { occurredAt }: MeterEvent): boolean =>
  Number.isSafeInteger(occurredAt) && occurredAt <= now + limits.aheadMs

export function isPossible (state: Metering, reading: MeterEvent, { partition, partitions }: Position): boolean {
  const { holder, supplier, sequence } = reading
  return isMeasured(reading) && isNamed(reading) && isTimed(state, reading) && isWhole(sequence, 1, tokensMax) &&
    isWhole(supplier, 0, idMax) && isWhole(holder, 1, idMax) && partitionOfHolder(holder, partitions) === partition
}

const cut = (text: string): string => text.slice(0, textMax)

/** The nearest that can be. */
function within (value: number, min: number, max: number): number {
  return Number.isNaN(value) ? min : Math.min(Math.max(Math.trunc(value), min), max)
}

/** What is said of a reading that is not billed, whatever it says. */
export function unbilled (reading: MeterEvent, reason: UnbilledReason, at: Instant): UnbilledUsage {
  const inputTokens = within(reading.inputTokens, 0, tokensMax) as Tokens
  const outputTokens = within(reading.outputTokens, 0, tokensMax) as Tokens
  return {
    kind: 'unbilled-usage',
    holder: within(reading.holder, 0, idMax) as HolderId,
    instrumentId: cut(reading.instrumentId) as InstrumentId,
    requestId: cut(reading.requestId),
    sequence: within(reading.sequence, 0, tokensMax),
    source: cut(reading.source),
    eventId: cut(reading.id),
    supplier: within(reading.supplier, 0, idMax) as HolderId,
    // What a request has taken so far bills nothing, and leaves nothing unbilled: its last reading says it again.
    tokens: (reading.phase === 'progress' ? 0 : inputTokens + outputTokens) as Tokens,
    inputTokens,
    outputTokens,
    reason,
    at
  }
}
