// Orders: placed, changed, looked up. Each command is answered with its true outcome, once this gateway's replica of
// the ledger has applied it.

import { z } from 'zod'
import { instrumentById } from '../../schemas/instruments.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import type { Call, SignedCall } from '../http/call.ts'
import { one } from '../http/reply-schemas.ts'
import { command, ownResource, type Reply, type Route } from '../http/route.ts'
import type { OrderView, Ports } from '../ports.ts'
import { readTerms, submitAmend, submitOrder } from './order-commands.ts'
import { amendment, newOrder, type Amendment, type NewOrder } from './order-fields.ts'
import { orderIdOf } from './order-ids.ts'
import { orderJson, orderRow } from './order-json.ts'
import { orderListRoute } from './order-list.ts'
import { countsMarket } from './order-rates.ts'
import { orderByClientId, orderById } from './order-search.ts'
import { known, orderedNow, traders } from './order-outcomes.ts'
import { market } from './parameters.ts'
import { assertReady, ordered } from './refusals.ts'

const counts = z.strictObject({
  count: z.int(),
  by_market: z.array(z.strictObject({ market_id: z.string(), count: z.int() }))
}).meta({ id: 'OrderCount' })

function countJson (orders: readonly OrderView[]): z.output<typeof counts> {
  const byMarket = Map.groupBy(orders, ({ instrumentId }): InstrumentId => instrumentId)
  const rows = [...byMarket].map(([id, of]) => ({ market_id: instrumentById(id)?.marketId ?? id, count: of.length }))
  return { count: orders.length, by_market: rows }
}

async function place (ports: Ports, call: SignedCall, asked: NewOrder): Promise<Reply> {
  const { caller: { holder }, at, tag, idempotencyKey } = call
  const terms = readTerms({ ...asked, client_order_id: asked.client_order_id ?? idempotencyKey }, at)
  const submit = submitOrder(ports, terms, { holder, at, commandId: tag.id })
  const [answer] = await ports.ledger.submit([{ command: submit, tag }])
  const { order, position } = ordered(answer)
  return { status: 201, body: { data: orderJson(order, position) } }
}

async function amend (ports: Ports, call: SignedCall, asked: Amendment): Promise<Reply> {
  const { caller: { holder }, params, at, tag } = call
  const orderId = known(orderIdOf(params['order'] ?? ''))
  assertReady(ports.ledger, holder)
  const amending = { holder, orderId, order: ports.ledger.order(holder, orderId), at }
  const [answer] = await ports.ledger.submit([{ command: submitAmend(ports, asked, amending), tag }])
  const { order, position } = await orderedNow(ports, answer, { holder, orderId })
  const data = orderJson(order, position)
  // The first documents promised a message, the published clients read the order.
  return { body: { data, message: 'Order update accepted', order_id: data.order_id } }
}

/** The market of the order that is to change, where it is known here. */
function countsOrder ({ ledger }: Ports, { caller, params }: Call): ReadonlyArray<string | null> {
  const orderId = orderIdOf(params['order'] ?? '')
  const order = caller === null || orderId === null ? null : ledger.order(caller.holder, orderId)
  return [order?.instrumentId ?? null]
}

const updated = z.strictObject({ data: orderRow, message: z.string(), order_id: z.string() })

/** What a client asked for is looked at before it is known whose it is; the more exact paths come first. */
export function orderRoutes (ports: Ports): Route[] {
  return [
    orderListRoute(ports),
    ownResource({
      path: '/orders/count',
      summary: 'How many open orders you have, by market.',
      query: { market_id: market },
      replies: { 200: one(counts) },
      answer: ({ caller: { holder } }, { market_id: only }): Reply => {
        assertReady(ports.ledger, holder)
        const orders = ports.ledger.openOrders(holder)
        const counted = orders.filter(({ instrumentId }) => only === undefined || instrumentId === only.instrumentId)
        return { body: { data: countJson(counted) } }
      }
    }),
    ownResource({
      path: '/orders/by-client-order-id/:client_order_id',
      summary: 'The newest of your orders with this id of yours.',
      query: {},
      replies: { 200: one(orderRow) },
      answer: async ({ caller: { holder }, params }): Promise<Reply> =>
        ({ body: { data: orderJson(await orderByClientId(ports, holder, params['client_order_id'] ?? '')) } })
    }),
    ownResource({
      path: '/orders/:order',
      summary: 'One of your orders.',
      query: {},
      replies: { 200: one(orderRow) },
      answer: async ({ caller: { holder }, params }): Promise<Reply> =>
        ({ body: { data: orderJson(await orderById(ports, holder, orderIdOf(params['order'] ?? ''))) } })
    }),
    command({
      method: 'POST',
      path: '/orders',
      summary: 'Places an order; answered once it rests, trades or is refused.',
      access: traders,
      body: newOrder,
      counts: countsMarket,
      replies: { 201: one(orderRow) },
      answer: (call, asked) => place(ports, call, asked)
    }),
    command({
      method: 'PUT',
      path: '/orders/:order',
      summary: 'Changes an order; answered once matching has judged the change.',
      access: traders,
      body: amendment,
      counts: call => countsOrder(ports, call),
      replies: { 200: updated },
      answer: (call, asked) => amend(ports, call, asked)
    })
  ]
}
