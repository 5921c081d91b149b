// `npm run replay`: a recorded flow, or recorded requests, through the stages and the sinks, each in a process of its
// own, and the checks.

import { randomInt } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { startChild, inWords, type Child } from '../../docker/local/child.ts'
import { environmentFor, givenBy } from '../../docker/local/environment.ts'
import { logFile, quoted } from '../../docker/local/log-file.ts'
import { startStack } from '../../docker/local/stack.ts'
import { basisPoints, type Instant } from '../../schemas/units.ts'
import { setParameters } from '../../schemas/instruments.ts'
import { openContext, type Context } from '../process/context.ts'
import { readConfig } from '../runtime/config.ts'
import { flash1Flow } from './flash1-flow.ts'
import type { Flow } from './flow.ts'
import { FlowFileError, readFlowFile } from './flow-file.ts'
import { readOptions, usage, UsageError, type Options, type UsageChoice } from './options.ts'
import { isGood, outcomeJson, outcomeText } from './outcome-text.ts'
import { progressView, type Counts } from './progress-bars.ts'
import { prepareReplay, removeReplay, runReplay, type Outcome } from './replay.ts'
import { prepareUsage, runUsage, type UsageOutcome, type UsageProgress } from './usage-replay.ts'
import { isUsageGood, usageJson, usageText } from './usage-text.ts'
import { readTrace, type Trace } from './usage-trace.ts'
import type { Progress } from './watch.ts'

const dataDir = fileURLToPath(new URL('../../.data/replay', import.meta.url))
const pipelines = fileURLToPath(new URL('../main.ts', import.meta.url))
const stopGraceMs = 5000
const cleanUpMs = 20_000

const say = (line: string): void => { console.error(line) }

async function flowOf ({ file, instrument, limit }: Options): Promise<Flow> {
  if (file === undefined) return flash1Flow({ instrumentId: instrument.instrumentId, limit })
  // Bands are off: the flow was recorded where there were none.
  const parameters = { ...setParameters(instrument), bandBp: basisPoints(0), pauseMs: 0 }
  return await readFlowFile({ path: file, parameters, limit, now: Date.now() as Instant })
}

/** Each under the name of its replay; SIGKILL for this process is SIGKILL for them. */
class Roles {
  readonly #children: Child[] = []
  readonly #logs: string[] = []
  readonly #env: NodeJS.ProcessEnv
  readonly #failed: (error: unknown) => void

  constructor (env: NodeJS.ProcessEnv, failed: (error: unknown) => void) {
    this.#env = env
    this.#failed = failed
  }

  async start (role: string): Promise<void> {
    const log = logFile(`${dataDir}/logs/${this.#env['TOPIC_PREFIX'] ?? ''}${role}.log`)
    this.#logs.push(log.path)
    const child = await startChild({ file: process.execPath, args: [pipelines, role], env: this.#env, endsAt: 'sigterm' }, log)
    this.#children.push(child)
    child.exited.then(async exit => {
      // Those that were asked to end are no longer among them.
      if (!this.#children.includes(child)) return
      throw new Error(`${role} ${inWords(exit)}. ${quoted(await log.written())}\n  All of its log: ${log.path}`)
    }).catch(this.#failed)
  }

  async stop (): Promise<void> {
    await Promise.all(this.#children.splice(0).map(child => child.stop(stopGraceMs)))
  }

  async removeLogs (): Promise<void> {
    await Promise.all(this.#logs.map(path => rm(path, { force: true })))
  }
}

type Started = { readonly context: Context, readonly env: NodeJS.ProcessEnv, readonly stop: () => Promise<void> }

/** The servers, and names of this replay's own on them. */
async function start (options: Options, stopping: AbortController): Promise<Started> {
  const failed = (error: unknown): void => { stopping.abort(error) }
  // Where nothing has to be started, several replays may run at once.
  const given = givenBy(process.env)
  const isAllGiven = given.kafka !== undefined && given.registry !== undefined && given.clickHouse !== undefined
  const stack = isAllGiven ? undefined : await startStack({ dataDir, signal: stopping.signal, progress: say })
  stack?.failed.then(failed, failed)
  try {
    const id = options.resume?.slice('replay-'.length, -1) ?? randomInt(36 ** 5, 36 ** 6).toString(36)
    const env = {
      ...stack === undefined ? process.env : environmentFor(stack.env),
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
      TOPIC_PREFIX: `replay-${id}.`,
      CLICKHOUSE_DATABASE: `market_replay_${id}`
    }
    const context = await openContext(readConfig(env), 'replay', failed)
    return { context, env, stop: async () => await stack?.stop() }
  } catch (error) {
    await stack?.stop()
    throw error
  }
}

/** What is played, and in what. */
type Play<Result> = {
  readonly says: string
  readonly unit: string
  readonly roles: readonly string[]
  prepare (context: Context): Promise<void>
  run (context: Context, watched: { signal: AbortSignal, show: (counts: Counts) => void }): Promise<Result>
}

async function replay<Result> (options: Options, play: Play<Result>, stopping: AbortController): Promise<Result> {
  const { context, env, stop } = await start(options, stopping)
  const { signal } = stopping
  const roles = new Roles(env, error => { stopping.abort(error) })
  const view = progressView(process.stderr, play.unit)
  const names = `topics ${context.config.topicPrefix}*, database ${context.config.clickhouse.database}`
  const run = async (): Promise<Result> => {
    say(`${names}: ${play.says}`)
    await play.prepare(context)
    signal.throwIfAborted()
    for (const role of play.roles) await roles.start(role)
    return await play.run(context, { signal, show: counts => { view.show(counts) } })
  }
  let isWell = false
  try {
    const outcome = await Promise.race([run(), aborted(signal)])
    isWell = true
    return outcome
  } finally {
    view.stop()
    await roles.stop()
    if (isWell || signal.reason instanceof Interrupted) await roles.removeLogs()
    if (options.keeps) say(`kept: ${names}`)
    else await inTime(removeReplay(context), `${names} could not be deleted`)
    await inTime(context.log.close(), 'Kafka does not answer')
    await stop()
  }
}

function playFlow (flow: Flow, { rate, throughAccounts }: Options): Play<Outcome> {
  return {
    says: `${flow.messages} messages of ${flow.name} on ${flow.parameters.instrumentId}`,
    unit: 'messages',
    roles: [...(throughAccounts ? ['ledger'] : []), 'matching', 'sinks'],
    prepare: context => prepareReplay(context, flow),
    run: (context, { signal, show }) => {
      const progress = ({ messages: total, ...steps }: Progress): void => { show({ total, steps }) }
      return runReplay(context, { flow, rate, throughAccounts, signal, progress })
    }
  }
}

function playUsage (trace: Trace, usage: UsageChoice, { instrument }: Options): Play<UsageOutcome> {
  const { consumers, timeScale } = usage
  return {
    says: `${trace.requests.length} requests of ${trace.name} on ${instrument.instrumentId}, by ${consumers} consumers`,
    unit: 'requests',
    roles: ['ledger', 'matching', 'metering', 'sinks'],
    prepare: context => prepareUsage(context, { instrument }),
    run: (context, { signal, show }) => {
      const progress = ({ requests: total, ...steps }: UsageProgress): void => { show({ total, steps }) }
      return runUsage(context, { trace, instrument, consumers, timeScale, signal, progress })
    }
  }
}

/** Ctrl-C, or a request to end. */
class Interrupted extends Error {}

/** What failed may be what cleaning up needs. */
async function inTime (work: Promise<void>, otherwise: string): Promise<void> {
  const late = Symbol('late')
  const first = await Promise.race([work, sleep(cleanUpMs, late, { ref: false })])
  if (first === late) say(otherwise)
}

function aborted (signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = (): void => { reject(signal.reason as Error) }
    if (signal.aborted) give()
    else signal.addEventListener('abort', give)
  })
}

async function runOrders (options: Options, stopping: AbortController): Promise<number> {
  const flow = await flowOf(options)
  const outcome = await replay(options, playFlow(flow, options), stopping)
  console.log(outcomeText(outcome, flow))
  if (options.isJson) console.log(outcomeJson(outcome))
  return isGood(outcome) ? 0 : 1
}

async function runRequests (options: Options, usage: UsageChoice, stopping: AbortController): Promise<number> {
  const trace = await readTrace(usage.trace, options.limit)
  const outcome = await replay(options, playUsage(trace, usage, options), stopping)
  console.log(usageText(outcome))
  if (options.isJson) console.log(usageJson(outcome))
  return isUsageGood(outcome) ? 0 : 1
}

async function run (args: readonly string[]): Promise<number> {
  const stopping = new AbortController()
  const ask = (): void => {
    if (stopping.signal.aborted) process.exit(130)
    say('stopping: what this replay made is being deleted')
    stopping.abort(new Interrupted('Interrupted.'))
  }
  process.on('SIGINT', ask).on('SIGTERM', ask)
  try {
    const options = readOptions(args)
    if (options === 'help') {
      console.log(usage)
      return 0
    }
    return options.usage === undefined
      ? await runOrders(options, stopping)
      : await runRequests(options, options.usage, stopping)
  } catch (error) {
    const isTheirs = error instanceof UsageError || error instanceof FlowFileError
    say(isTheirs || stopping.signal.aborted ? (error as Error).message : inspect(error))
    if (error instanceof FlowFileError) say('Nothing was sent.')
    return isTheirs ? 2 : 1
  }
}

process.exitCode = await run(process.argv.slice(2))
