// Consumption on a market in memory: the real ledger and metering, the real engine over real sockets, simulated
// upstreams. The log is settled on the next turn after anything was sent to it.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import Koa from 'koa'
import { Agent } from 'undici'
import { Abandoned } from '../../../gateway/consumption/abandoned.ts'
import { Redirected } from '../../../gateway/consumption/redirected.ts'
import { consumptionSettings, type Consumption } from '../../../gateway/consumption/consumption.ts'
import { RecentItems } from '../../../gateway/consumption/recent-items.ts'
import { Live } from '../../../gateway/serving/live.ts'
import { logger } from '../../../gateway/log.ts'
import type { AccountLimits } from '../../../gateway/limits/rates.ts'
import type { CreditPort } from '../../../gateway/consumption/ports.ts'
import { Strangers } from '../../../gateway/consumption/strangers.ts'
import { Shedding } from '../../../gateway/consumption/shedding.ts'
import { consumptionLayer } from '../../../gateway/consumption/surface-app.ts'
import type { RequestState } from '../../../gateway/http/request.ts'
import { countedRates } from '../../../gateway/adapters/rates.ts'
import { supplyPort } from '../../../gateway/adapters/supply.ts'
import { UsageRequests } from '../../../gateway/adapters/usage-requests.ts'
import { Routing } from '../../../gateway/routing/routing.ts'
import { requestIds } from '../../../gateway/tickets/request-id.ts'
import { readSecrets } from '../../../gateway/tickets/secrets.ts'
import { makeTicketKey } from '../../../gateway/tickets/ticket-keys.ts'
import { countTokens, loadTokenizer } from '../../../gateway/tokenizer/tokenizer.ts'
import type { Ledger } from '../../../pipelines/ledger/ledger.ts'
import { lotViews } from '../../../pipelines/ledger/lots/views.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import type { Output } from '../../../pipelines/runtime/machine.ts'
import { accountSettings, type AccountSettings, type ConsumptionKey } from '../../../schemas/identity/records.ts'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import type { SupplierEndpoint } from '../../../schemas/suppliers/records.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant, microdollars, type HolderId } from '../../../schemas/units.ts'
import type { MeterEvent, RequestReport } from '../../../schemas/usage/records.ts'
import { machineOf, partition, prime, SmallMarket, ada, ben } from '../adapters/small-market.ts'
import { wire } from '../../pipelines/runtime/support.ts'
import { benKey, consumptionKey, endpointOf, give, secretNamed, user } from './small-people.ts'

export { ada, ben, prime }
export { benKey, consumptionKey, secretNamed } from './small-people.ts'

export type SmallOptions = {
  /** Units of text-prime that ben may consume. */
  readonly units?: number
  /** Where requests go; each is an endpoint of a supplier of its own. */
  readonly upstreams: readonly string[]
  readonly settings?: Partial<Consumption['settings']>
  readonly account?: Partial<AccountSettings>
  readonly key?: Partial<ConsumptionKey>
  /** Of all endpoints, or of each. */
  readonly endpoint?: Partial<SupplierEndpoint> | readonly Partial<SupplierEndpoint>[]
  readonly credit?: CreditPort
  readonly limits?: AccountLimits
  readonly identities?: Consumption['identities']
  /** The clock for durations; the machine's own unless it is given. */
  readonly elapsedMs?: () => number
  readonly shedding?: Shedding
  /** A market that is there already: another gateway on the same log. */
  readonly market?: SmallMarket
  /** As TICKET_SECRETS has them. */
  readonly secrets?: string
}

export class SmallConsumption {
  readonly market: SmallMarket
  readonly consumption: Consumption
  readonly routing = new Routing()
  readonly reports: RequestReport[] = []
  readonly readings: MeterEvent[] = []
  /** What the gateway wrote to its log, a line each. */
  readonly logged: string[] = []
  /** Nothing is decided while it is held up: what was sent waits in the log. */
  isHeldUp = false
  readonly machine = machineOf<Ledger>(ledger(), topics.ledger.name, partition)
  readonly requests: UsageRequests
  readonly #agent = new Agent({ connections: 200, pipelining: 1 })
  readonly #server: Server
  #isSettling = false

  constructor (options: SmallOptions) {
    const { market = new SmallMarket() } = options
    this.market = market
    if (options.units !== 0 && options.market === undefined) give(market, options.units ?? 10)
    this.requests = this.#requestsPort()
    market.join(this)
    const { endpoint: terms } = options
    const endpoints = options.upstreams.map(endpointOf)
      .map((each, index) => {
        const own = (Array.isArray(terms) ? terms[index] : terms) as Partial<SupplierEndpoint> | undefined
        return { ...each, ...own }
      })
    for (const each of endpoints) this.routing.setEndpoint(each)
    this.consumption = this.#consumption(options, endpoints)
    const app = new Koa<RequestState>()
    app.use(consumptionLayer(this.consumption))
    app.on('error', () => { /* A client that went away in the middle of its body. */ })
    const answer = app.callback()
    this.#server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => { throw error })
    })
  }

  #requestsPort (): UsageRequests {
    return new UsageRequests({
      log: { send: async records => { await this.#send(records) } },
      topic: topics.ledger.name,
      partitions: topics.ledger.partitions,
      encode: command => wire.encode(command),
      replica: () => this.machine,
      now: () => this.market.now,
      writer: randomBytes(6).toString('hex'),
      rejected: error => { throw error as Error }
    })
  }

  async #send (records: Parameters<SmallMarket['send']>[0]): Promise<void> {
    await this.market.send(records)
    if (this.#isSettling || this.isHeldUp) return
    this.#isSettling = true
    setImmediate(() => {
      this.#isSettling = false
      this.market.settle()
    })
  }

  #consumption (options: SmallOptions, endpoints: readonly SupplierEndpoint[]): Consumption {
    const { market } = this
    const now = () => market.now
    const { elapsedMs = (): number => performance.now() } = options
    const rates = countedRates(options.limits)
    const redirected = new Redirected({
      settle: report => { this.reports.push(report) },
      failed: (_report, error) => { throw error as Error }
    })
    this.requests.onHeard(value => {
      rates.hear(value)
      redirected.hear(value)
    })
    const pair = makeTicketKey(market.now)
    const key = { key: { ...consumptionKey, ...options.key }, user }
    const settings: AccountSettings = { kind: 'account-settings', userId: ben, ...accountSettings, delivery: 'direct', updatedAt: instant(0), ...options.account }
    const secrets = readSecrets(options.secrets ?? secretNamed('test', 7))
    const kept = new Map<string, string>()
    return {
      requests: this.requests,
      keys: {
        consumptionKey: sent => sent === benKey ? key : undefined,
        keyById: id => id === key.key.keyId ? key : undefined,
        settings: () => settings,
        ticketKeys: () => [pair.published]
      },
      identities: options.identities ?? { signingKey: () => undefined },
      supply: supplyPort({
        routing: this.routing,
        upstreams: { agentFor: () => this.#agent },
        endpoints: () => endpoints,
        elapsedMs,
        draw: () => 0.5
      }),
      leavings: {
        settle: ({ reading, report }) => {
          this.reports.push(report)
          if (reading !== null) this.#read(reading)
        },
        progress: reading => { this.#read(reading) }
      },
      rates,
      credit: options.credit ?? { state: () => 'none', look: () => {} },
      prices: { limit: () => microdollars(120_000), shown: () => '0.10000000' },
      models: { delivered: () => [] },
      responses: {
        put: async (holder, id, text) => { await Promise.resolve(kept.set(`${holder} ${id}`, text)) },
        get: async (holder, id) => Promise.resolve(kept.get(`${holder} ${id}`) ?? null),
        remove: async (holder, id) => Promise.resolve(kept.delete(`${holder} ${id}`))
      },
      // Of a history that has not heard of anything yet.
      receipts: {
        requests: async () => Promise.resolve([]),
        request: async () => Promise.resolve(null),
        draws: async () => Promise.resolve([]),
        sums: async () => Promise.resolve([])
      },
      recentItems: new RecentItems(elapsedMs),
      strangers: new Strangers(),
      signing: { pair: () => pair },
      secrets,
      ids: requestIds(secrets),
      live: new Live(),
      abandoned: new Abandoned(this.requests, elapsedMs),
      redirected,
      shedding: options.shedding ?? new Shedding(10_000),
      settings: { ...consumptionSettings, ...options.settings },
      now,
      elapsedMs,
      random: randomBytes,
      countTokens,
      log: logger('info', { write: line => { this.logged.push(line) } })
    }
  }

  #read (reading: MeterEvent): void {
    this.readings.push(reading)
    const { holder } = reading
    const headers = { command: writeCommandTag({ id: reading.id, validUntil: instant(0) }) }
    const [value, timestamp] = [wire.encode(reading), this.market.now]
    this.#send([{ topic: topics.usage.name, partition, key: String(holder), value, headers, timestamp }])
      .catch((error: unknown) => { throw error })
  }

  follow (): void {
    const records = this.market.records(topics.ledger.name, partition)
    while (this.machine.next < records.length) {
      const record = records[this.machine.next]!
      const outputs: Output[] = []
      this.machine.apply(record, outputs)
      this.requests.see(outputs.map(({ value }) => value))
    }
  }

  async listen (): Promise<string> {
    await loadTokenizer()
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Everything that was sent is applied, here and at the stages. */
  async settled (): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await new Promise(resolve => { setImmediate(resolve) })
      this.market.settle()
    }
  }

  /** What a holder has: tokens left, held and drawn. */
  tokens (holder: HolderId = ben): { readonly remaining: number, readonly held: number, readonly drawn: number } {
    const lots = lotViews(this.machine.state, holder)
    const sum = (of: 'remaining' | 'held' | 'drawn'): number => lots.reduce((total, lot) => total + lot[of], 0)
    return { remaining: sum('remaining'), held: sum('held'), drawn: sum('drawn') }
  }

  get captures (): JournalEntry[] {
    return this.market.told.filter((value): value is JournalEntry => value.kind === 'journal-entry' && (value as JournalEntry).usage !== null)
  }

  async close (): Promise<void> {
    this.consumption.shedding.close()
    this.#server.closeAllConnections()
    this.#server.close()
    await this.#agent.destroy()
  }
}

export async function smallConsumption (options: SmallOptions): Promise<SmallConsumption & { readonly url: string }> {
  const small = new SmallConsumption(options)
  const url = await small.listen()
  return Object.assign(small, { url })
}
