// The gateway role: node gateway/main.ts. HOST and PORT say where it listens, 127.0.0.1:4040 unless they do.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { z } from 'zod'
import { connectClickHouse, type ClickHouse } from '../analytics/client.ts'
import { history } from '../analytics/history.ts'
import type { Context } from '../pipelines/process/context.ts'
import { matching } from '../pipelines/matching/stage.ts'
import { runRoles, type Role } from '../pipelines/process/run-roles.ts'
import { runStage } from '../pipelines/process/run-stage.ts'
import { topics, type Topic } from '../schemas/topics.ts'
import { instant } from '../schemas/units.ts'
import { bookPort } from './adapters/books.ts'
import { healthPort } from './adapters/health.ts'
import { reportReadings } from './adapters/readings.ts'
import { replicasView, Watch } from './adapters/watch.ts'
import { gateway } from './app.ts'
import { logger } from './log.ts'
import { processMetrics } from './metrics.ts'
import type { Ports } from './ports.ts'

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4040),
  IS_BEHIND_PROXY: z.stringbool().default(false),
  REQUESTS_A_MINUTE: z.coerce.number().int().min(1).default(1200)
})
type Settings = z.output<typeof settings>

const elapsedMs = (): number => performance.now()
const now = () => instant(Date.now())

async function watching ({ log, topic }: Context, clickHouse: ClickHouse): Promise<Watch> {
  const watch = new Watch({ elapsedMs })
  const ends = async ({ name, partitions }: Topic): Promise<Map<number, number>> => {
    const all = Array.from({ length: partitions }, async (_, partition): Promise<[number, number]> =>
      [partition, (await log.extent(topic(name), partition)).end])
    return new Map(await Promise.all(all))
  }
  await watch.start({
    ends: () => ends(topics.orders),
    deadLetters: async () => (await ends(topics.deadLetters)).values().reduce((sum, end) => sum + end, 0),
    clickHouse: () => clickHouse.rows('SELECT 1'),
    elapsedMs
  })
  return watch
}

const role: Role = async context => {
  const { HOST, PORT, IS_BEHIND_PROXY, REQUESTS_A_MINUTE } = settings.parse(process.env)
  const { config, metrics } = context
  const clickHouse = connectClickHouse(config.clickhouse)
  const host = runStage(context, matching(), { leads: false })
  await host.warm()
  const watch = await watching(context, clickHouse)
  const replicas = replicasView(context.topic(topics.orders.name), partition => host.machine(partition), watch)
  const partitions = Array.from({ length: topics.orders.partitions }, (_, partition) => partition)
  const health = { replicas, partitions, watch, now }
  processMetrics(metrics)
  reportReadings(metrics, health)
  const server = await listen({ HOST, PORT }, {
    books: bookPort(replicas),
    history: history(clickHouse),
    health: healthPort(health),
    metrics,
    log: logger(config.logLevel),
    now,
    elapsedMs,
    rateLimit: { requests: REQUESTS_A_MINUTE, windowMs: 60_000 },
    isBehindProxy: IS_BEHIND_PROXY
  })
  return async () => {
    await closed(server)
    watch.stop()
    await host.close()
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

/** Requests under way are answered; who holds a connection for longer than that is cut off. */
async function closed (server: Server): Promise<void> {
  const ended = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => { server.closeAllConnections() }, graceMs)
  await ended
  clearTimeout(timer)
}

await runRoles(new Map([['gateway', role]]))
