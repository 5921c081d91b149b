// Books from this gateway's own replicas of matching.

import type { Matching } from '../../pipelines/matching/matching.ts'
import { marketView } from '../../pipelines/matching/views.ts'
import { instrumentById } from '../../schemas/instruments.ts'
import type { Instant } from '../../schemas/units.ts'
import type { BookPort } from '../ports.ts'

/** What is asked of a replica: its state, and where in the log that is. */
export type ReplicaView = {
  readonly state: Matching
  /** The offset of the record that comes next. */
  readonly next: number
  /** Stage time. */
  readonly now: Instant
}

export type ReplicasView = {
  /** The topic on the broker. */
  readonly topic: string
  replica (partition: number): ReplicaView | undefined
  /** Where its log ended when that was last asked; undefined before. */
  end (partition: number): number | undefined
}

export function bookPort (replicas: ReplicasView): BookPort {
  return {
    book (instrumentId, depth) {
      const partition = instrumentById(instrumentId)?.index
      const replica = partition === undefined ? undefined : replicas.replica(partition)
      if (partition === undefined || replica === undefined || replica.next === 0) return null
      const { status, buys, sells, sequence, lastTrade } = marketView(replica.state, depth)
      return {
        status,
        bids: buys,
        asks: sells,
        sequence,
        lastTrade: lastTrade === null ? null : { ...lastTrade, side: lastTrade.takerSide },
        position: { topic: replicas.topic, partition, offset: replica.next - 1 },
        at: replica.now,
        lagRecords: lagOf(replicas, partition) ?? 0
      }
    }
  }
}

/** Records that are known to be in the log and are not applied here yet; undefined while that is not known. */
export function lagOf (replicas: ReplicasView, partition: number): number | undefined {
  const end = replicas.end(partition)
  const next = replicas.replica(partition)?.next
  return end === undefined || next === undefined ? undefined : Math.max(0, end - next)
}
