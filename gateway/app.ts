// The gateway as one Koa application. It reads no clock and opens no port: main.ts gives it the world and listens.
//
// The order of the layers is a decision: what must be on every reply comes first, what costs something comes after the
// limit on requests, and a body is read before its path is known, so that a malformed one is told so wherever it went.

import type Router from '@koa/router'
import Koa from 'koa'
import { calls } from './auth/calls.ts'
import type { Consumption } from './consumption/consumption.ts'
import { consumptionLayer } from './consumption/surface-app.ts'
import { aliases } from './http/aliases.ts'
import { jsonBody } from './http/body.ts'
import { CommandRates } from './http/command-rates.ts'
import { headers } from './http/headers.ts'
import { rateLimit } from './http/rate-limit.ts'
import { request, type RequestState } from './http/request.ts'
import { mount, unrouted, type Layers, type Route } from './http/route.ts'
import { openApi } from './openapi/document.ts'
import { describeInference } from './openapi/inference/description.ts'
import { operations } from './openapi/inference/operations.ts'
import { describe } from './openapi/page.ts'
import type { Ports } from './ports.ts'
import { settingRoutes } from './settings/routes.ts'
import { supplierRoutes } from './suppliers/supplier-endpoints.ts'
import { accountRoutes } from './trading/accounts.ts'
import { deadManRoute } from './trading/dead-man.ts'
import { instrumentRoutes } from './trading/instruments.ts'
import { limitRoutes } from './trading/limits.ts'
import { marketRoutes } from './trading/markets.ts'
import { userRoutes } from './trading/me.ts'
import { operationRoutes } from './trading/operations.ts'
import { orderBatchRoute } from './trading/order-batches.ts'
import { orderCancelRoutes } from './trading/order-cancels.ts'
import { orderRoutes } from './trading/orders.ts'
import { ownTradeRoutes } from './trading/own-trades.ts'
import { positionRoutes } from './trading/positions.ts'
import { priceHistoryRoutes } from './trading/price-histories.ts'
import { summaryRoutes } from './trading/summaries.ts'
import { supplyAccountRoutes } from './trading/supply-accounts.ts'
import { supplyRoutes } from './trading/supply.ts'
import { tradeRoutes } from './trading/trades.ts'
import { transferHistoryRoutes } from './trading/transfer-histories.ts'
import { transferRoutes } from './trading/transfers.ts'
import { usageEventsRoute } from './usage/usage-events.ts'

/** Everything under the prefixes, as data. */
export const routes = (ports: Ports): Route[] => [
  ...operationRoutes(ports),
  ...instrumentRoutes(ports),
  ...marketRoutes(ports),
  ...summaryRoutes(ports),
  ...tradeRoutes(ports),
  ...priceHistoryRoutes(ports),
  ...orderRoutes(ports),
  orderBatchRoute(ports),
  deadManRoute(ports),
  ...orderCancelRoutes(ports),
  ...userRoutes(ports),
  ...limitRoutes(ports),
  ...accountRoutes(ports),
  ...positionRoutes(ports),
  ...ownTradeRoutes(ports),
  ...transferRoutes(ports),
  ...transferHistoryRoutes(ports),
  ...supplyRoutes(ports),
  ...supplyAccountRoutes(ports),
  ...supplierRoutes(ports),
  ...settingRoutes(ports),
  usageEventsRoute(ports)
]

/** What is not part of the API: for those who run it. */
function operators (ports: Ports, layers: Layers, servesInference: boolean): Router<RequestState> {
  const router = mount(operationRoutes(ports).filter(({ path }) => path !== '/diagnostics'), '', layers)
  router.get('/metrics', async ctx => {
    ctx.state.route = '/metrics'
    ctx.type = ports.metrics.contentType
    ctx.body = await ports.metrics.metrics()
  })
  describe(router, () => openApi(routes(ports), servesInference ? describeInference(operations) : null))
  return router
}

/** `consumption`: null for a gateway that serves no inference. */
export function gateway (ports: Ports, consumption: Consumption | null = null): Koa<RequestState> {
  // Of the addresses a proxy names, only the last was written by it; the others are the client's own words.
  const app = new Koa<RequestState>({ proxy: ports.isBehindProxy, maxIpsCount: 1 })
  const layers = { callOf: calls(ports), rates: new CommandRates(ports) }
  const routers = [operators(ports, layers, consumption !== null), mount(routes(ports), '/v1', layers)]
  // Every byte of an answer passes here, so it goes before all that is for short replies, and brings what it needs.
  if (consumption !== null) app.use(consumptionLayer(consumption))
  app.use(request(ports))
  app.use(headers)
  app.use(rateLimit(ports))
  app.use(jsonBody())
  app.use(aliases)
  for (const router of routers) app.use(router.routes())
  app.use(ctx => { throw unrouted(routers, ctx.path) })
  // Only what breaks while a reply is on its way comes here, such as a client that went away.
  app.on('error', (err: unknown) => ports.log.warn({ err }, 'reply not delivered'))
  return app
}
