// What a run of the demo left in the books because it was killed, asked of a replica of matching.

import { Registry } from 'prom-client'
import type { CancelOrder } from '../../schemas/matching/records.ts'
import type { Context } from '../process/context.ts'
import { matching } from '../matching/stage.ts'
import type { Matching } from '../matching/matching.ts'
import { runStage } from '../process/run-stage.ts'
import { KafkaLog } from '../runtime/kafka/kafka-log.ts'
import { isDemoHolder } from './flow.ts'
import type { PlacedCommand } from './traffic.ts'

/** Cancels for the demo's orders that rest in a book. */
export function leftoversIn ({ book, parameters }: Matching): CancelOrder[] {
  if (parameters === null) return []
  const { instrumentId } = parameters
  const { orders } = book
  return [...book.inPriority('buy'), ...book.inPriority('sell')]
    .filter(slot => isDemoHolder(orders.holder(slot)))
    .map(slot => ({ kind: 'cancel-order', orderId: orders.orderId(slot), holder: orders.holder(slot), instrumentId }))
}

/** On connections of its own, all closed again: the replicas are needed for a moment only. */
export async function leftovers (context: Context, partitions: readonly number[]): Promise<PlacedCommand[]> {
  const log = new KafkaLog(context.kafka)
  const host = runStage({ ...context, log, metrics: new Registry() }, matching(), { leads: false, partitions })
  try {
    await host.warm()
    return partitions.flatMap(partition =>
      leftoversIn(host.machine(partition)!.state).map(command => ({ partition, command })))
  } finally {
    await host.close()
    await log.close()
  }
}
