// What the demo of release 0.2 left in the books because it was killed: orders that no ledger holds for. Asked of a
// replica of matching, and cancelled on its topic, for no account of the API has them.

import { randomUUID } from 'node:crypto'
import { cancelDefaults, type CancelOrder } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import type { HolderId, Instant } from '../../schemas/units.ts'
import type { Context } from '../process/context.ts'
import { matching } from '../matching/stage.ts'
import type { Matching } from '../matching/matching.ts'
import { runStage } from '../process/run-stage.ts'
import { writeCommandTag } from '../runtime/command.ts'

const firstHolder = 900_000_000
const holders = 50
const validityMs = 10_000

const isOfThen = (holder: HolderId): boolean => holder >= firstHolder && holder < firstHolder + holders

/** Cancels for that demo's orders that rest in a book. */
export function leftoversIn ({ book, parameters }: Matching): CancelOrder[] {
  if (parameters === null) return []
  const { instrumentId } = parameters
  const { orders } = book
  return [...book.inPriority('buy'), ...book.inPriority('sell')]
    .filter(slot => isOfThen(orders.holder(slot)))
    .map(slot => ({ ...cancelDefaults, kind: 'cancel-order', orderId: orders.orderId(slot), holder: orders.holder(slot), instrumentId }))
}

/** Cancels them, and says how many. The context is the caller's to close: replicas are needed for a moment only. */
export async function cancelLeftovers (context: Context, partitions: readonly number[]): Promise<number> {
  const { binder, log } = context
  const host = runStage(context, matching(), { leads: false, partitions })
  try {
    await host.warm()
    const now = Date.now() as Instant
    const cancels = partitions.flatMap(partition => leftoversIn(host.machine(partition)!.state).map(command => ({
      topic: context.topic(topics.orders.name),
      partition,
      key: command.instrumentId,
      value: binder.current.encode(command),
      headers: { command: writeCommandTag({ id: `demo-${randomUUID()}`, validUntil: now + validityMs as Instant }) },
      timestamp: now
    })))
    await log.send(cancels)
    return cancels.length
  } finally {
    await host.close()
  }
}
