// Records that an operator has marked to be passed over, when a stage can't get past one. The mark is a record in the
// compacted snapshots topic, kept for ever, so that every process and every later replay passes over the same ones.
//
//   key := 'skip/' topic '/' partition '/' offset        value: why

import type { Log, LogRecord, Place } from './log.ts'
import type { Instant } from '../../schemas/units.ts'
import { readToEnd } from './read.ts'

const pattern = /^skip\/(.+)\/(\d+)\/(\d+)$/

export const isSkip = ({ key }: LogRecord): boolean => pattern.test(key?.toString() ?? '')

/** The marked offsets of one partition of a stage's topic. `snapshots` is where its snapshots lie. */
export async function readSkips (log: Log, snapshots: Place, stage: Place): Promise<ReadonlySet<number>> {
  const skips = new Set<number>()
  await readToEnd(log, snapshots, ({ key, value }) => {
    const match = pattern.exec(key?.toString() ?? '')
    if (value === null || match?.[1] !== stage.topic || Number(match[2]) !== stage.partition) return
    skips.add(Number(match[3]))
  })
  return skips
}

export type Skip = Place & { readonly offset: number, readonly why: string }

/** Marks one record. The stage passes over it from its next start on, and writes it to the dead letters. */
export async function markSkip (log: Log, snapshots: Place, skip: Skip): Promise<void> {
  const key = `skip/${skip.topic}/${skip.partition}/${skip.offset}`
  await log.send([{ ...snapshots, key, value: Buffer.from(skip.why), headers: {}, timestamp: 0 as Instant }])
}
