// What a stage shows of itself: how far behind it is, what became of its records, how old its snapshots are.

import { Gauge, type Registry } from 'prom-client'
import type { Context } from './context.ts'
import type { LeaderEvent } from '../runtime/leader.ts'
import type { Fate } from '../runtime/machine.ts'
import { Tally } from './tally.ts'

/** One partition, as far as a metric asks. */
export type Measured = {
  readonly options: { readonly topic: string, readonly partition: number }
  readonly machine: { readonly next: number }
}

type Labels = Readonly<Record<string, string | number>>

// While no broker answers, the last values stand: whoever looks at the metrics then needs the others.
const askMsMax = 1000

export class StageMetrics {
  readonly #context: Context
  readonly #stage: string
  readonly #records: Tally
  readonly #snapshots = new Map<number, number>()

  constructor (context: Context, stage: string) {
    this.#context = context
    this.#stage = stage
    this.#records = new Tally(context.metrics, {
      name: 'stage_records_total',
      help: 'Records that a stage has been given, by what became of them.',
      label: 'fate',
      labels: { stage }
    })
  }

  count (fate: Fate): void {
    this.#records.add(fate)
  }

  report (partition: number, event: LeaderEvent): void {
    const stage = this.#stage
    if (event.kind === 'snapshot') this.#snapshots.set(partition, event.offset)
    const level = event.kind.endsWith('failed') ? 'warn' : event.kind === 'snapshot' ? 'debug' : 'info'
    const error = 'error' in event ? { error: String(event.error) } : {}
    this.#context.logger[level]({ stage, partition, ...event, ...error }, `${stage} ${partition} ${event.kind}`)
  }

  /** `led` says which partitions this process leads at the moment. */
  watch (measured: readonly Measured[], led: () => readonly number[]): void {
    const stage = this.#stage
    const { log, metrics } = this.#context
    const lag = { name: 'stage_lag_records', help: 'Records that are in the log and not yet applied here.' }
    gauge(metrics, lag, async set => {
      const asked = Promise.all(measured.map(async ({ options: { topic, partition }, machine }) => {
        const { end } = await log.extent(topic, partition)
        set({ stage, partition }, Math.max(0, end - machine.next))
      }))
      await Promise.race([asked, log.sleep(askMsMax)])
    })
    const age = { name: 'stage_snapshot_age_records', help: 'Records applied since the last snapshot written here.' }
    gauge(metrics, age, set => {
      for (const { options: { partition }, machine } of measured) {
        if (led().includes(partition)) set({ stage, partition }, machine.next - (this.#snapshots.get(partition) ?? 0))
      }
    })
  }
}

type Description = { readonly name: string, readonly help: string }
type Read = (set: (labels: Labels, value: number) => void) => Promise<void> | void

function gauge (registry: Registry, description: Description, read: Read): Gauge {
  return new Gauge({
    ...description,
    labelNames: ['stage', 'partition'],
    registers: [registry],
    async collect () {
      await read((labels, value) => { this.set(labels, value) })
    }
  })
}
