// The gateway role: node gateway/main.ts. HOST and PORT say where it listens, 127.0.0.1:4040 unless they do.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { z } from 'zod'
import { accountHistory } from '../analytics/account-history.ts'
import { connectClickHouse, type ClickHouse } from '../analytics/client.ts'
import { history } from '../analytics/history.ts'
import { orderHistory } from '../analytics/orders.ts'
import { Directory } from '../pipelines/identities/directory.ts'
import { followInstruments } from '../pipelines/instrument-mirror.ts'
import { ledger } from '../pipelines/ledger/stage.ts'
import { matching } from '../pipelines/matching/stage.ts'
import type { Context } from '../pipelines/process/context.ts'
import { followMirror } from '../pipelines/process/mirror.ts'
import { runRoles, type Role } from '../pipelines/process/run-roles.ts'
import { runStage } from '../pipelines/process/run-stage.ts'
import type { Reading } from '../pipelines/runtime/log.ts'
import type { Identity } from '../schemas/identity/records.ts'
import { topics, type Topic } from '../schemas/topics.ts'
import { instant } from '../schemas/units.ts'
import { bookPort } from './adapters/books.ts'
import { healthPort } from './adapters/health.ts'
import { identityPort } from './adapters/identities.ts'
import { LedgerCommands } from './adapters/ledger-commands.ts'
import { ledgerPort, witness } from './adapters/ledger.ts'
import { reportReadings } from './adapters/readings.ts'
import { placeOf, replicasView } from './adapters/replicas.ts'
import { Watch } from './adapters/watch.ts'
import { gateway } from './app.ts'
import { logger } from './log.ts'
import { processMetrics } from './metrics.ts'
import type { Ports } from './ports.ts'
import { usagePort } from './usage/usage-log.ts'

const count = z.coerce.number().int().min(1)

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4040),
  IS_BEHIND_PROXY: z.stringbool().default(false),
  REQUESTS_A_MINUTE: count.default(1200),
  ORDERS_A_SECOND: count.default(100),
  ORDERS_A_MINUTE: count.default(3000),
  ORDER_BURST: count.default(200)
})
type Settings = z.output<typeof settings>

const elapsedMs = (): number => performance.now()
const now = () => instant(Date.now())
const partitionsOf = ({ partitions }: Topic): number[] =>
  Array.from({ length: partitions }, (_, partition) => partition)

async function watching ({ log, topic }: Context, clickHouse: ClickHouse): Promise<Watch> {
  const watch = new Watch({ elapsedMs })
  const ends = async (...all: readonly Topic[]): Promise<Map<string, number>> => {
    const places = all.flatMap(each => partitionsOf(each).map(partition => [topic(each.name), partition] as const))
    return new Map(await Promise.all(places.map(async ([name, partition]): Promise<[string, number]> =>
      [placeOf(name, partition), (await log.extent(name, partition)).end])))
  }
  await watch.start({
    ends: () => ends(topics.orders, topics.ledger),
    deadLetters: async () => (await ends(topics.deadLetters)).values().reduce((sum, end) => sum + end, 0),
    clickHouse: () => clickHouse.rows('SELECT 1'),
    elapsedMs
  })
  return watch
}

type Parts = {
  readonly ports: Pick<Ports, 'books' | 'ledger' | 'identities' | 'health'>
  /** Whoever still waits for an outcome is told that it is unknown. */
  readonly giveUp: () => void
  close (): Promise<void>
}

async function followDirectory (context: Context, directory: Directory): Promise<Reading> {
  return await followMirror(context, topics.identities, (key, value) => directory.apply(key, value as Identity | null))
}

/** Where what suppliers measured leaves this gateway. */
function reporting ({ log, binder: { current }, topic, logger }: Context): Ports['usage'] {
  return usagePort({
    log,
    topic: topic(topics.usage.name),
    partitions: topics.usage.partitions,
    encode: reading => current.encode(reading),
    now,
    rejected: error => { logger.warn({ error: String(error) }, 'readings were not acknowledged') }
  })
}

/** What this gateway follows of the log; resolves once all of it is warm. */
async function follow (context: Context, clickHouse: ClickHouse): Promise<Parts> {
  const { log, binder, metrics } = context
  const topic = context.topic(topics.ledger.name)
  const { current } = binder
  const commands = new LedgerCommands({
    log,
    topic,
    encode: command => current.encode(command),
    decode: value => current.decode(value),
    now,
    rejected: error => { context.logger.warn({ error: String(error) }, 'a command was not acknowledged') }
  })
  const books = runStage(context, matching(), { leads: false })
  const accounts = runStage(context, ledger(), { leads: false, witness: witness(commands, topic) })
  const directory = new Directory()
  const [identities, instruments] = await Promise.all([
    followDirectory(context, directory), followInstruments(context), books.warm(), accounts.warm()
  ])
  const watch = await watching(context, clickHouse)
  const ofOrders = { stage: 'matching', topic: context.topic(topics.orders.name), partitions: partitionsOf(topics.orders) }
  const ofLedger = { stage: 'ledger', topic, partitions: partitionsOf(topics.ledger) }
  const bookReplicas = replicasView({ ...ofOrders, replica: partition => books.machine(partition) }, watch)
  const replica = accounts.machine.bind(accounts)
  const health = { stages: [bookReplicas, replicasView({ ...ofLedger, replica }, watch)], watch, now }
  reportReadings(metrics, health)
  return {
    ports: {
      books: bookPort(bookReplicas),
      ledger: ledgerPort({ commands, replica, partitions: topics.ledger.partitions, topic, now }),
      identities: identityPort(directory, context.logger),
      health: healthPort(health)
    },
    giveUp: () => { commands.close() },
    async close () {
      commands.close()
      watch.stop()
      await Promise.all([identities.close(), instruments.close(), books.close(), accounts.close()])
    }
  }
}

const role: Role = async context => {
  const { HOST, PORT, IS_BEHIND_PROXY, ...rates } = settings.parse(process.env)
  const { config, metrics } = context
  const clickHouse = connectClickHouse(config.clickhouse)
  const followed = await follow(context, clickHouse)
  processMetrics(metrics)
  const server = await listen({ HOST, PORT }, {
    ...followed.ports,
    usage: reporting(context),
    history: history(clickHouse),
    accountHistory: accountHistory(clickHouse),
    orderHistory: orderHistory(clickHouse),
    metrics,
    log: logger(config.logLevel),
    now,
    elapsedMs,
    rateLimit: { requests: rates.REQUESTS_A_MINUTE, windowMs: 60_000 },
    orderRate: { perSecond: rates.ORDERS_A_SECOND, perMinute: rates.ORDERS_A_MINUTE, burst: rates.ORDER_BURST },
    isBehindProxy: IS_BEHIND_PROXY
  })
  return async () => {
    await closed(server, followed.giveUp)
    await followed.close()
    await clickHouse.close()
  }
}

async function listen ({ HOST, PORT }: Pick<Settings, 'HOST' | 'PORT'>, ports: Ports): Promise<Server> {
  const answer = gateway(ports).callback()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(PORT, HOST)
  await once(server, 'listening')
  ports.log.info({ address: server.address() }, 'listening')
  return server
}

const graceMs = 2000
const lastWordsMs = 200

/** Requests under way are answered: as they should be, then by what `giveUp` says, and then no more. */
async function closed (server: Server, giveUp: () => void): Promise<void> {
  const ended = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timers = [
    setTimeout(giveUp, graceMs),
    setTimeout(() => { server.closeAllConnections() }, graceMs + lastWordsMs)
  ]
  await ended
  timers.forEach(timer => { clearTimeout(timer) })
}

await runRoles(new Map([['gateway', role]]))
