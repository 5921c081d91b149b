// Readings as tests make them: a final one of a holder whose partition is the first but one.

import { topics } from '../../../schemas/topics.ts'
import type { MeterEvent } from '../../../schemas/usage/records.ts'
import { holderId, instant, instrumentId, tokens } from '../../../schemas/units.ts'

export const noon = 1_700_000_000_000
export const partition = 1
export const consumer = holderId(topics.usage.partitions + partition)

export const readingOf = (changes: Partial<MeterEvent> = {}): MeterEvent => ({
  kind: 'meter-event',
  source: 'gateway',
  id: 'm1',
  holder: consumer,
  instrumentId: instrumentId('text-prime'),
  requestId: 'r1',
  sequence: 1,
  nonce: 'n1',
  phase: 'final',
  inputTokens: tokens(100),
  outputTokens: tokens(50),
  more: tokens(0),
  supplier: holderId(7),
  fault: '',
  reason: '',
  occurredAt: instant(noon),
  ...changes
})
