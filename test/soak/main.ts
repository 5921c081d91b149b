// `npm run soak`: many histories, many sequences of commands, the recorded flow and a thousand accounts' orders through
// markets that are killed again and again.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { startStack } from '../../docker/local/stack.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { readOptions, usage, UsageError, type Options, type PartName } from './options.ts'
import { flowWithOracle } from './oracle.ts'
import { killsOf, rollingRestart } from './orders/plan.ts'
import { soakOrders, type OrdersSoak } from './orders/soak.ts'
import { ordersJson, ordersText } from './orders/summary.ts'
import { soakPipeline, type PipelineSoak } from './pipeline.ts'
import { planOf } from './plan.ts'
import { seededRandom } from './random.ts'
import { faultsOf, pipelineJson, pipelineText } from './summary.ts'

const root = join(import.meta.dirname, '..', '..')
const awayMs = 20_000
const slackMax = 50_000
const servers = [
  'garbage', 'restart Kafka', 'garbage', 'restart ClickHouse', 'garbage', 'ClickHouse away', 'garbage'
] as const

const began = performance.now()
const say = (line: string): void => { console.error(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`) }

type Result = { readonly ok: boolean, readonly text: string, readonly json: Record<string, unknown> }

/** A program that says how it went by its exit status. */
async function program (args: readonly string[], signal: AbortSignal, env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const at = performance.now()
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 2, 2] })
  const stop = (): void => { child.kill() }
  signal.addEventListener('abort', stop, { once: true })
  await once(child, 'close')
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  const ok = child.exitCode === 0
  const seconds = Number(((performance.now() - at) / 1000).toFixed(1))
  return { ok, text: `${ok ? 'none bad' : 'SOME ARE BAD, see above'}, ${seconds} s`, json: { seconds, ok } }
}

async function pipeline ({ limit, kills, seed }: Options, signal: AbortSignal): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'market-soak-'))
  const flow = flowWithOracle(instrumentBySymbol('text-prime')!.instrumentId, limit)
  const random = seededRandom(seed)
  const { messages } = flow
  const stack = await startStack({ dataDir, environment: {}, signal, progress: say })
  let soak: PipelineSoak | undefined
  try {
    soak = await soakPipeline({
      env: { ...stack.env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info', TOPIC_PREFIX: 'soak.' },
      servers: { kafka: stack.kafka, clickHouse: stack.clickHouse! },
      logDir: join(dataDir, 'logs'),
      flow,
      plan: planOf({ messages, matchingKills: kills, sinkKills: kills, servers, random }),
      random,
      awayMs,
      slack: Math.min(slackMax, Math.ceil(messages / 10)),
      say,
      signal
    })
  } finally {
    await stack.stop()
    if (soak === undefined || faultsOf(soak).length > 0) say(`kept: ${dataDir}`)
    else await rm(dataDir, { recursive: true, force: true })
  }
  return { ok: faultsOf(soak).length === 0, text: pipelineText(soak), json: pipelineJson(soak) }
}

const ordersAtOnce = 96

/** Kills in the first nine tenths, and then a rolling restart of every process. */
async function orders ({ orders: commands, accounts, kills, seed }: Options, signal: AbortSignal): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'market-soak-'))
  const random = seededRandom(seed)
  const stack = await startStack({ dataDir, environment: {}, signal, progress: say })
  let soak: OrdersSoak | undefined
  try {
    soak = await soakOrders({
      env: { ...stack.env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn', TOPIC_PREFIX: 'soak.' },
      logDir: join(dataDir, 'logs'),
      commands,
      accounts,
      atOnce: ordersAtOnce,
      hasStandbys: true,
      seed,
      blows: processes => [
        ...killsOf({ processes: processes.filter(name => name !== 'sinks'), kills, from: 0.02 * commands, until: 0.75 * commands, random }),
        ...rollingRestart({ processes, from: 0.75 * commands, until: 0.95 * commands })
      ],
      say,
      signal
    })
  } finally {
    await stack.stop()
    if (soak === undefined || soak.faults.length > 0) say(`kept: ${dataDir}`)
    else await rm(dataDir, { recursive: true, force: true })
  }
  return { ok: soak.faults.length === 0, text: ordersText(soak), json: ordersJson(soak) }
}

const parts: Record<PartName, (options: Options, signal: AbortSignal) => Promise<Result>> = {
  simulation: ({ seeds }, signal) => {
    const harms = String(Math.ceil(seeds / 50))
    return program(['test/simulation/main.ts', '--seeds', String(seeds), '--harms', harms], signal)
  },
  properties: ({ seeds }, signal) => {
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', 'test/properties/matching.test.ts']
    return program(vitest, signal, { MATCHING_SEQUENCES: String(seeds) })
  },
  pipeline,
  orders
}

async function run (args: readonly string[]): Promise<number> {
  const stopping = new AbortController()
  const ask = (): void => {
    if (stopping.signal.aborted) process.exit(130)
    say('stopping')
    stopping.abort(new Error('Interrupted.'))
  }
  process.on('SIGINT', ask).on('SIGTERM', ask)
  try {
    const options = readOptions(args)
    if (options === 'help') {
      console.log(usage)
      return 0
    }
    const results = new Map<PartName, Result>()
    for (const name of options.parts) {
      say(`${name} begins`)
      results.set(name, await parts[name](options, stopping.signal))
    }
    for (const [name, { text }] of results) console.log(`${name}\n${text}\n`)
    const ok = [...results.values()].every(result => result.ok)
    const json = Object.fromEntries(Array.from(results, ([name, result]) => [name, result.json]))
    console.log(JSON.stringify({ ...json, ok }))
    return ok ? 0 : 1
  } catch (error) {
    const isTheirs = error instanceof UsageError
    say(isTheirs || stopping.signal.aborted ? (error as Error).message : inspect(error))
    return isTheirs ? 2 : 1
  }
}

// A question to a broker that is gone must not be what keeps this process.
process.exit(await run(process.argv.slice(2)))
