// Orders from many accounts through two gateways while processes are killed or restarted; then everything that must
// hold of the log, of the gateways and of ClickHouse.

import { migrate } from '../../../analytics/migrate.ts'
import { openContext, type Context } from '../../../pipelines/process/context.ts'
import { provide } from '../../../pipelines/provide.ts'
import { readConfig } from '../../../pipelines/runtime/config.ts'
import { instruments } from '../../../schemas/instruments.ts'
import { microdollars, units } from '../../../schemas/units.ts'
import { enrol, known, type Enrolled } from '../../support/people.ts'
import { SplitMarket } from '../../support/split-market.ts'
import { GatewayClient, traderOf } from '../../support/trader.ts'
import { seededRandom } from '../random.ts'
import { Desk } from './desk.ts'
import { Intentions } from './intentions.ts'
import type { Blow } from './plan.ts'
import { runTraffic, type Traffic } from './traffic.ts'
import { judge, type Verdict } from './verdict.ts'

export type OrdersSoakOptions = {
  /** Where the parts are, and the names of this soak: TOPIC_PREFIX and CLICKHOUSE_DATABASE. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logDir: string
  readonly commands: number
  readonly accounts: number
  readonly atOnce: number
  readonly hasStandbys: boolean
  readonly seed: number
  /** Options for Node, by the name of the process. */
  readonly nodeOptions?: (name: string) => readonly string[]
  /** What is done to which of the processes. */
  readonly blows: (processes: readonly string[]) => readonly Blow[]
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
}

export type OrdersSoak = Traffic & Verdict

/** The first four that are open to orders. */
export const traded = instruments.filter(({ listing }) => listing !== 'preview').slice(0, 4)
const firstHolder = 1001
const cash = microdollars(50_000_000_000)
const supply = { instruments: traded.map(({ instrumentId }) => instrumentId), quantity: units(1_000_000) }

/** Every second account issues what it sells; of each hundred, two belong to one owner. */
export function peopleOf ({ accounts, seed }: Pick<OrdersSoakOptions, 'accounts' | 'seed'>): Enrolled[] {
  return Array.from({ length: accounts }, (_, index): Enrolled => {
    const trader = traderOf(firstHolder + index, `soak ${seed}`)
    const owner = index % 100 === 1 ? firstHolder + index - 1 : firstHolder + index
    return { trader, owner, cash, ...(index % 2 === 0 ? { supply } : { grant: microdollars(25_000_000) }) }
  })
}

export async function soakOrders (options: OrdersSoakOptions): Promise<OrdersSoak> {
  const failing = new AbortController()
  const signal = AbortSignal.any([failing.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const failed = (error: unknown): void => { failing.abort(error) }
  const context = await openContext(readConfig(options.env), 'soak', failed)
  let market: SplitMarket | undefined
  let gateways: GatewayClient[] = []
  try {
    await provide(context)
    await migrate(context.config.clickhouse)
    const { env, logDir, hasStandbys, nodeOptions = () => [] } = options
    market = await SplitMarket.start({ context, env, logDir, hasStandbys, nodeOptions, failed })
    gateways = market.gatewayUrls.map(url => new GatewayClient(url, { sockets: options.atOnce }))
    return await new Soak({ context, market, gateways, options, signal }).run()
  } finally {
    for (const gateway of gateways) gateway.close()
    await market?.stop()
    await context.log.close()
  }
}

type Parts = {
  readonly context: Context
  readonly market: SplitMarket
  readonly gateways: readonly GatewayClient[]
  readonly options: OrdersSoakOptions
  readonly signal: AbortSignal
}

class Soak {
  readonly #parts: Parts
  readonly #people: readonly Enrolled[]

  constructor (parts: Parts) {
    this.#parts = parts
    this.#people = peopleOf(parts.options)
  }

  async run (): Promise<OrdersSoak> {
    const { context, market, gateways, options, signal } = this.#parts
    const { say, seed } = options
    await enrol(context, this.#people)
    for (const gateway of gateways) await known(gateway, this.#people)
    say(`${this.#people.length} accounts are open`)
    const random = seededRandom(seed)
    const desks = this.#people.map(({ trader }) => {
      const own = seededRandom(Math.floor(random.next() * 2 ** 32))
      return new Desk(trader, gateways, new Intentions(`${seed}-${trader.holder}`, traded, own))
    })
    const traffic = await runTraffic({
      ...options,
      market,
      desks,
      blows: options.blows(market.names),
      instruments: traded.map(({ marketId }) => marketId),
      signal
    })
    say(`${traffic.told.length} commands answered in ${traffic.seconds.toFixed(1)} s`)
    const traders = this.#people.map(({ trader }) => trader)
    const verdict = await judge({ context, gateways, traders, told: traffic.told, say })
    return { ...traffic, ...verdict }
  }
}
