// The recorded flow through matching and the sinks while they, and the servers, are killed; then all that a replay
// checks.

import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import type { Flow } from '../../pipelines/replay/flow.ts'
import { partitionOf, prepareReplay, runReplay, type Outcome } from '../../pipelines/replay/replay.ts'
import { Standings, watchingFlow } from '../../pipelines/replay/standings.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { sinkNames } from '../../pipelines/sinks/run-sinks.ts'
import { Supervisor, type ProcessSpec, type SupervisorEvent } from '../../pipelines/supervisor/supervisor.ts'
import { topics } from '../../schemas/topics.ts'
import { Advance } from './advance.ts'
import { garbage } from './garbage.ts'
import { Gate } from './gate.ts'
import { Leadership } from './leadership.ts'
import { Mishaps, type Interruption, type Recovery, type Servers } from './mishaps.ts'
import type { Plan } from './plan.ts'
import type { Random } from './random.ts'

export type PipelineSoakOptions = {
  /** Where the parts are, and the names of this soak: TOPIC_PREFIX and CLICKHOUSE_DATABASE. */
  readonly env: Readonly<Record<string, string>>
  readonly servers: Servers
  readonly logDir: string
  readonly flow: Flow
  readonly plan: Plan
  readonly random: Random
  /** How long ClickHouse is away, where the plan says so. */
  readonly awayMs: number
  /** How far the sender may be ahead of a mishap that is late. */
  readonly slack: number
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
}

export type PipelineSoak = {
  readonly outcome: Outcome
  readonly recoveries: readonly Recovery[]
  readonly interruptions: readonly Interruption[]
  readonly deadLettersSent: number
}

const pipelines = join(import.meta.dirname, '..', '..', 'pipelines', 'main.ts')
// Kills follow one another faster than in a life: each is to be as the first.
const backoff = { firstMs: 100, longestMs: 100, healthyMs: 60_000 }

export async function soakPipeline (options: PipelineSoakOptions): Promise<PipelineSoak> {
  const failing = new AbortController()
  const given = options.signal === undefined ? [] : [options.signal]
  const signal = AbortSignal.any([failing.signal, ...given])
  const failed = (error: unknown): void => { failing.abort(error) }
  const context = await openContext(readConfig(options.env), 'soak', failed)
  const supervisor = supervise(context, options, failed)
  try {
    return await Promise.race([run({ context, supervisor, options, signal, failed }), aborted(signal)])
  } finally {
    failing.abort(new Error('the soak is over'))
    await supervisor.stop()
    await Promise.race([context.log.close(), sleep(10_000, undefined, { ref: false })])
  }
}

type Failed = (error: unknown) => void

function supervise (context: Context, { env, logDir, say }: PipelineSoakOptions, failed: Failed): Supervisor {
  const report = (event: SupervisorEvent): void => {
    if (event.kind === 'not-evicted') say(`${event.name} was not evicted from ${event.group}: ${String(event.error)}`)
    if (event.kind !== 'died' || event.exit.signal === 'SIGKILL') return
    failed(new Error(`${event.name} ended by itself: ${event.exit.stopped ?? 'no reason given'}. Its log: ${event.logFile}`))
  }
  return new Supervisor({
    env: environmentFor(env), logDir, report, backoff, evict: (group, clientId) => evict(context.kafka, group, clientId)
  })
}

type Running = {
  readonly context: Context
  readonly supervisor: Supervisor
  readonly options: PipelineSoakOptions
  readonly signal: AbortSignal
  readonly failed: Failed
}

async function run ({ context, supervisor, options, signal, failed }: Running): Promise<PipelineSoak> {
  const { flow, plan, random, say, servers, awayMs } = options
  await prepareReplay(context, flow)
  const metricsPort = await freePort()
  await start(context, supervisor, metricsPort)
  const partition = partitionOf(flow)
  const standings = new Standings(context, watchingFlow(partition))
  const leadership = new Leadership(context, { partition, standings, signal })
  const gate = new Gate(options.slack, signal)
  const advance = new Advance(standings, signal)
  await Promise.all([standings.open(), leadership.open()])
  advance.follow().catch(failed)
  let deadLettersSent = 0
  const sendGarbage = async (): Promise<void> => {
    const place = { topic: context.topic(topics.orders.name), partition }
    const records = garbage(context, { place, random, timestamp: flow.startsAt })
    deadLettersSent += records.length
    await context.log.send(records)
  }
  const waiting = (): Promise<string[]> => waitingSinks(metricsPort)
  const market = { supervisor, servers, leadership, advance, gate, awayMs, waiting, sendGarbage, say }
  const mishaps = new Mishaps(market, plan)
  const expected = { get deadLetters () { return deadLettersSent } }
  const [outcome] = await Promise.all([
    runReplay(context, { flow: gate.hold(flow), signal, expected, progress: progress(say) }),
    mishaps.run()
  ])
  await Promise.all([standings.close(), leadership.close()])
  return { outcome, recoveries: mishaps.recoveries, interruptions: mishaps.interruptions, deadLettersSent }
}

/** Matching twice, and the sinks. No clock and no jobs: time is the flow's, and nothing may be trimmed. */
async function start ({ group }: Context, supervisor: Supervisor, metricsPort: number): Promise<void> {
  const matcher = (name: string): ProcessSpec =>
    ({ name, args: [pipelines, 'matching'], roles: ['matching'], groups: [group('matching')] })
  const sinks: ProcessSpec = {
    name: 'sinks',
    args: [pipelines, 'sinks'],
    roles: ['sinks'],
    env: { METRICS_PORT: String(metricsPort) },
    groups: sinkNames.map(group)
  }
  await Promise.all([matcher('matching'), matcher('matching-standby'), sinks].map(spec => supervisor.start(spec)))
}

const metricPattern = /^sink_is_waiting\{sink="([\w-]+)"\} 1$/gm

/** Nobody where the process is being killed at the moment. */
async function waitingSinks (port: number): Promise<string[]> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(answer => answer.text(), () => '')
  return Array.from(text.matchAll(metricPattern), ([, sink]) => sink!)
}

const lineMs = 10_000

function progress (say: (line: string) => void): (at: { sent: number, matched: number, stored: number }) => void {
  let saidAt = performance.now()
  return ({ sent, matched, stored }) => {
    if (performance.now() - saidAt < lineMs) return
    saidAt = performance.now()
    say(`messages sent ${sent}, matched ${matched}, stored ${stored}`)
  }
}

function aborted (signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = (): void => { reject(signal.reason as Error) }
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
