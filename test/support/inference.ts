// A market with inference on the real servers: the stages, gateways, an edge in front of a simulated model server, and
// a consumer with a key and tokens. What clients are pointed at in tests of the consumption side.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '../../analytics/migrate.ts'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePorts } from '../../docker/local/ports.ts'
import { startEdge, type RunningEdge } from '../../gateway/edge/running.ts'
import { readSettings } from '../../gateway/edge/settings.ts'
import { simulatedUpstream, type SimulatedUpstream, type UpstreamSettings } from '../../gateway/edge/simulated/upstream.ts'
import { logger } from '../../gateway/log.ts'
import { makeConsumptionKey } from '../../pipelines/identities/consumption-keys.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { provide } from '../../pipelines/provide.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { inWords } from '../../pipelines/supervisor/run.ts'
import { Supervisor, type ProcessSpec } from '../../pipelines/supervisor/supervisor.ts'
import { accountSettings, identityKey, unbounded, type AccountSettings, type Identity } from '../../schemas/identity/records.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import type { SubmitOrder } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, instrumentId, microdollars, partitionOfHolder, units } from '../../schemas/units.ts'
import { enrol, fromHolder, known } from './people.ts'
import { unlimited } from './split-market.ts'
import { GatewayClient, traderOf, type Trader } from './trader.ts'

const root = join(import.meta.dirname, '..', '..')
const pipelines = join(root, 'pipelines', 'main.ts')
const gateway = join(root, 'gateway', 'main.ts')

export type InferenceOptions = {
  /** Where the parts are, with names of a test's own. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly dir: string
  readonly gateways?: number
  /** That the consumer may use, of each instrument. */
  readonly units?: number
  readonly instruments?: readonly string[]
  readonly upstream?: UpstreamSettings
  /** Of a model server of the test's own, in place of the simulated one. */
  readonly upstreamUrl?: string
  readonly settings?: Partial<AccountSettings>
  /** Of the gateways' processes. */
  readonly gatewayEnv?: Readonly<Record<string, string>>
  /** Whether its time can be put forward: topics keep the sender's time, not the broker's. */
  readonly isSimulated?: boolean
  /** Options for Node, by the name of the process. */
  readonly nodeOptions?: (name: string) => readonly string[]
  /** A process that ended by itself. */
  readonly failed?: (error: Error) => void
}

const seed = 'inference'

export class InferenceMarket {
  readonly context: Context
  readonly supervisor: Supervisor
  readonly urls: readonly string[]
  readonly supplier: Trader
  readonly consumer: Trader
  /** The consumption key. */
  readonly key: string
  upstream!: SimulatedUpstream
  edges: RunningEdge[] = []
  readonly #options: InferenceOptions

  private constructor (options: InferenceOptions, context: Context, ports: readonly number[]) {
    this.#options = options
    this.context = context
    this.urls = ports.map(port => `http://127.0.0.1:${port}`)
    this.supplier = traderOf(101, seed)
    this.consumer = traderOf(11, seed)
    this.key = made.key
    this.supervisor = new Supervisor({
      env: { ...environmentFor({}), ...options.env },
      logDir: join(options.dir, 'logs'),
      backoff: { firstMs: 100, longestMs: 100, healthyMs: 60_000 },
      evict: (group, clientId) => evict(context.kafka, group, clientId),
      report: event => {
        if (event.kind !== 'died' || event.exit.signal === 'SIGKILL') return
        options.failed?.(new Error(`${event.name} ${inWords(event.exit)}: ${event.exit.stopped ?? 'no reason given'}; ${event.logFile}`))
      }
    })
  }

  static async start (options: InferenceOptions): Promise<InferenceMarket> {
    const context = await openContext(readConfig(options.env), 'test', error => { throw error as Error })
    const ports = await freePorts(options.gateways ?? 1)
    const market = new InferenceMarket(options, context, ports)
    const { supervisor } = market
    if (options.isSimulated === true) {
      await Promise.all([provide(context, { isSimulated: true, activates: true }), migrate(context.config.clickhouse)])
    } else await supervisor.runToEnd({ name: 'provide', args: [pipelines, 'provide', '--activate'], roles: ['provide'] })
    await Promise.all(market.#specs(ports).map(spec => supervisor.start(spec)))
    await market.#enrol()
    market.upstream = await simulatedUpstream(options.upstream)
    for (const instrument of options.instruments ?? ['text-prime']) {
      market.edges.push(await market.#edge(instrument))
      await market.#trade(instrument)
    }
    return market
  }

  get url (): string {
    return this.urls[0]!
  }

  #specs (ports: readonly number[]): ProcessSpec[] {
    const { dir, gatewayEnv = {}, nodeOptions = () => [] } = this.#options
    const secrets = `test:${randomBytes(32).toString('base64')}`
    const stages = ['ledger', 'matching', 'metering']
    return [
      {
        name: 'leader',
        args: [...nodeOptions('leader'), pipelines, 'clock', ...stages],
        roles: ['clock', ...stages],
        groups: stages.map(name => this.context.group(name))
      },
      ...ports.map((port, index): ProcessSpec => ({
        name: `gateway-${index + 1}`,
        args: [...nodeOptions(`gateway-${index + 1}`), gateway],
        roles: ['gateway'],
        env: {
          ...unlimited,
          INFERENCE_REQUESTS_A_MINUTE: '',
          INFERENCE_AT_ONCE: '',
          PORT: String(port),
          TICKET_SECRETS: secrets,
          SPOOL_DIR: join(dir, `spool-${index + 1}`),
          ALLOWED_NETWORKS: '127.0.0.0/8',
          DRAIN_MS: '2000',
          ...gatewayEnv
        }
      }))
    ]
  }

  /** For the ledger it is so much later from now on; what a gateway sends afterwards comes too late. */
  async goOn (ms: number): Promise<void> {
    const { log, topic, binder } = this.context
    const sentAt = instant(Date.now() + ms)
    const value = binder.current.encode({ kind: 'clock', sentAt, sender: 'test' } as Named)
    const partition = partitionOfHolder(this.consumer.holder, topics.ledger.partitions)
    await log.send([{ topic: topic(topics.ledger.name), partition, key: null, value, headers: {}, timestamp: sentAt }])
  }

  async write (identities: readonly Identity[]): Promise<void> {
    const { log, topic, binder } = this.context
    const timestamp = instant(Date.now())
    const place = { topic: topic(topics.identities.name), partition: 0, headers: {}, timestamp }
    const { current } = binder
    const recordOf = (identity: Identity) => ({ ...place, key: identityKey(identity), value: current.encode(identity) })
    await log.send(identities.map(recordOf))
  }

  async #enrol (): Promise<void> {
    const { instruments = ['text-prime'], settings } = this.#options
    const supply = { instruments: instruments.map(instrumentId), quantity: units(100_000) }
    const people = [
      { trader: this.supplier, cash: microdollars(1_000_000), supply },
      { trader: this.consumer, cash: microdollars(1_000_000_000) }
    ]
    const userId = this.consumer.holder
    const at = instant(Date.now())
    await this.write([
      {
        kind: 'consumption-key',
        keyId: 'api_key_test',
        userId,
        name: 'test',
        keyPrefix: made.keyPrefix,
        keyHash: made.keyHash,
        isActive: true,
        expiresAt: null,
        createdAt: at,
        ...unbounded
      },
      { kind: 'account-settings', userId, ...accountSettings, ...settings, updatedAt: at }
    ])
    await enrol(this.context, people)
    const clients = this.urls.map(url => new GatewayClient(url))
    await Promise.all(clients.map(client => known(client, people)))
    clients.forEach(client => { client.close() })
  }

  async #edge (instrument: string): Promise<RunningEdge> {
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    const settings = readSettings({
      PORT: String(port),
      UPSTREAM_URL: this.#options.upstreamUrl ?? this.upstream.url,
      UPSTREAM_MODEL: 'simulated-1',
      MARKET_URL: this.url,
      SUPPLIER: String(this.supplier.holder),
      SUPPLIER_SIGNING_KEY: seedOf(this.supplier),
      SPOOL_DIR: join(this.#options.dir, `edge-spool-${instrument}`),
      REGISTER: 'true',
      INSTRUMENT: instrument,
      EDGE_URL: url,
      PUBLIC_URL: url
    }, [])
    return await startEdge(settings, logger('warn'))
  }

  /** The supplier sells to the consumer what he may use. */
  async #trade (instrument: string): Promise<void> {
    const quantity = this.#options.units ?? 10
    if (quantity === 0) return
    // Far from it no order is taken.
    const price = instrumentBySymbol(instrument)!.trading.referencePrice
    const submittedAt = instant(Date.now())
    const of = instrumentId(instrument)
    const terms = { ...limitOrder, instrumentId: of, quantity: units(quantity), price, submittedAt }
    const ask: SubmitOrder = { ...terms, holder: this.supplier.holder, side: 'sell', commandId: `ask-${instrument}` }
    const bid: SubmitOrder = { ...terms, holder: this.consumer.holder, side: 'buy', commandId: `bid-${instrument}`, autoTransfer: true }
    await this.context.log.send([fromHolder(this.context, ask), fromHolder(this.context, bid)])
    await this.#arrived(instrument, quantity)
  }

  async #arrived (instrument: string, quantity: number): Promise<void> {
    for (const url of this.urls) {
      const client = new GatewayClient(url)
      for (let look = 0; ; look++) {
        const { body } = await client.ask(this.consumer, { method: 'GET', path: '/v1/consumption-accounts' })
        const { data } = body as { data: { instrument_symbol?: string, total_balance: number | string }[] }
        const own = data.find(({ instrument_symbol: symbol }) => symbol === instrument)
        if (Number(own?.total_balance) >= quantity) break
        if (look > 600) throw new Error(`${url} does not have ${quantity} units of ${instrument}: ${JSON.stringify(body)}`)
        await sleep(50)
      }
      client.close()
    }
  }

  async close (): Promise<void> {
    await Promise.all(this.edges.map(edge => edge.close()))
    await this.supervisor.stop()
    await this.upstream.close()
    await this.context.log.close()
  }
}

const made = makeConsumptionKey()

/** The seed of a test's signing key, as settings take it. */
const seedOf = ({ privateKey }: Trader): string => {
  const { d = '' } = privateKey.export({ format: 'jwk' })
  return Buffer.from(d, 'base64url').toString('base64')
}

const limitOrder: Omit<SubmitOrder, 'holder' | 'side' | 'instrumentId' | 'quantity' | 'price' | 'commandId' | 'submittedAt'> = {
  kind: 'submit-order',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  stopPrice: null,
  notional: null,
  expiresAt: null,
  oco: null,
  clientOrderId: null,
  content: 'inference',
  selfTradePrevention: 'cancel_newest',
  autoTransfer: false,
  bookSequence: null
}
