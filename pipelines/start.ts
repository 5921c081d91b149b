// `npm start`: the whole market on this machine: the servers, the market's processes on them, and a demo that trades.

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { environmentFor } from '../docker/local/environment.ts'
import { canBind, freePort, freePorts } from '../docker/local/ports.ts'
import { startStack, type Stack } from '../docker/local/stack.ts'
import { keptSecret } from './kept-secret.ts'
import {
  consumptionKeyFile, environmentFile, marketProcesses, supplierProcess, type MarketProcesses
} from './market.ts'
import { readConfig } from './runtime/config.ts'
import { connect } from './runtime/kafka/client.ts'
import { evict } from './runtime/kafka/membership.ts'
import { inWords } from './supervisor/run.ts'
import { Supervisor, type ProcessSpec, type SupervisorEvent } from './supervisor/supervisor.ts'
import { welcome } from './welcome.ts'

const usage = `Starts the market on this machine, and a demo that trades, serves and consumes in it. Ctrl-C stops everything.

  npm start [-- OPTIONS]

  --no-demo    nobody trades by himself, and nobody serves inference
  --data DIR   where everything is kept (default .data/market); the next start goes on from it
  --port N     the gateway's (default 4040, or another where that is taken)
  --standby    a second process of matching, warm, that takes over in a fraction of a second when the first dies
  --help       this

Servers of your own take the place of local ones: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, CLICKHOUSE_URL and their
credentials (docker/README.md). DEMO_RATE is how many commands a second the demo sends, 30 when it is not set.`

type Options = {
  readonly data: string
  readonly port: number | undefined
  readonly demo: boolean
  readonly standby: boolean
}

const gatewayPort = 4040
/** Of the demo: more cost memory and show nothing new. */
const suppliers = 2

function readOptions (): Options | 'help' {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      data: { type: 'string', default: '.data/market' },
      port: { type: 'string' },
      demo: { type: 'boolean', default: true },
      standby: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return 'help'
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new Error(`--port is a number from 1 to 65535, not ${values.port ?? ''}`)
  }
  return { data: resolve(values.data), port, demo: values.demo, standby: values.standby }
}

const say = (line: string): void => { console.error(line) }

/** What the operator is told of children. */
function tell (event: SupervisorEvent): void {
  if (event.kind === 'live') {
    say(`${event.name}: running again`)
  } else if (event.kind === 'died') {
    const { name, exit, againInMs, logFile } = event
    say(`${name}: ${inWords(exit)}${exit.stopped === undefined ? '' : `: ${exit.stopped}`}`)
    say(`${name}: starting again in ${againInMs / 1000} s; its log: ${logFile}`)
  } else {
    say(`${event.name}: still a member of ${event.group}, until its session ends (${String(event.error)})`)
  }
}

async function portOf ({ port }: Options): Promise<number> {
  if (port !== undefined) return port
  if (await canBind(gatewayPort)) return gatewayPort
  const other = await freePort()
  say(`gateway: port ${gatewayPort} is taken, so it is ${other}`)
  return other
}

/** So that a command on the terminal has no password in it. */
async function writeCurlConfig (data: string, env: Stack['env']): Promise<string | undefined> {
  const { CLICKHOUSE_URL: url, CLICKHOUSE_DATABASE: database = 'market', CLICKHOUSE_READER_USERNAME: user } = env
  if (url === undefined || user === undefined) return undefined
  const file = join(data, 'clickhouse-reader.curl')
  const password = env['CLICKHOUSE_READER_PASSWORD'] ?? ''
  const headers = { User: user, Key: password, Database: database }
  const lines = Object.entries(headers).map(([name, value]) => `header = "X-ClickHouse-${name}: ${value}"`)
  await mkdir(data, { recursive: true })
  await writeFile(file, `${[`url = "${url}"`, ...lines].join('\n')}\n`, { mode: 0o600 })
  return file
}

/** So that commands find this market (`npm run admin`, pipelines/demo/call.ts). */
async function writeEnvironment (data: string, env: Stack['env']): Promise<void> {
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'`)
  await mkdir(data, { recursive: true })
  await writeFile(join(data, environmentFile), `${lines.join('\n')}\n`, { mode: 0o600 })
}

async function startMarket (
  supervisor: Supervisor, processes: MarketProcesses, { data, demo, standby }: Options
): Promise<void> {
  const start = async (spec: ProcessSpec): Promise<void> => {
    const began = performance.now()
    await supervisor.start(spec)
    say(`${spec.name}: ready in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
  say('provide: topics, schemas, tables and instruments')
  await supervisor.runToEnd(processes.provide)
  await Promise.all([processes.leader, processes.sinks, processes.gateway].map(start))
  if (standby) await start(processes.standby)
  if (!demo) return
  // It takes its orders out of the books through the gateway; and it tells what its suppliers serve with.
  await start({ ...processes.demo, endsFirst: true })
  await Promise.all(Array.from({ length: suppliers }, (_, index) => start(supplierProcess(data, index + 1))))
}

/** What processes of this market are told, unless the environment says otherwise. */
const defaults = ({ data }: Options, gateway: string, edges: readonly string[]): NodeJS.ProcessEnv => ({
  // On one machine all clients have one address.
  REQUESTS_A_MINUTE: '60000',
  // Whoever asks a process to end here is here, and sees what breaks off.
  DRAIN_MS: '2000',
  // So that a process is back sooner.
  NODE_COMPILE_CACHE: join(data, 'compiled'),
  GATEWAY_URL: gateway,
  DEMO_KEYS: join(data, 'demo-keys.json'),
  DEMO_EDGES: edges.join(',')
})

/** And its gateway alone: suppliers have no business with its secrets. */
async function ofGateway ({ data }: Options): Promise<Record<string, string>> {
  const env = {
    TICKET_SECRETS: await keptSecret(join(data, 'ticket-secrets'), () => `local:${randomBytes(32).toString('base64')}`),
    // Suppliers are on this machine, too.
    ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    PAYMENTS: 'fake',
    PAYMENTS_FILE: join(data, 'charges.jsonl')
  }
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, process.env[name] ?? value]))
}

/** Everything up, until `asked` or something fails that can't be started again. */
async function run (options: Options, asked: AbortSignal): Promise<void> {
  const { data, demo, standby } = options
  const stack = await startStack({ dataDir: data, signal: asked, progress: say })
  let supervisor: Supervisor | undefined
  try {
    const port = await portOf(options)
    const gateway = `http://127.0.0.1:${port}`
    const names = ['matching', 'sinks', ...(standby ? ['matching-standby'] : []), ...(demo ? ['demo'] : [])]
    const ports = await freePorts(names.length + (demo ? suppliers : 0))
    const metricsPorts = Object.fromEntries(names.map((name, place) => [name, ports[place]!]))
    const edgePorts = ports.slice(names.length)
    const edges = edgePorts.map(each => `http://127.0.0.1:${each}`)
    const env = { ...defaults(options, gateway, edges), ...environmentFor(stack.env) }
    const config = readConfig(env)
    await writeEnvironment(data, { ...stack.env, GATEWAY_URL: gateway })
    const kafka = connect(config.kafka, 'supervisor', pino({ level: 'silent' }))
    const logDir = join(data, 'logs')
    const keeper = supervisor = new Supervisor({
      env, logDir, evict: (group, clientId) => evict(kafka, group, clientId), report: tell
    })
    const stopped = new Promise<never>((_resolve, reject) => {
      asked.addEventListener('abort', () => { reject(asked.reason as Error) }, { once: true })
    })
    const failed = stack.failed.then(error => { throw error })
    const { topicPrefix } = config
    const gatewayEnv = await ofGateway(options)
    const processes = marketProcesses({ topicPrefix, gatewayPort: port, metricsPorts, folder: data, gatewayEnv })
    await Promise.race([startMarket(keeper, processes, options), stopped, failed])
    console.log(welcome({
      gateway,
      brokers: config.kafka.brokers.join(','),
      registry: config.registry.url,
      clickHouse: config.clickhouse.url,
      curlConfig: await writeCurlConfig(data, stack.env),
      metrics: { ...metricsPorts, ...Object.fromEntries(edgePorts.map((each, index) => [`supplier-${index + 1}`, each])) },
      logs: logDir,
      data,
      consumptionKey: demo ? (await readFile(join(data, consumptionKeyFile), 'utf8')).trim() : undefined
    }))
    await Promise.race([stopped, failed])
  } finally {
    await supervisor?.stop()
    await stack.stop()
  }
}

const parentMs = 250

/** Whoever kills npm means the market; npm that was killed can't pass it on, and the market would be nobody's. */
function endWithNpm (ask: () => void): void {
  const parent = process.ppid
  if (process.env['npm_lifecycle_event'] === undefined) return
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    ask()
  }, parentMs)
  timer.unref()
}

/** Returns the status to end with. */
async function main (): Promise<number> {
  const stopping = new AbortController()
  const ask = (): void => {
    if (stopping.signal.aborted) process.exit(130) // Asked twice: children and servers end with this process.
    say('stopping')
    stopping.abort(new Error('Stopped before everything was ready.'))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ask)
  endWithNpm(ask)
  try {
    const options = readOptions()
    if (options === 'help') console.log(usage)
    else await run(options, stopping.signal)
    return 0
  } catch (error) {
    if (stopping.signal.aborted) return 0
    say((error as Error).message)
    return 1
  }
}

// An eviction that waits for a dead broker must not be what keeps this process.
process.exit(await main())
