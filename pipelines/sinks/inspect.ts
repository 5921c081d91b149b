// The eyes on the one topic that no sink reads: `snapshots` holds no Avro, and is read by whoever restores. What lies
// there and is nobody's is ignored by all of them; here it becomes a dead letter, so that it is seen.

import { deadLetterOf, type DeadLetter } from '../runtime/dead-letters.ts'
import type { Log, LogRecord, Reading } from '../runtime/log.ts'
import { positionFault } from '../runtime/positions.ts'
import { isSkip } from '../runtime/skips.ts'
import { snapshotFault } from '../runtime/snapshot.ts'

export type InspectOptions = {
  readonly log: Log
  /** Of the snapshots topic on the broker. */
  readonly topic: string
  readonly partitions: number
  readonly setAside: (letter: DeadLetter) => Promise<void>
  readonly failed: (error: unknown) => void
}

const reader = 'inspect-snapshots'

/** Why a record of the snapshots topic is none of ours; undefined where it is. */
export function faultOf (record: LogRecord): string | undefined {
  if (isSkip(record)) return undefined
  const faults = [snapshotFault(record), positionFault(record)]
  return faults.includes(undefined) ? undefined : faults.find(fault => fault !== null) ?? 'a key that nobody here writes'
}

/** Reads from the start at each start: the topic is compacted, and a dead letter written twice is one row. */
export async function inspectSnapshots (options: InspectOptions): Promise<() => Promise<void>> {
  const { log, topic, partitions, setAside, failed } = options
  const readings: Reading[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const { start } = await log.extent(topic, partition)
    readings.push(await log.read({ topic, partition, from: start }, async batch => {
      for (const record of batch) {
        const detail = faultOf(record)
        if (detail === undefined) continue
        await setAside(deadLetterOf({ topic, partition, record, reader, reason: 'not_a_snapshot', detail }))
      }
    }, failed))
  }
  return async () => { await Promise.all(readings.map(reading => reading.close())) }
}
