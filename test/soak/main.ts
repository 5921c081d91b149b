// `npm run soak`: many histories, many sequences of commands, and recorded flows, recorded requests and a thousand
// accounts' orders through markets that are killed again and again.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { startStack, type Stack } from '../../docker/local/stack.ts'
import { consumersDefault } from '../../pipelines/replay/usage-accounts.ts'
import { timeScaleDefault } from '../../pipelines/replay/usage-schedule.ts'
import { isUsageGood } from '../../pipelines/replay/usage-text.ts'
import { readTrace } from '../../pipelines/replay/usage-trace.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { soakInference, type InferenceSoak } from './inference/soak.ts'
import { inferenceText } from './inference/summary.ts'
import { soakLots, type LotSoak } from './lots/soak.ts'
import { affordable, lotsEach, readOptions, usage as usageOfSoak, UsageError, type Options, type PartName } from './options.ts'
import { flowWithOracle } from './oracle.ts'
import { killsOf, rollingRestart } from './orders/plan.ts'
import { soakOrders } from './orders/soak.ts'
import { ordersJson, ordersText } from './orders/summary.ts'
import { soakPipeline, type PipelineSoak } from './pipeline.ts'
import { planOf } from './plan.ts'
import { seededRandom } from './random.ts'
import { faultsOf, pipelineJson, pipelineText } from './summary.ts'
import { usageKills } from './usage/plan.ts'
import { soakUsage, type UsageSoak } from './usage/soak.ts'
import { usageSoakJson, usageSoakText } from './usage/summary.ts'

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

/** Each file, with the variable that says how many sequences it plays. */
const propertyFiles = [
  ['test/properties/matching.test.ts', 'MATCHING_SEQUENCES'],
  ['test/properties/ledger.test.ts', 'LEDGER_SEQUENCES'],
  ['test/properties/metering.test.ts', 'METERING_SEQUENCES'],
  ['test/properties/market.test.ts', 'MARKET_SEEDS']
] as const

const vitestOf = (file: string): string[] =>
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', file]

/** One after the other, so that each has the machine for itself. */
async function properties ({ seeds }: Options, signal: AbortSignal): Promise<Result> {
  const results: (Result & { readonly file: string })[] = []
  for (const [file, variable] of propertyFiles) {
    say(`${file}, ${seeds} sequences`)
    results.push({ file, ...await program(vitestOf(file), signal, { [variable]: String(seeds) }) })
  }
  return {
    ok: results.every(({ ok }) => ok),
    text: results.map(({ file, text }) => `${file.padEnd(34)} ${text}`).join('\n'),
    json: Object.fromEntries(results.map(({ file, json }) => [file, json]))
  }
}

/** On servers of its own, which are gone afterwards; where something went wrong their data are kept, and named. */
async function onStack<Soak> (
  signal: AbortSignal, soak: (stack: Stack, dataDir: string) => Promise<Soak>, isGood: (soak: Soak) => boolean
): Promise<Soak> {
  const dataDir = await mkdtemp(join(tmpdir(), 'market-soak-'))
  const stack = await startStack({ dataDir, environment: {}, signal, progress: say })
  let isWell = false
  try {
    const done = await soak(stack, dataDir)
    isWell = isGood(done)
    return done
  } finally {
    await stack.stop()
    if (isWell) await rm(dataDir, { recursive: true, force: true })
    else say(`kept: ${dataDir}`)
  }
}

const namesOf = ({ env }: Stack, logLevel: string): Record<string, string> =>
  ({ ...env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? logLevel, TOPIC_PREFIX: 'soak.' })

const text = instrumentBySymbol('text-prime')!

async function pipeline ({ limit, kills, seed }: Options, signal: AbortSignal): Promise<Result> {
  const flow = flowWithOracle(text.instrumentId, limit)
  const random = seededRandom(seed)
  const { messages } = flow
  const isGood = (soak: PipelineSoak): boolean => faultsOf(soak).length === 0
  const soak = await onStack(signal, (stack, dataDir) => soakPipeline({
    env: namesOf(stack, 'info'),
    servers: { kafka: stack.kafka, clickHouse: stack.clickHouse! },
    logDir: join(dataDir, 'logs'),
    flow,
    plan: planOf({ messages, matchingKills: kills, sinkKills: kills, servers, random }),
    random,
    awayMs,
    slack: Math.min(slackMax, Math.ceil(messages / 10)),
    say,
    signal
  }), isGood)
  return { ok: isGood(soak), text: pipelineText(soak), json: pipelineJson(soak) }
}

const ordersAtOnce = 96

/** Kills in the first nine tenths, and then a rolling restart of every process. */
async function orders ({ orders: commands, accounts, kills, seed }: Options, signal: AbortSignal): Promise<Result> {
  const random = seededRandom(seed)
  const soak = await onStack(signal, (stack, dataDir) => soakOrders({
    env: namesOf(stack, 'warn'),
    logDir: join(dataDir, 'logs'),
    commands,
    accounts,
    atOnce: ordersAtOnce,
    hasStandbys: true,
    seed,
    blows: names => {
      const processes = names.filter(name => name !== 'sinks')
      return [
        ...killsOf({ processes, kills, from: 0.02 * commands, until: 0.75 * commands, random }),
        ...rollingRestart({ processes: names, from: 0.75 * commands, until: 0.95 * commands })
      ]
    },
    say,
    signal
  }), ({ faults }) => faults.length === 0)
  return { ok: soak.faults.length === 0, text: ordersText(soak), json: ordersJson(soak) }
}

async function usage ({ limit, kills, seed }: Options, signal: AbortSignal): Promise<Result> {
  const trace = await readTrace('conv', limit)
  const isGood = ({ outcome }: UsageSoak): boolean => isUsageGood(outcome)
  const soak = await onStack(signal, (stack, dataDir) => soakUsage({
    env: namesOf(stack, 'warn'),
    logDir: join(dataDir, 'logs'),
    trace,
    instrument: text,
    consumers: consumersDefault,
    timeScale: timeScaleDefault,
    kills: usageKills(trace.requests.length, kills, seededRandom(seed)),
    say,
    signal
  }), isGood)
  return { ok: isGood(soak), text: usageSoakText(soak), json: usageSoakJson(soak) }
}

const jobKills = 5

async function lotExpiry ({ lots: due }: Options, signal: AbortSignal): Promise<Result> {
  const buyers = Math.floor(due / lotsEach)
  const isGood = ({ faults }: LotSoak): boolean => faults.length === 0
  const soak = await onStack(signal, stack =>
    soakLots({ env: namesOf(stack, 'warn'), buyers, lotsEach, kills: jobKills, say }), isGood)
  const { lots, killedInBetween, asked, faults } = soak
  return {
    ok: isGood(soak),
    text: [
      `lots       ${lots} swept at once, and expired at once; ${killedInBetween} jobs killed in between, two at a time`,
      `asked      ${asked.sweeps} sweeps of ${buyers} holders, ${asked.expiries} expiries`,
      ...faults.map(fault => `DIFFERS    ${fault}`),
      isGood(soak) ? 'each was booked once' : `${faults.length} differences`
    ].join('\n'),
    json: { lots, killedInBetween, asked, ok: isGood(soak) }
  }
}

/** Once undisturbed, when exactly as many are served as there are tokens for; and once with a gateway killed. */
async function inference ({ requests }: Options, signal: AbortSignal): Promise<Result> {
  const isGood = (soaks: readonly InferenceSoak[]): boolean => soaks.every(({ faults }) => faults.length === 0)
  const soaks = await onStack(signal, async (stack, dataDir) => {
    const done: InferenceSoak[] = []
    for (const kills of [false, true]) {
      const dir = join(dataDir, kills ? 'killed' : 'undisturbed')
      const env = { ...namesOf(stack, 'warn'), TOPIC_PREFIX: kills ? 'soak-killed.' : 'soak.' }
      done.push(await soakInference({ env, dir, gateways: 4, requests, affordable, kills, say, signal }))
    }
    return done
  }, isGood)
  return { ok: isGood(soaks), text: soaks.map(inferenceText).join('\n'), json: { rounds: soaks, ok: isGood(soaks) } }
}

const parts: Record<PartName, (options: Options, signal: AbortSignal) => Promise<Result>> = {
  simulation: ({ seeds }, signal) => {
    const harms = String(Math.ceil(seeds / 50))
    return program(['test/simulation/main.ts', '--seeds', String(seeds), '--harms', harms], signal)
  },
  properties,
  benches: (_options, signal) => program(vitestOf('test/bench/bench.stack.test.ts'), signal, { EVERY_BENCH: '1' }),
  pipeline,
  orders,
  usage,
  'lot-expiry': lotExpiry,
  inference
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
      console.log(usageOfSoak)
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
