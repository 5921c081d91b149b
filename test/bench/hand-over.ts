// What kafkajs needs to hand records over from one process to another, and does nothing with them: the floor that a
// stage between two topics stands on.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Context } from '../../pipelines/process/context.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { openProducer, produce, sendsOf } from './raw.ts'
import type { World } from './world.ts'

const reader = join(import.meta.dirname, 'raw-consumer.ts')

/** Sent here, read there; until all is read. */
export async function handOver (
  { context, env }: World, records: readonly Outgoing[], names: string[]
): Promise<number> {
  const count = records.length + await recordsIn(context, names)
  const child = fork(reader, [String(count), ...names], { env, stdio: 'inherit' })
  const producer = await openProducer(context.kafka)
  try {
    await heard(child, 'reading')
    const sends = sendsOf(records, context.topic)
    const done = heard(child, 'done')
    return await timed(() => Promise.all([produce(producer, sends), done]))
  } finally {
    await producer.disconnect()
    if (child.connected) child.disconnect()
  }
}

/** Those with which a market is made. */
export async function recordsIn ({ kafka }: Context, names: readonly string[]): Promise<number> {
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await Promise.all(names.map(name => admin.fetchTopicOffsets(name)))
  await admin.disconnect()
  return offsets.flat().reduce((sum, { high }) => sum + Number(high), 0)
}

async function heard (child: ChildProcess, expected: string): Promise<void> {
  const ended = once(child, 'exit').then(() => { throw new Error(`the process that reads ended before it was ${expected}`) })
  for (;;) {
    const [message] = await Promise.race([once(child, 'message'), ended]) as [unknown]
    if (message === expected) return
  }
}

/** In seconds. */
export async function timed (work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}
