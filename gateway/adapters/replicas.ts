// A stage as this gateway follows it: its replicas, and where their logs end.

import type { Instant } from '../../schemas/units.ts'
import type { Watch } from './watch.ts'

/** What is asked of a replica: its state, and where in the log that is. */
export type ReplicaView<State> = {
  readonly state: State
  /** The offset of the record that comes next. */
  readonly next: number
  /** Stage time. */
  readonly now: Instant
}

export type ReplicasView<State = unknown> = {
  readonly stage: string
  /** The topic on the broker. */
  readonly topic: string
  readonly partitions: readonly number[]
  replica (partition: number): ReplicaView<State> | undefined
  /** Where its log ended when that was last asked; undefined before. */
  end (partition: number): number | undefined
}

export const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`

type Followed<State> = Pick<ReplicasView<State>, 'stage' | 'topic' | 'partitions' | 'replica'>

/** The replicas of a host, beside the ends that are watched. */
export function replicasView<State> (followed: Followed<State>, watch: Watch): ReplicasView<State> {
  return { ...followed, end: partition => watch.ends.value?.get(placeOf(followed.topic, partition)) }
}

/** Records that are known to be in the log and are not applied here yet; undefined while that is not known. */
export function lagOf (replicas: ReplicasView, partition: number): number | undefined {
  const end = replicas.end(partition)
  const next = replicas.replica(partition)?.next
  return end === undefined || next === undefined ? undefined : Math.max(0, end - next)
}
