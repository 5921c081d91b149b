// Records that could not be used, and what is kept of them.

import type { Instant } from '../../schemas/units.ts'
import type { LogRecord } from './log.ts'

export type DeadLetter = {
  readonly kind: 'dead-letter'
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly reader: string
  readonly reason: string
  readonly detail: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly at: Instant
}

export type Failing = {
  readonly topic: string
  readonly partition: number
  readonly record: LogRecord
  readonly reader: string
  readonly reason: string
  readonly detail: string
}

const keyBytesMax = 1000
const valueBytesMax = 64 * 1024

export function deadLetterOf ({ topic, partition, record, reader, reason, detail }: Failing): DeadLetter {
  return {
    kind: 'dead-letter',
    topic,
    partition,
    offset: record.offset,
    reader,
    reason,
    detail: detail.slice(0, 1000),
    key: record.key?.subarray(0, keyBytesMax) ?? null,
    value: record.value?.subarray(0, valueBytesMax) ?? null,
    at: record.timestamp
  }
}
