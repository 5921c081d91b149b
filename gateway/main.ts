// The gateway role: node gateway/main.ts. HOST and PORT say where it listens, 127.0.0.1:4040 unless they do; every
// other setting is in process/settings.ts.

import { accountHistory } from '../analytics/account-history.ts'
import { connectClickHouse } from '../analytics/client.ts'
import { history } from '../analytics/history.ts'
import { orderHistory } from '../analytics/orders.ts'
import type { Context } from '../pipelines/process/context.ts'
import { runRoles, type Role } from '../pipelines/process/run-roles.ts'
import { topics } from '../schemas/topics.ts'
import { consume } from './adapters/consume.ts'
import { reloading } from './adapters/reloading.ts'
import { Suppliers } from './adapters/suppliers.ts'
import { chosenPayments } from './credit/choice.ts'
import { logger } from './log.ts'
import { processMetrics } from './metrics.ts'
import type { Ports } from './ports.ts'
import { elapsedMs, follow, now } from './process/follow.ts'
import { closed, listen } from './process/serve.ts'
import { gatewaySettings, ownSecrets, type GatewaySettings } from './process/settings.ts'
import { systemResolve, Upstreams } from './suppliers/upstreams.ts'
import { requestIds } from './tickets/request-id.ts'
import { usagePort } from './usage/usage-log.ts'

/** Who serves requests, and the connections to them. */
function suppliersOf ({ log, topic, binder: { current }, logger }: Context, reached: GatewaySettings) {
  const surroundings = { resolve: systemResolve, networks: reached.ALLOWED_NETWORKS }
  const upstreams = new Upstreams({
    ...surroundings,
    connectTimeoutMs: reached.UPSTREAM_CONNECT_MS,
    headersTimeoutMs: reached.UPSTREAM_HEADERS_MS,
    bodyTimeoutMs: reached.UPSTREAM_IDLE_MS
  })
  const suppliers = new Suppliers({
    ...surroundings,
    log,
    topic: topic(topics.suppliers.name),
    encode: supply => current.encode(supply),
    now,
    elapsedMs,
    upstreams,
    rejected: error => { logger.warn({ error: String(error) }, 'an endpoint was not acknowledged') }
  })
  return { suppliers, upstreams }
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

const role: Role = async context => {
  const settings = gatewaySettings.parse(process.env)
  const { config, metrics } = context
  const clickHouse = connectClickHouse(config.clickhouse)
  const { suppliers, upstreams } = suppliersOf(context, settings)
  const followed = await follow(context, clickHouse, suppliers)
  processMetrics(metrics)
  const secrets = settings.TICKET_SECRETS ?? ownSecrets()
  if (settings.TICKET_SECRETS === null) context.logger.warn('TICKET_SECRETS is not set: redirects are good at this gateway only, until it ends')
  const ports: Ports = {
    ...followed.ports,
    usage: reporting(context),
    suppliers: suppliers.port,
    requestIds: requestIds(secrets),
    history: history(clickHouse),
    accountHistory: accountHistory(clickHouse),
    orderHistory: orderHistory(clickHouse),
    metrics,
    log: logger(config.logLevel),
    now,
    elapsedMs,
    rateLimit: { requests: settings.REQUESTS_A_MINUTE, windowMs: 60_000 },
    orderRate: {
      perSecond: settings.ORDERS_A_SECOND,
      perMinute: settings.ORDERS_A_MINUTE,
      burst: settings.ORDER_BURST
    },
    isBehindProxy: settings.IS_BEHIND_PROXY
  }
  const payments = chosenPayments(settings, now)
  const { ledger } = followed.ports
  const reloads = reloading({ ...followed, ledger, payments, now, logger: context.logger })
  const consuming = await consume(context, {
    ports,
    clickHouse,
    directory: followed.directory,
    identities: followed.ports.settings,
    requests: followed.requests,
    suppliers,
    upstreams,
    credit: reloads.credit,
    secrets,
    spoolFolder: settings.SPOOL_DIR,
    limits: {
      requestsPerMinute: settings.INFERENCE_REQUESTS_A_MINUTE,
      tokensPerMinute: settings.INFERENCE_TOKENS_A_MINUTE,
      openMax: settings.INFERENCE_AT_ONCE
    },
    settings: {
      bodyIdleMs: settings.BODY_IDLE_MS,
      headersTimeoutMs: settings.UPSTREAM_HEADERS_MS,
      idleTimeoutMs: settings.UPSTREAM_IDLE_MS,
      totalMs: settings.ANSWER_MS,
      heartbeatMs: settings.HEARTBEAT_MS
    },
    delayMsMax: settings.DELAY_MS_MAX
  })
  const server = await listen(settings, ports, consuming.consumption)
  return async () => {
    await closed(server, { drained: () => consuming.drain(settings.DRAIN_MS), giveUp: followed.giveUp })
    await Promise.all([consuming.close(), reloads.close()])
    await followed.close()
    await Promise.all([upstreams.close(), clickHouse.close()])
  }
}

await runRoles(new Map([['gateway', role]]))
