// The stage: what holders and operators ask and what matching tells in; orders, their states and the journal out.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import { topics } from '../../schemas/topics.ts'
import { partitionOfHolder } from '../../schemas/units.ts'
import type { Emit, Stage } from '../runtime/stage.ts'
import { apply } from './apply.ts'
import { Ledger } from './ledger.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

/** How many partitions each topic by holder has. */
export type PartitionCounts = Readonly<Record<'ledger' | 'orderUpdates' | 'ledgerEntries' | 'reconciliation', number>>

export type LedgerStage = Stage<Ledger, LedgerCommand, LedgerOutput>

const inTable: PartitionCounts = {
  ledger: topics.ledger.partitions,
  orderUpdates: topics.orderUpdates.partitions,
  ledgerEntries: topics.ledgerEntries.partitions,
  reconciliation: topics.reconciliation.partitions
}

export function ledger (partitions: PartitionCounts = inTable): LedgerStage {
  const route = (state: Ledger, output: LedgerOutput, emit: Emit<LedgerOutput>): void => {
    const byHolder = (topic: string, count: number): void => {
      emit(topic, partitionOfHolder(output.holder, count), String(output.holder), output)
    }
    switch (output.kind) {
      case 'place-order':
      case 'cancel-order':
      case 'amend-order':
        emit(topics.orders.name, state.instruments.find(output.instrumentId)!.index, output.instrumentId, output)
        break
      case 'order-state':
      case 'command-outcome':
      case 'authorization-state': byHolder(topics.orderUpdates.name, partitions.orderUpdates); break
      case 'journal-entry': byHolder(topics.ledgerEntries.name, partitions.ledgerEntries); break
      case 'unbilled-usage': byHolder(topics.reconciliation.name, partitions.reconciliation); break
      case 'receive-funds':
      case 'return-funds': byHolder(topics.ledger.name, partitions.ledger)
    }
  }
  return {
    name: 'ledger',
    version: 1,
    reads: topics.ledger.name,
    writes: [
      topics.orders.name, topics.orderUpdates.name, topics.ledgerEntries.name, topics.reconciliation.name,
      topics.ledger.name
    ],
    initial: partition => new Ledger(partition),
    apply: (state, command, position, emit) => {
      apply(state, command, position, output => { route(state, output, emit) })
    },
    snapshot: writeSnapshot,
    restore: readSnapshot
  }
}
