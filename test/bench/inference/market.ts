// The market that inference is bought in here: one process with the stages and their clock, one gateway, and consumers
// with tokens for more than a bench asks. Requests go straight to the simulated upstream, which minds no tickets: one
// hop, as for the other gateways.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '../../../analytics/migrate.ts'
import { freePort } from '../../../docker/local/ports.ts'
import { makeConsumptionKey } from '../../../pipelines/identities/consumption-keys.ts'
import { accountSettings, identityKey, unbounded, type Identity } from '../../../schemas/identity/records.ts'
import type { SubmitOrder } from '../../../schemas/ledger/commands.ts'
import { supplyKey, type SupplierEndpoint } from '../../../schemas/suppliers/records.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant, instrumentId, microdollars, units } from '../../../schemas/units.ts'
import { enrol, fromHolder, known } from '../../support/people.ts'
import { unlimited } from '../../support/split-market.ts'
import { GatewayClient, traderOf } from '../../support/trader.ts'
import { nodeArgs, roleMain, type World } from '../world.ts'
import { servedModel } from './asked.ts'

export const instrument = 'text-prime'
/** In different partitions of the ledger. */
const accounts = 8
const unitsEach = 1000

const seed = 'bench-inference'
const supplier = traderOf(7001, seed)
const price = microdollars(100_000)
const gatewayMain = join(import.meta.dirname, '../../../gateway/main.ts')

const consumers = Array.from({ length: accounts }, (_, index) =>
  ({ trader: traderOf(7101 + index, seed), ...makeConsumptionKey() }))
export const keys: readonly string[] = consumers.map(({ key }) => key)
export const holders = consumers.map(({ trader: { holder } }) => holder)

export type GatewayProcess = { readonly url: string, readonly pid: number }

const stages = ['ledger', 'matching', 'metering']

/** Resolves once every consumer can consume. */
export async function startMarket (
  world: World, { dir, upstream }: { readonly dir: string, readonly upstream: string }
): Promise<GatewayProcess> {
  const { context, supervisor } = world
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await migrate(context.config.clickhouse) // Accounts are shown with what ClickHouse has of them.
  await supervisor.start({
    name: 'leader',
    args: [...nodeArgs(), roleMain, 'clock', ...stages],
    roles: ['clock', ...stages],
    groups: stages.map(context.group)
  })
  await supervisor.start({
    name: 'gateway',
    args: [...nodeArgs(), gatewayMain],
    roles: ['gateway'],
    env: { ...environment(dir), PORT: String(port) }
  })
  await identify(world)
  await supply(world, upstream)
  const issued = { instruments: [instrumentId(instrument)], quantity: units(accounts * unitsEach) }
  const people = [
    { trader: supplier, cash: microdollars(1_000_000), supply: issued },
    ...consumers.map(({ trader }) => ({ trader, cash: microdollars(1_000_000_000) }))
  ]
  await enrol(context, people)
  const client = new GatewayClient(url)
  await known(client, people)
  await trade(world)
  await arrived(client)
  client.close()
  return { url, pid: supervisor.pid('gateway')! }
}

const environment = (dir: string): Record<string, string> => ({
  ...unlimited,
  INFERENCE_REQUESTS_A_MINUTE: '',
  INFERENCE_AT_ONCE: '',
  TICKET_SECRETS: `bench:${randomBytes(32).toString('base64')}`,
  SPOOL_DIR: join(dir, 'spool'),
  ALLOWED_NETWORKS: '127.0.0.0/8',
  // A machine that others use as well is late now and then: that is told in the figures, not by refusals.
  DELAY_MS_MAX: '10000',
  DRAIN_MS: '2000'
})

async function identify ({ context: { log, topic, binder } }: World): Promise<void> {
  const at = instant(Date.now())
  const identities = consumers.flatMap(({ trader: { holder: userId }, keyPrefix, keyHash }, index): Identity[] => [
    {
      kind: 'consumption-key',
      keyId: `api_key_bench_${index}`,
      userId,
      name: 'bench',
      keyPrefix,
      keyHash,
      isActive: true,
      expiresAt: null,
      createdAt: at,
      ...unbounded
    },
    { kind: 'account-settings', userId, ...accountSettings, updatedAt: at }
  ])
  const place = { topic: topic(topics.identities.name), partition: 0, headers: {}, timestamp: at }
  await log.send(identities.map(identity =>
    ({ ...place, key: identityKey(identity), value: binder.current.encode(identity) })))
}

/** As its supplier would have registered it. */
async function supply ({ context: { log, topic, binder } }: World, upstream: string): Promise<void> {
  const at = instant(Date.now())
  const endpoint: SupplierEndpoint = {
    kind: 'supplier-endpoint',
    endpointId: 'endpoint_bench',
    supplier: supplier.holder,
    instrumentId: instrumentId(instrument),
    url: upstream,
    publicUrl: upstream,
    models: [servedModel],
    inFlightMax: null,
    requestsPerMinute: null,
    tokensPerMinute: null,
    tlsPin: null,
    managedPrice: null,
    isActive: true,
    createdAt: at,
    updatedAt: at
  }
  const place = { topic: topic(topics.suppliers.name), partition: 0, headers: {}, timestamp: at }
  await log.send([{ ...place, key: supplyKey(endpoint), value: binder.current.encode(endpoint) }])
}

const limitOrder: Omit<SubmitOrder, 'holder' | 'side' | 'quantity' | 'commandId' | 'submittedAt'> = {
  kind: 'submit-order',
  instrumentId: instrumentId(instrument),
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  price,
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

/** The supplier sells to each what he may use. */
async function trade ({ context }: World): Promise<void> {
  const submittedAt = instant(Date.now())
  const terms = { ...limitOrder, submittedAt }
  const quantity = units(accounts * unitsEach)
  const ask: SubmitOrder = { ...terms, holder: supplier.holder, side: 'sell', quantity, commandId: 'ask' }
  const bids = consumers.map(({ trader: { holder } }): SubmitOrder =>
    ({ ...terms, holder, side: 'buy', quantity: units(unitsEach), commandId: `bid-${holder}`, autoTransfer: true }))
  await context.log.send([ask, ...bids].map(order => fromHolder(context, order)))
}

async function arrived (client: GatewayClient): Promise<void> {
  for (const { trader } of consumers) {
    for (let look = 0; ; look++) {
      const { body } = await client.ask(trader, { method: 'GET', path: '/v1/consumption-accounts' })
      const { data } = body as { data: readonly { total_balance: number | string }[] }
      if (data.some(({ total_balance: total }) => Number(total) >= unitsEach)) break
      if (look > 600) throw new Error(`a consumer does not have ${unitsEach} units: ${JSON.stringify(body)}`)
      await sleep(50)
    }
  }
}
