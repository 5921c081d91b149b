// A market of release 0.1.0 taken on by this release: its log goes on at version 1, with orders as that release wrote
// them, until an operator switches it while it trades; then it has accounts, and everybody who follows it follows.

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { migrate } from '../../analytics/migrate.ts'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { marketProcesses } from '../../pipelines/market.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { provide } from '../../pipelines/provide.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { activateVersionHeader, writeActivateVersion } from '../../pipelines/runtime/control.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { provideTopics } from '../../pipelines/runtime/kafka/topics.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { Supervisor } from '../../pipelines/supervisor/supervisor.ts'
import type { AcceptedSchema } from '../../schemas/codec.ts'
import { instrumentBySymbol, setParameters } from '../../schemas/instruments.ts'
import type { Fill, MatchingOutput, OrderUpdate } from '../../schemas/matching/records.ts'
import { Registry } from '../../schemas/registry.ts'
import { parseSchema, type Schema } from '../../schemas/schema-set.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, microdollars, units, type Side } from '../../schemas/units.ts'
import { LogReplay } from '../soak/orders/log-replay.ts'
import { standstill } from '../soak/orders/standstill.ts'
import { fromOutside, limitOrder } from '../support/orders.ts'
import { enrol, known, type Enrolled } from '../support/people.ts'
import { clickHouseClient, stackEnv, temporaryDir, testDatabase, topicPrefix } from '../support/stack.ts'
import { GatewayClient, traderOf, type Ask } from '../support/trader.ts'

const prefix = topicPrefix()
const database = testDatabase()
const prime = instrumentBySymbol('text-prime')!
const { instrumentId, index, trading: { referencePrice, tickSize } } = prime
const released = join(import.meta.dirname, '../contracts/released/0.1.0')
const admin = join(import.meta.dirname, '../../pipelines/admin/main.ts')
const env = (): Record<string, string> =>
  ({ ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' })

const schemasBefore: readonly Schema[] = readdirSync(released).map(file => parseSchema(readFileSync(join(released, file), 'utf8')))

/** Release 0.1.0, as far as it wrote to `orders`. */
class Before {
  readonly #context: Context
  readonly #listing: readonly AcceptedSchema[]

  constructor (context: Context, listing: readonly AcceptedSchema[]) {
    this.#context = context
    this.#listing = listing
  }

  #encode (value: { readonly kind: string }): Buffer {
    const schema = schemasBefore.find(({ kind }) => kind === value.kind)!
    const prefixed = Buffer.alloc(5)
    prefixed.writeInt32BE(this.#listing.find(({ name }) => name === schema.name)!.id, 1)
    return Buffer.concat([prefixed, schema.type.toBuffer(value)])
  }

  /** What its `provide` began a partition with. */
  opening (partition: number): Outgoing[] {
    const timestamp = instant(Date.now())
    const place = { topic: this.#context.topic(topics.orders.name), partition, key: null, timestamp }
    const id = this.#listing.find(({ name }) => name.endsWith('.ActivateVersion'))!.id
    const value = writeActivateVersion({ kind: 'activate-version', version: 1, schemas: this.#listing }, id)
    const listed = partition === index ? [this.#command(setParameters(prime))] : []
    return [
      { ...place, value, headers: { control: activateVersionHeader } },
      { ...place, value: this.#encode({ kind: 'clock', sentAt: timestamp, sender: 'provide' } as never), headers: {} },
      ...listed
    ]
  }

  #command (command: Parameters<typeof fromOutside>[2]): Outgoing {
    return { ...fromOutside(this.#context, index, command), value: this.#encode(command) }
  }

  order (id: number, side: Side, price: number, quantity: number): Outgoing {
    return this.#command(limitOrder({ id, holder: 700_000 + id, instrumentId, side, price, quantity }))
  }
}

async function start (context: Context): Promise<GatewayClient> {
  const gatewayPort = await freePort()
  const folder = await temporaryDir()
  const { leader, sinks, gateway } = marketProcesses({ topicPrefix: prefix, gatewayPort, metricsPorts: {}, folder })
  const supervisor = new Supervisor({
    env: environmentFor(env()),
    logDir: folder,
    evict: (group, clientId) => evict(context.kafka, group, clientId),
    report: event => { throw new Error(`${event.name}: ${event.kind}`) }
  })
  onTestFinished(() => supervisor.stop())
  await Promise.all([leader, sinks, gateway].map(spec => supervisor.start(spec)))
  const client = new GatewayClient(`http://127.0.0.1:${gatewayPort}`)
  onTestFinished(() => { client.close() })
  return client
}

/** A seller with units, and a buyer. */
const people: readonly Enrolled[] = [1, 2].map(holder => ({
  trader: traderOf(holder, 'upgrade'),
  cash: microdollars(1_000_000_000),
  ...(holder === 1 ? { supply: { instruments: [instrumentId], quantity: units(1000) } } : {})
}))

const dollars = (ticks: number): string => ((referencePrice + ticks * tickSize) / 1_000_000).toFixed(6)

test('a log goes on at the version of before until it is switched, and everybody follows', async () => {
  const context = await openContext(readConfig(env()), 'test', error => { throw error as Error })
  onTestFinished(() => context.log.close())
  const { log, kafka } = context
  await provideTopics(kafka, { prefix, replicationFactor: 1, isSimulated: false })
  const before = new Before(context, await new Registry(readConfig(env()).registry).register(schemasBefore))
  await log.send(Array.from({ length: topics.orders.partitions }, (_, partition) => before.opening(partition)).flat())
  await log.send([before.order(1, 'sell', referencePrice + 2 * tickSize, 5), before.order(2, 'buy', referencePrice - 2 * tickSize, 5)])
  expect(await provide(context)).toEqual({ outdated: ['matching'] })
  await migrate(context.config.clickhouse)

  // This release runs it as it was.
  const gateway = await start(context)
  const book = async (): Promise<unknown> =>
    (await gateway.send({ method: 'GET', path: '/v1/markets/text-prime/orderbook' }, '')).body
  await log.send([before.order(3, 'buy', referencePrice + 2 * tickSize, 2)])
  const rest = { sell: [{ price: `${dollars(2)}00`, quantity: 3 }], buy: [{ price: `${dollars(-2)}00`, quantity: 5 }] }
  await vi.waitFor(async () => { expect(await book()).toMatchObject({ data: rest }) }, { timeout: 20_000 })

  // It is switched while it trades.
  const trading = (async () => {
    for (let id = 100; id < 160; id += 2) {
      await log.send([before.order(id, 'sell', referencePrice, 1), before.order(id + 1, 'buy', referencePrice, 1)])
    }
  })()
  const { stdout } = await promisify(execFile)(process.execPath, [admin, 'activate-version', '--json'], { env: environmentFor(env()) })
  expect(JSON.parse(stdout)).toBeTruthy()
  await trading
  expect(await provide(context)).toEqual({ outdated: [] })

  // Accounts trade with what rests from before, and have what there was not before: a stop.
  await enrol(context, people)
  await known(gateway, people)
  const [seller, buyer] = people.map(({ trader }) => trader)
  const place = async (trader: typeof seller, body: object): Promise<unknown> => {
    const ask: Ask = { method: 'POST', path: '/v1/orders', body: { market_id: 'text-prime', ...body } }
    return (await gateway.ask(trader!, ask)).body
  }
  const bought = await place(buyer, { side: 'buy', type: 'limit', price: dollars(2), quantity: 3 })
  expect(bought).toMatchObject({ data: { status: 'filled', filled_quantity: 3 } })
  const stop = await place(seller, { side: 'sell', type: 'stop', stop_price: dollars(-2), quantity: 1 })
  expect(stop).toMatchObject({ data: { status: 'active' } })
  const sold = await place(seller, { side: 'sell', type: 'limit', price: dollars(-2), quantity: 5, time_in_force: 'ioc' })
  expect(sold).toMatchObject({ data: { status: 'filled', filled_quantity: 5 } })

  // From zero, through both versions, it comes to what was written; and ClickHouse has all of it.
  const fills: Fill[] = []
  const updates: OrderUpdate[] = []
  const replay = new LogReplay(context)
  const until = await standstill(context)
  const { states } = await replay.stage(matching(), until.matching, (output: MatchingOutput) => {
    if (output.kind === 'fill') fills.push(output)
    if (output.kind === 'order-update') updates.push(output)
  })
  expect(await replay.differences()).toEqual([])
  expect(states[index]!.fillSequence).toBe(fills.length)
  expect(fills.map(({ quantity }) => quantity).slice(-2)).toEqual([3, 5])
  expect(fills).toHaveLength(33)
  expect(updates.some(({ orderId }) => orderId === 159)).toBe(true)
  const client = clickHouseClient(stackEnv(), database)
  onTestFinished(() => client.close())
  await vi.waitFor(async () => {
    const rows = await (await client.query({ query: 'SELECT toUInt32(count()) AS fills FROM fills', format: 'JSONEachRow' })).json()
    expect(rows).toEqual([{ fills: fills.length }])
  }, { timeout: 20_000 })
}, 120_000)
