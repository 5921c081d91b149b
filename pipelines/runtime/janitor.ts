// The janitor: command topics have no retention by time; what no restore can need any more is deleted here.

import type { Instant } from '../../schemas/units.ts'
import type { Log } from './log.ts'
import type { SnapshotStore } from './snapshot.ts'

export type TrimPlace = {
  readonly log: Log
  readonly topic: string
  readonly partition: number
  readonly snapshots: SnapshotStore
}

export type Keep = { readonly keepMs: number, readonly now: Instant }

/**
 * Deletes what is both older than `keepMs` and below the second-newest good snapshot. Returns the offset below which
 * nothing is left, or undefined where there are not two good snapshots to rely on.
 */
export async function trim (place: TrimPlace, { keepMs, now }: Keep): Promise<number | undefined> {
  const { log, topic, partition, snapshots } = place
  const second = (await snapshots.sets()).secondNewest() // R9
  if (second === undefined) return undefined
  const young = await log.offsetAt(topic, partition, now - keepMs as Instant)
  const before = Math.min(second, young)
  const { start } = await log.extent(topic, partition)
  if (before > start) await log.trim(topic, partition, before)
  return Math.max(before, start)
}
