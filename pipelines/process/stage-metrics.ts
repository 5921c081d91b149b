// What a stage shows of itself: how far behind it is, what became of its records, how old its snapshots are.

import { Counter, Gauge, type Registry } from 'prom-client'
import type { Context } from './context.ts'
import type { LeaderEvent } from '../runtime/leader.ts'
import type { Log } from '../runtime/log.ts'
import type { Fate } from '../runtime/machine.ts'

/** One partition, as far as a metric asks. */
export type Measured = {
  readonly options: { readonly topic: string, readonly partition: number }
  readonly machine: { readonly next: number }
}

type Labels = Readonly<Record<string, string | number>>

// While no broker answers, the last values stand: whoever looks at the metrics then needs the others.
const askMsMax = 1000

/** One stage in this process. `led` says which partitions this process leads at the moment. */
type Shown = {
  readonly stage: string
  readonly fates: Map<Fate, number>
  /** By partition, where the last one written here lies. */
  readonly snapshots: Map<number, number>
  measured: readonly Measured[]
  led: () => readonly number[]
}

export class StageMetrics {
  readonly #context: Context
  readonly #shown: Shown

  constructor (context: Context, stage: string) {
    this.#context = context
    this.#shown = { stage, fates: new Map(), snapshots: new Map(), measured: [], led: () => [] }
    stagesOn(context.metrics, context.log).push(this.#shown)
  }

  count (fate: Fate): void {
    const { fates } = this.#shown
    fates.set(fate, (fates.get(fate) ?? 0) + 1)
  }

  report (partition: number, event: LeaderEvent): void {
    const { stage, snapshots } = this.#shown
    if (event.kind === 'snapshot') snapshots.set(partition, event.offset)
    const level = event.kind.endsWith('failed') ? 'warn' : event.kind === 'snapshot' ? 'debug' : 'info'
    const error = 'error' in event ? { error: String(event.error) } : {}
    this.#context.logger[level]({ stage, partition, ...event, ...error }, `${stage} ${partition} ${event.kind}`)
  }

  watch (measured: readonly Measured[], led: () => readonly number[]): void {
    Object.assign(this.#shown, { measured, led })
  }
}

/** A registry takes a metric once; the stages of a process are told apart by a label. */
const byRegistry = new WeakMap<Registry, Shown[]>()

function stagesOn (registry: Registry, log: Log): Shown[] {
  const known = byRegistry.get(registry)
  if (known !== undefined) return known
  const stages: Shown[] = []
  byRegistry.set(registry, stages)
  countFates(registry, stages)
  const lag = { name: 'stage_lag_records', help: 'Records that are in the log and not yet applied here.' }
  gauge(registry, lag, async set => {
    const asked = Promise.all(stages.flatMap(({ stage, measured }) => measured.map(async ({ options, machine }) => {
      const { topic, partition } = options
      const { end } = await log.extent(topic, partition)
      set({ stage, partition }, Math.max(0, end - machine.next))
    })))
    await Promise.race([asked, log.sleep(askMsMax)])
  })
  const age = { name: 'stage_snapshot_age_records', help: 'Records applied since the last snapshot written here.' }
  gauge(registry, age, set => {
    for (const { stage, measured, led, snapshots } of stages) {
      for (const { options: { partition }, machine } of measured) {
        if (led().includes(partition)) set({ stage, partition }, machine.next - (snapshots.get(partition) ?? 0))
      }
    }
  })
  return stages
}

// Counted in maps, because it happens a hundred thousand times a second, and shown when it is asked for.
function countFates (registry: Registry, stages: readonly Shown[]): void {
  registry.registerMetric(new Counter({
    name: 'stage_records_total',
    help: 'Records that a stage has been given, by what became of them.',
    labelNames: ['stage', 'fate'],
    registers: [],
    collect () {
      this.reset()
      for (const { stage, fates } of stages) {
        for (const [fate, count] of fates) this.inc({ stage, fate }, count)
      }
    }
  }))
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
