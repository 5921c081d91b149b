// When nothing is on its way any more: every stage has committed what came of the commands that were answered, and the
// sinks have stored it.

import { ledger } from '../../../pipelines/ledger/stage.ts'
import { matching } from '../../../pipelines/matching/stage.ts'
import type { Context } from '../../../pipelines/process/context.ts'
import { topicOf, topics, type Topic } from '../../../schemas/topics.ts'
import type { Until } from './log-replay.ts'

const lookMs = 50
const patienceMs = 60_000

async function ends ({ log, topic }: Context, { name, partitions }: Topic): Promise<Until> {
  const all = Array.from({ length: partitions }, async (_, partition): Promise<[number, number]> =>
    [partition, (await log.extent(topic(name), partition)).end])
  return new Map(await Promise.all(all))
}

/** Until a group has committed all that is there now; resolves with what it has committed. */
async function caughtUp (context: Context, role: string, topic: Topic): Promise<Until> {
  const { log, group } = context
  const due = await ends(context, topic)
  for (const until = performance.now() + patienceMs; ;) {
    const committed = await log.committed(group(role), context.topic(topic.name))
    const behind = [...due].filter(([partition, end]) => (committed.get(partition) ?? 0) < end)
    if (behind.length === 0) return committed
    if (performance.now() > until) {
      const where = behind.map(([partition, end]) => `${partition} at ${committed.get(partition) ?? 0} of ${end}`)
      throw new Error(`${role} does not come to the end of ${topic.name}: ${where.join(', ')}`)
    }
    await log.sleep(lookMs)
  }
}

export type Standstill = { readonly ledger: Until, readonly matching: Until }

/** Call it once all commands have been answered. */
export async function standstill (context: Context): Promise<Standstill> {
  const [held, matched] = [ledger().name, matching().name]
  const accounts = topicOf(ledger().reads)
  await caughtUp(context, held, accounts)
  const ofMatching = await caughtUp(context, matched, topics.orders)
  return { matching: ofMatching, ledger: await caughtUp(context, held, accounts) }
}

const sinks = [
  ['sink-fills', topics.fills], ['sink-order-updates', topics.orderUpdates], ['sink-journal', topics.ledgerEntries]
] as const

export async function allStored (context: Context): Promise<void> {
  for (const [sink, topic] of sinks) await caughtUp(context, sink, topic)
}
