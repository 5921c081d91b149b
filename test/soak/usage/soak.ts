// A recorded trace through the whole market while metering, the ledger and the sinks are killed; then all that a usage
// replay checks.

import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { environmentFor } from '../../../docker/local/environment.ts'
import { openContext, type Context } from '../../../pipelines/process/context.ts'
import type { Trace } from '../../../pipelines/replay/usage-trace.ts'
import {
  prepareUsage, runUsage, type UsageOutcome, type UsageProgress
} from '../../../pipelines/replay/usage-replay.ts'
import { readConfig } from '../../../pipelines/runtime/config.ts'
import { evict } from '../../../pipelines/runtime/kafka/membership.ts'
import { sinkNames } from '../../../pipelines/sinks/run-sinks.ts'
import { Supervisor, type ProcessSpec, type SupervisorEvent } from '../../../pipelines/supervisor/supervisor.ts'
import type { Instrument } from '../../../schemas/instruments.ts'
import type { Kill } from './plan.ts'

export type UsageSoakOptions = {
  /** Where the parts are, and the names of this soak: TOPIC_PREFIX and CLICKHOUSE_DATABASE. */
  readonly env: Readonly<Record<string, string>>
  readonly logDir: string
  readonly trace: Trace
  readonly instrument: Instrument
  readonly consumers: number
  readonly timeScale: number
  readonly kills: readonly Kill[]
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
}

export type UsageRecovery = Kill & {
  /** From the kill until the next process is live. */
  readonly againMs: number
  /** Requests captured meanwhile. */
  readonly captured: number
}

export type UsageSoak = { readonly outcome: UsageOutcome, readonly recoveries: readonly UsageRecovery[] }

const pipelines = join(import.meta.dirname, '..', '..', '..', 'pipelines', 'main.ts')
// Kills follow one another faster than in a life: each is to be as the first.
const backoff = { firstMs: 100, longestMs: 100, healthyMs: 60_000 }
const lookMs = 20
const lineMs = 10_000
const closeMs = 10_000

type Failed = (error: unknown) => void

export async function soakUsage (options: UsageSoakOptions): Promise<UsageSoak> {
  const failing = new AbortController()
  const signal = AbortSignal.any([failing.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const failed = (error: unknown): void => { failing.abort(error) }
  const context = await openContext(readConfig(options.env), 'soak', failed)
  const supervisor = supervise(context, options, failed)
  try {
    await prepareUsage(context, options)
    await Promise.all(processes(context).map(spec => supervisor.start(spec)))
    const strikes = new Strikes({ supervisor, options, signal })
    const { trace, instrument, consumers, timeScale } = options
    const [outcome] = await Promise.all([
      runUsage(context, { trace, instrument, consumers, timeScale, progress: at => strikes.hear(at), signal }),
      strikes.run()
    ])
    return { outcome, recoveries: strikes.recoveries }
  } finally {
    failing.abort(new Error('the soak is over'))
    await supervisor.stop()
    await Promise.race([context.log.close(), sleep(closeMs, undefined, { ref: false })])
  }
}

function supervise (context: Context, { env, logDir, say }: UsageSoakOptions, failed: Failed): Supervisor {
  const report = (event: SupervisorEvent): void => {
    if (event.kind === 'not-evicted') say(`${event.name} was not evicted from ${event.group}: ${String(event.error)}`)
    if (event.kind !== 'died' || event.exit.signal === 'SIGKILL') return
    const reason = event.exit.stopped ?? 'no reason given'
    failed(new Error(`${event.name} ended by itself: ${reason}. Its log: ${event.logFile}`))
  }
  return new Supervisor({
    env: environmentFor(env), logDir, report, backoff, evict: (group, clientId) => evict(context.kafka, group, clientId)
  })
}

/** No clock and no jobs: time is the replay's, and so are the bookings. */
function processes ({ group }: Context): ProcessSpec[] {
  const stages = ['ledger', 'matching', 'metering'].map((role): ProcessSpec =>
    ({ name: role, args: [pipelines, role], roles: [role], groups: [group(role)] }))
  return [...stages, { name: 'sinks', args: [pipelines, 'sinks'], roles: ['sinks'], groups: sinkNames.map(group) }]
}

type Striking = {
  readonly supervisor: Supervisor
  readonly options: Pick<UsageSoakOptions, 'kills' | 'say'>
  readonly signal: AbortSignal
}

class Strikes {
  readonly recoveries: UsageRecovery[] = []
  readonly #parts: Striking
  #captured = 0
  /** Kills that have begun. */
  #begun = 0
  #saidAt = performance.now()

  constructor (parts: Striking) {
    this.#parts = parts
  }

  /** Resolves once every kill that is due has begun: all of them meet a market at work. */
  async hear (at: UsageProgress): Promise<void> {
    this.#captured = at.captured
    this.#say(at)
    const { options: { kills }, signal } = this.#parts
    const isLate = (): boolean => this.#begun < kills.length && kills[this.#begun]!.at <= at.captured
    while (isLate()) await sleep(lookMs, undefined, { signal })
  }

  #say ({ requests, authorized, captured, stored }: UsageProgress): void {
    if (performance.now() - this.#saidAt < lineMs) return
    this.#saidAt = performance.now()
    this.#parts.options.say(`of ${requests} requests authorized ${authorized}, captured ${captured}, stored ${stored}`)
  }

  /** One after the other: the next only once the one before is live again. */
  async run (): Promise<void> {
    const { supervisor, options: { kills, say }, signal } = this.#parts
    for (const { at, process } of kills) {
      while (this.#captured < at) await sleep(lookMs, undefined, { signal })
      const [before, from] = [this.#captured, performance.now()]
      const killing = supervisor.kill(process)
      this.#begun++
      await killing
      const againMs = performance.now() - from
      this.recoveries.push({ at, process, againMs, captured: this.#captured - before })
      say(`${process} killed at request ${before}: live again after ${againMs.toFixed(0)} ms`)
    }
  }
}
