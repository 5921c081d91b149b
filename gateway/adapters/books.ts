// Books from this gateway's own replicas of matching.

import type { Matching } from '../../pipelines/matching/matching.ts'
import { marketView } from '../../pipelines/matching/views.ts'
import { instrumentById } from '../../schemas/instruments.ts'
import type { BookPort } from '../ports.ts'
import { lagOf, type ReplicasView } from './replicas.ts'

export function bookPort (replicas: ReplicasView<Matching>): BookPort {
  return {
    book (instrumentId, depth) {
      const partition = instrumentById(instrumentId)?.index
      const replica = partition === undefined ? undefined : replicas.replica(partition)
      if (partition === undefined || replica === undefined || replica.next === 0) return null
      const { status, buys, sells, sequence, lastTrade, reference } = marketView(replica.state, depth)
      return {
        status,
        bids: buys,
        asks: sells,
        sequence,
        lastTrade: lastTrade === null ? null : { ...lastTrade, side: lastTrade.takerSide },
        reference,
        position: { topic: replicas.topic, partition, offset: replica.next - 1 },
        at: replica.now,
        lagRecords: lagOf(replicas, partition) ?? 0
      }
    }
  }
}
