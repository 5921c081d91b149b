// The stage: readings in; to the ledger what requests took, and into the reconciliation what is not billed.

import type { MeterEvent } from '../../schemas/usage/records.ts'
import { topics } from '../../schemas/topics.ts'
import { partitionOfHolder } from '../../schemas/units.ts'
import type { Emit, Stage } from '../runtime/stage.ts'
import { apply } from './apply.ts'
import { type Limits, type MeteringOutput, Metering } from './metering.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

/** How many partitions each topic by holder has. */
export type PartitionCounts = { readonly usage: number, readonly ledger: number, readonly reconciliation: number }

export type MeteringStage = Stage<Metering, MeterEvent, MeteringOutput>

const inTable: PartitionCounts = {
  usage: topics.usage.partitions,
  ledger: topics.ledger.partitions,
  reconciliation: topics.reconciliation.partitions
}

export function metering (partitions: PartitionCounts = inTable, limits?: Limits): MeteringStage {
  return {
    name: 'metering',
    version: 1,
    reads: topics.usage.name,
    writes: [topics.ledger.name, topics.reconciliation.name],
    initial: () => new Metering(limits),
    apply: (state, command, { at, partition }, emit) => {
      const position = { at, partition, partitions: partitions.usage }
      apply(state, command, position, output => { route(output, partitions, emit) })
    },
    snapshot: writeSnapshot,
    restore: bytes => readSnapshot(bytes, limits)
  }
}

function route (output: MeteringOutput, counts: PartitionCounts, emit: Emit<MeteringOutput>): void {
  const [topic, count] = output.kind === 'unbilled-usage'
    ? [topics.reconciliation.name, counts.reconciliation]
    : [topics.ledger.name, counts.ledger]
  emit(topic, partitionOfHolder(output.holder, count), String(output.holder), output)
}
