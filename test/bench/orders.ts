// Signed orders through HTTP, each answered with its outcome: how long one takes beside raw hops, of which it takes
// three, and how many a second the market sustains on this machine, client and servers included.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../analytics/migrate.ts'
import { ledger } from '../../pipelines/ledger/stage.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import type { ProcessSpec } from '../../pipelines/supervisor/supervisor.ts'
import { instruments } from '../../schemas/instruments.ts'
import type { MatchingOutput } from '../../schemas/matching/records.ts'
import { microdollars, units, type Side } from '../../schemas/units.ts'
import { conservationFaults } from '../soak/orders/balances.ts'
import { LogReplay } from '../soak/orders/log-replay.ts'
import { OrderTrails } from '../soak/orders/order-trail.ts'
import { standstill } from '../soak/orders/standstill.ts'
import { enrol, known, type Enrolled } from '../support/people.ts'
import { unlimited } from '../support/split-market.ts'
import { GatewayClient, signatureOf, traderOf, type Ask } from '../support/trader.ts'
import { freePort } from '../../docker/local/ports.ts'
import type { BenchOptions } from './bench.ts'
import { Arrivals, paced, quantile, type OpenArm } from './paced.ts'
import { perOrder, ProcessorTime } from './processor-time.ts'
import { askAll, openAll, requestBytes, type Answer, type RawConnection } from './raw-http.ts'
import { rawHop } from './raw-hop.ts'
import { median, type BenchRow } from './row.ts'
import { inWorld, nodeArgs, type World } from './world.ts'

const hops = 5
const ordersASecondGoal = 3000
const latencyASecond = 100
const connectionsAtOnce = 192
const accounts = 64
const pricesOfSells = 16
const traded = instruments.filter(({ listing }) => listing !== 'preview').slice(0, 4)

const main = join(import.meta.dirname, '../../pipelines/main.ts')
const gatewayMain = join(import.meta.dirname, '../../gateway/main.ts')

const people: readonly Enrolled[] = Array.from({ length: accounts }, (_, index) => ({
  trader: traderOf(5001 + index, 'bench'),
  cash: microdollars(500_000_000_000),
  supply: { instruments: traded.map(({ instrumentId }) => instrumentId), quantity: units(10_000_000) }
}))

/** The two stages apart, so that each has a core to go to, and one gateway. */
function processes ({ context: { group } }: World, port: number): ProcessSpec[] {
  const stage = (role: string): ProcessSpec =>
    ({ name: role, args: [...nodeArgs(), main, 'clock', role], roles: ['clock', role], groups: [group(role)] })
  const env = { ...unlimited, PORT: String(port), SPOOL_DIR: join(tmpdir(), `bench-spool-${process.pid}`) }
  return [stage('ledger'), stage('matching'), { name: 'gateway', args: [...nodeArgs(), gatewayMain], roles: ['gateway'], env }]
}

/** Orders by turns: one that rests, and from another account one that takes it. */
class Orders {
  #made = 0

  /** Signed now: good for half a minute. */
  sign (count: number): Buffer[] {
    return Array.from({ length: count }, () => this.#next())
  }

  get made (): number {
    return this.#made
  }

  #next (): Buffer {
    const index = this.#made++
    const pair = Math.floor(index / 2)
    const side: Side = index % 2 === 0 ? 'sell' : 'buy'
    // Sells lie on several prices. A buy is at the highest of them and takes any, so that no wide book is left behind.
    const { marketId, trading: { referencePrice, tickSize } } = traded[pair % traded.length]!
    const ticks = side === 'buy' ? pricesOfSells - 1 : Math.floor(pair / traded.length) % pricesOfSells
    const price = referencePrice + ticks * tickSize
    const person = people[(pair * 2 + (index % 2)) % people.length]!
    const body = JSON.stringify({
      market_id: marketId, side, type: 'limit', price: (price / 1_000_000).toFixed(6), quantity: 1, client_order_id: `bench-${index}`
    })
    const ask: Ask = { method: 'POST', path: '/v1/orders' }
    return requestBytes(ask.method, ask.path, signatureOf(person.trader, ask, body), body)
  }
}

export async function orders (options: BenchOptions): Promise<BenchRow[]> {
  return await inWorld(options, {}, async world => {
    const port = await freePort()
    await migrate(world.context.config.clickhouse) // Accounts are shown with what ClickHouse has of them.
    for (const spec of processes(world, port)) await world.supervisor.start(spec)
    const gateway = new GatewayClient(`http://127.0.0.1:${port}`)
    await enrol(world.context, people)
    await known(gateway, people)
    gateway.close()
    const made = new Orders()
    const taken = await latency(world, { options, made, port })
    const sustained = await throughput(world, { options, made, port })
    await assertRight(world, made)
    return [...latencyRows(options, taken), sustained]
  })
}

type Arms = { readonly options: BenchOptions, readonly made: Orders, readonly port: number }

type Taken = { readonly ours: readonly number[], readonly hop: readonly number[], readonly turns: number }

async function latency (world: World, { options, made, port }: Arms): Promise<Taken> {
  const { failed } = world.context
  const turns = options.small ? 1 : 4
  const count = latencyASecond * (options.small ? 1 : 5)
  const arms = [await throughGateway({ options, made, port, failed }), await rawHop(world, latencyASecond)] as const
  const taken: [number[], number[]] = [[], []]
  // The first turn of each warms the code and is not kept.
  for (const arm of arms) await arm.run(options.small ? count : 5 * count)
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, arm] of arms.entries()) taken[index]!.push(...await arm.run(count))
    const [ours, hop] = taken.map(values => quantile(values, 0.5).toFixed(1))
    options.progress(`turn ${turn + 1}: p50 ${ours ?? ''} ms, one hop ${hop ?? ''} ms`)
  }
  for (const arm of arms) await arm.close()
  return { ours: taken[0], hop: taken[1], turns }
}

/** As many connections as could ever wait at that rate. */
async function throughGateway ({ made, port, failed }: Arms & { failed: (error: unknown) => void }): Promise<OpenArm> {
  const idle = await openAll(port, 32)
  const arrived = new Arrivals()
  let last = 0
  return {
    run: async count => {
      const first = last
      last += count
      const requests = made.sign(count)
      return await paced({ count, aSecond: latencyASecond }, arrived, {
        id: index => first + index,
        send: async due => {
          for (const id of due) {
            while (idle.length === 0) await new Promise(resolve => { setTimeout(resolve, 1) })
            const connection = idle.pop()!
            connection.ask(requests[id - first]!).then(answer => {
              assertTaken(answer)
              arrived.see(id)
              idle.push(connection)
            }).catch(failed)
          }
        }
      })
    },
    close: () => {
      for (const connection of idle) connection.close()
      return Promise.resolve()
    }
  }
}

function assertTaken ({ status, body }: Answer): void {
  if (status !== 201) throw new Error(`an order was answered with ${status}: ${body.toString()}`)
}

async function throughput (world: World, { options, made, port }: Arms): Promise<BenchRow> {
  const rounds = options.small ? 1 : 3
  const count = options.small ? 400 : 15_000
  const ours: number[] = []
  const floors: number[] = []
  let bytes = 0
  let used = ''
  const connections = await openAll(port, connectionsAtOnce)
  if (!options.small) await timed(connections, made.sign(count))
  for (let round = 0; round < rounds; round++) {
    const requests = made.sign(count)
    const pids = ['ledger', 'matching', 'gateway'].map((name): [string, number] => [name, world.supervisor.pid(name) ?? 0])
    const time = new ProcessorTime(new Map([...pids, ['client', process.pid]]))
    const { seconds, answers } = await timed(connections, requests)
    used = perOrder(time.shares(), count)
    answers.forEach(assertTaken)
    bytes = answers[0]!.body.length
    ours.push(count / seconds)
    floors.push(await floor(made.sign(count), bytes))
    options.progress(`round ${round + 1}: ${Math.round(ours.at(-1)!)} orders/s, node:http ${Math.round(floors.at(-1)!)}; processor time an order in µs: ${used}`)
  }
  for (const connection of connections) connection.close()
  const [value, besideValue] = [median(ours), median(floors)]
  return {
    name: 'signed orders through HTTP',
    unit: 'orders/s',
    value: Math.round(value),
    beside: 'node:http, as many bytes',
    besideValue: Math.round(besideValue),
    ratio: Number((value / ordersASecondGoal).toFixed(2)),
    goal: options.small ? null : 1,
    ok: options.small || value >= ordersASecondGoal,
    conditions: `ratio: ours / ${ordersASecondGoal}; median of ${rounds} rounds of ${count} orders, ${connectionsAtOnce} connections, ` +
      `${accounts} accounts, ${traded.length} instruments, sells on ${pricesOfSells} prices and buys at the highest, every second order a fill; the ledger, matching and the gateway in a process each; ` +
      `processor time an order in µs: ${used}`
  }
}

type Timed = { readonly seconds: number, readonly answers: readonly Answer[] }

async function timed (connections: readonly RawConnection[], requests: readonly Buffer[]): Promise<Timed> {
  const began = performance.now()
  const answers = await askAll(connections, requests)
  return { seconds: (performance.now() - began) / 1000, answers }
}

/** The same requests to a server that does nothing with them; a second. */
async function floor (requests: readonly Buffer[], bytes: number): Promise<number> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'http-floor.ts'), [String(bytes)], { stdio: 'inherit' })
  try {
    const [port] = await once(child, 'message') as [number]
    const connections = await openAll(port, connectionsAtOnce)
    const { seconds } = await timed(connections, requests)
    for (const connection of connections) connection.close()
    return requests.length / seconds
  } finally {
    child.disconnect()
    await once(child, 'exit')
  }
}

/** Every order is in the log once, every second one is a fill, and nothing was made or lost. */
async function assertRight ({ context }: World, { made }: Orders): Promise<void> {
  const until = await standstill(context)
  const replay = new LogReplay(context)
  const trails = new OrderTrails()
  let fills = 0
  const { states } = await replay.stage(ledger(), until.ledger, output => { trails.hear(output) })
  await replay.stage(matching(), until.matching, (output: MatchingOutput) => { if (output.kind === 'fill') fills++ })
  const faults = [...conservationFaults(states), ...await replay.differences()]
  if (trails.byId.size > made) faults.push(`${trails.byId.size} orders are in the log, and ${made} were made`)
  if (fills === 0) faults.push('nothing was filled')
  if (faults.length > 0) throw new Error(faults.join('; '))
}

function latencyRows ({ small }: BenchOptions, { ours, hop, turns }: Taken): BenchRow[] {
  const inWords = (taken: readonly number[]): string => [0.5, 0.9, 0.99].map(share => quantile(taken, share).toFixed(2)).join(' / ')
  const row = (share: number, name: string, goal: number | null): BenchRow => {
    const [value, besideValue] = [quantile(ours, share), quantile(hop, share)]
    const ratio = hops * besideValue / value
    return {
      name: `signed order to its outcome, ${name}`,
      unit: 'ms',
      value: Number(value.toFixed(2)),
      beside: `one raw hop, ${name}`,
      besideValue: Number(besideValue.toFixed(2)),
      ratio: Number(ratio.toFixed(2)),
      goal: small ? null : goal,
      ok: small || goal === null || ratio >= goal,
      conditions: `ratio: ${hops} hops / ours (it takes three); ${latencyASecond} orders a second, ${ours.length} each, in ${turns} turns; ` +
        `p50 / p90 / p99: ours ${inWords(ours)}, one hop ${inWords(hop)}`
    }
  }
  return [row(0.5, 'p50', 1), row(0.99, 'p99', null)]
}
