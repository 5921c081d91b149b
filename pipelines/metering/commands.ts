// What the ledger is told of a reading.

import type { CaptureUsage, ExtendUsage, VoidUsage } from '../../schemas/ledger/usage-commands.ts'
import type { MeterEvent } from '../../schemas/usage/records.ts'
import type { Tokens } from '../../schemas/units.ts'

const taken = ({ inputTokens, outputTokens }: MeterEvent): Tokens => inputTokens + outputTokens as Tokens

export function captureOf (reading: MeterEvent): CaptureUsage {
  return {
    kind: 'capture-usage',
    holder: reading.holder,
    instrumentId: reading.instrumentId,
    requestId: reading.requestId,
    sequence: reading.sequence,
    nonce: reading.nonce,
    source: reading.source,
    eventId: reading.id,
    supplier: reading.supplier,
    inputTokens: reading.inputTokens,
    outputTokens: reading.outputTokens,
    occurredAt: reading.occurredAt
  }
}

export function extensionOf (reading: MeterEvent): ExtendUsage {
  return {
    kind: 'extend-usage',
    holder: reading.holder,
    requestId: reading.requestId,
    sequence: reading.sequence,
    nonce: reading.nonce,
    source: reading.source,
    produced: taken(reading),
    more: reading.more
  }
}

export function voidOf (reading: MeterEvent): VoidUsage {
  return {
    kind: 'void-usage',
    holder: reading.holder,
    instrumentId: reading.instrumentId,
    requestId: reading.requestId,
    sequence: reading.sequence,
    nonce: reading.nonce,
    source: reading.source,
    eventId: reading.id,
    fault: reading.fault,
    reason: reading.reason,
    tokens: taken(reading),
    occurredAt: reading.occurredAt
  }
}
