// The stage: commands of one instrument in; fills, order updates and book deltas out; to the ledger what became of the
// orders it holds for, and to all of its partitions the reference price and the sweep periods that are closed.

import type { MatchingOutput, OrderCommand } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import { type HolderId, partitionOfHolder } from '../../schemas/units.ts'
import type { Emit, Stage } from '../runtime/stage.ts'
import { apply } from './apply.ts'
import { readSnapshot, writeSnapshot } from './format.ts'
import { Matching, ledgerVersion } from './matching.ts'
import { fromSnapshot, takeSnapshot } from './snapshot.ts'
import { Tape } from './tape.ts'

/** How many partitions each topic by holder has. */
export type PartitionCounts = { readonly orderUpdates: number, readonly ledger: number }

export type MatchingStage = Stage<Matching, OrderCommand, MatchingOutput>

const inTable: PartitionCounts = { orderUpdates: topics.orderUpdates.partitions, ledger: topics.ledger.partitions }

export function matching (partitions: PartitionCounts = inTable): MatchingStage {
  const tape = new Tape()
  return {
    name: 'matching',
    version: ledgerVersion,
    reads: topics.orders.name,
    writes: [topics.fills.name, topics.orderUpdates.name, topics.bookDeltas.name, topics.ledger.name],
    initial: () => new Matching(),
    apply: (state, command, position, emit) => {
      apply(state, command, position, tape)
      for (const output of tape.outputs()) route(output, position.partition, partitions, emit)
    },
    snapshot: snapshotOf,
    restore: bytes => fromSnapshot(readSnapshot(bytes))
  }
}

const snapshotOf = (state: Matching): Uint8Array => writeSnapshot(takeSnapshot(state))

function route (output: MatchingOutput, partition: number, counts: PartitionCounts, emit: Emit<MatchingOutput>): void {
  const home = (holder: HolderId, partitions: number): [number, string] =>
    [partitionOfHolder(holder, partitions), String(holder)]
  switch (output.kind) {
    case 'fill': emit(topics.fills.name, partition, output.instrumentId, output); break
    case 'book-delta': emit(topics.bookDeltas.name, partition, output.instrumentId, output); break
    case 'order-update':
      emit(topics.orderUpdates.name, ...home(output.holder, counts.orderUpdates), output)
      break
    case 'order-outcome':
      emit(topics.ledger.name, ...home(output.holder, counts.ledger), output)
      break
    case 'reference-price':
    case 'period-closed':
      for (let to = 0; to < counts.ledger; to++) emit(topics.ledger.name, to, output.instrumentId, output)
  }
}
