// The stage: commands of one instrument in, fills, order updates and book deltas out.

import { hash } from 'node:crypto'
import type { MatchingOutput, OrderCommand } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import type { Emit, Stage } from '../runtime/stage.ts'
import { apply } from './apply.ts'
import { Matching } from './matching.ts'
import { fromSnapshot, readSnapshot, takeSnapshot, writeSnapshot } from './snapshot.ts'
import { Tape } from './tape.ts'

/** How many partitions each topic by holder has. */
export type PartitionCounts = { readonly orderUpdates: number }

export type MatchingStage = Stage<Matching, OrderCommand, MatchingOutput>

const inTable: PartitionCounts = { orderUpdates: topics.orderUpdates.partitions }

export function matching (partitions: PartitionCounts = inTable): MatchingStage {
  const tape = new Tape()
  const route = (output: MatchingOutput, partition: number, emit: Emit<MatchingOutput>): void => {
    switch (output.kind) {
      case 'fill': emit(topics.fills.name, partition, output.instrumentId, output); break
      case 'book-delta': emit(topics.bookDeltas.name, partition, output.instrumentId, output); break
      case 'order-update': {
        const home = partitionOf(output.holder, partitions.orderUpdates)
        emit(topics.orderUpdates.name, home, String(output.holder), output)
      }
    }
  }
  return {
    name: 'matching',
    version: 1,
    reads: topics.orders.name,
    writes: [topics.fills.name, topics.orderUpdates.name, topics.bookDeltas.name],
    initial: () => new Matching(),
    apply: (state, command, position, emit) => {
      apply(state, command, position, tape)
      for (const output of tape.outputs()) route(output, position.partition, emit)
    },
    snapshot: snapshotOf,
    restore: bytes => fromSnapshot(readSnapshot(bytes)),
    hash: state => hash('sha256', snapshotOf(state))
  }
}

const snapshotOf = (state: Matching): Uint8Array => writeSnapshot(takeSnapshot(state))

/** A holder below 0 can't be, but a record can say so, and its refusal must go somewhere. */
const partitionOf = (holder: number, partitions: number): number => ((holder % partitions) + partitions) % partitions
