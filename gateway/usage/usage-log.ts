// Readings as records of `usage`. They are not lost by a log that is down or slow: who sent them is told to send again,
// and whatever arrives twice counts once.

import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Log, Outgoing } from '../../pipelines/runtime/log.ts'
import type { MeterEvent } from '../../schemas/usage/records.ts'
import { instant, partitionOfHolder, type Instant } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import type { TaggedReading, UsagePort } from './usage-port.ts'

export type UsageLogOptions = {
  readonly log: Pick<Log, 'send'>
  /** The topic on the broker. */
  readonly topic: string
  readonly partitions: number
  readonly encode: (reading: MeterEvent) => Buffer
  readonly now: () => Instant
  /** How long who sent them waits. */
  readonly deadlineMs?: number
  /** A send was rejected: for the log of operators. */
  readonly rejected?: (error: unknown) => void
}

const deadlineMsDefault = 5000
/** Beyond so many on their way the log is not keeping up. */
const waitingMax = 20_000

/** A reading has no time after which it must not count. */
const validUntil = instant(0)

function unknown (): ApiError {
  const message = 'The log did not confirm this in time. Send it again: nothing is lost by it, nor counted twice.'
  return new ApiError('unavailable', message, { headers: { 'retry-after': '1' } })
}

/** The same, for what was not sent at all. */
function full (): ApiError {
  const message = 'The log is not keeping up, and this was not sent. Send it again: nothing is lost by that.'
  return new ApiError('unavailable', message, { headers: { 'retry-after': '5' } })
}

export function usagePort (options: UsageLogOptions): UsagePort {
  const { log, topic, partitions, encode, now, deadlineMs = deadlineMsDefault, rejected } = options
  let waiting = 0
  const record = ({ reading, id }: TaggedReading): Outgoing => ({
    topic,
    partition: partitionOfHolder(reading.holder, partitions),
    key: String(reading.holder),
    value: encode(reading),
    headers: { command: writeCommandTag({ id, validUntil }) },
    timestamp: now()
  })
  return {
    async report (readings) {
      if (waiting + readings.length > waitingMax) throw full()
      const records = readings.map(record)
      waiting += readings.length
      const sent = log.send(records)
        .catch((error: unknown) => {
          rejected?.(error)
          throw unknown()
        })
        .finally(() => { waiting -= readings.length })
      await within(sent, deadlineMs)
    }
  }
}

async function within (sent: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => { late.reject(unknown()) }, ms)
  try {
    await Promise.race([sent, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
