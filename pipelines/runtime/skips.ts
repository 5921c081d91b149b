// Records that an operator has marked to be passed over, when a stage can't get past one. The mark is a record in the
// compacted snapshots topic, kept for ever, so that every process and every later replay passes over the same ones.
//
//   key := 'skip/' topic '/' partition '/' offset        value: why

import type { Log, Place } from './log.ts'
import type { Instant } from '../../schemas/units.ts'
import { readToEnd } from './snapshot.ts'

const pattern = /^skip\/(.+)\/(\d+)\/(\d+)$/

/** The marked offsets of one partition of a stage's topic. `snapshots` is where its snapshots lie. */
export async function readSkips (log: Log, snapshots: Place, stage: Place): Promise<ReadonlySet<number>> {
  const skips = new Set<number>()
  await readToEnd(log, snapshots, ({ key, value }) => {
    const match = pattern.exec(key?.toString() ?? '')
    if (match?.[1] === stage.topic && Number(match[2]) === stage.partition && value !== null) skips.add(Number(match[3]))
  })
  return skips
}

/** Marks one record. The stage passes over it from its next start on, and writes it to the dead letters. */
export async function markSkip (log: Log, snapshots: Place, skip: Place & { offset: number, why: string }): Promise<void> {
  const key = `skip/${skip.topic}/${skip.partition}/${skip.offset}`
  await log.send([{ ...snapshots, key, value: Buffer.from(skip.why), headers: {}, timestamp: 0 as Instant }])
}
