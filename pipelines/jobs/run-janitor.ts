// The janitor on a timer: deletes from the topics that stages read what no restore can need any more.

import { setTimeout as sleep } from 'node:timers/promises'
import { Gauge } from 'prom-client'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { topicOf, topics } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import { trim } from '../runtime/janitor.ts'
import type { Log } from '../runtime/log.ts'
import { sourceOf } from '../runtime/origin.ts'
import { SnapshotStore } from '../runtime/snapshot.ts'

export type JanitorContext = {
  readonly log: Log
  readonly topic: (name: string) => string
  readonly logger: Logger
  readonly metrics: Registry
}

/** A stage by its name and the topic it reads. */
export type Swept = { readonly stage: string, readonly reads: string }

const dayMs = 24 * 60 * 60 * 1000
export const keepMs = 7 * dayMs
const everyMs = 60 * 60 * 1000

export function runJanitor (context: JanitorContext, stages: readonly Swept[]): () => Promise<void> {
  const { metrics, logger } = context
  const start = new Gauge({
    name: 'log_start_offset',
    help: 'Below it, what a stage reads has been deleted.',
    labelNames: ['topic', 'partition'],
    registers: [metrics]
  })
  const stopping = new AbortController()
  const once = async (): Promise<void> => {
    for (const { stage, reads } of stages) {
      for (let partition = 0; partition < topicOf(reads).partitions; partition++) {
        if (stopping.signal.aborted) return
        const before = await trim(placeOf(context, { stage, reads }, partition), { keepMs, now: instant(Date.now()) })
        if (before !== undefined) start.set({ topic: reads, partition }, before)
      }
    }
  }
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // What could not be deleted now will be in an hour: nothing depends on it but space.
      await once().catch((error: unknown) => { logger.warn({ error: String(error) }, 'the janitor could not run') })
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = run()
  return async () => {
    stopping.abort()
    await running
  }
}

function placeOf ({ log, topic }: JanitorContext, { stage, reads }: Swept, partition: number) {
  const at = topic(reads)
  const snapshots = new SnapshotStore(log, {
    topic: topic(topics.snapshots.name),
    partition: partition % topics.snapshots.partitions,
    source: sourceOf(stage, at, partition),
    writer: 'janitor'
  })
  return { log, topic: at, partition, snapshots }
}
