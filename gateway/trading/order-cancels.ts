// Cancels: of one order, of all, of all in a market. One that comes again applies again, so that a client may send it
// until it hears of it.

import { z } from 'zod'
import type { Instrument } from '../../schemas/instruments.ts'
import type { HolderId, OrderId } from '../../schemas/units.ts'
import type { SignedCall } from '../http/call.ts'
import { logPosition, one } from '../http/reply-schemas.ts'
import { command, type Reply, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { marketAt } from './markets.ts'
import { orderIdOf } from './order-ids.ts'
import { known, orderedNow, traders } from './order-outcomes.ts'
import { orderByClientId } from './order-search.ts'
import { market } from './parameters.ts'
import { done } from './refusals.ts'

type Cancelling = Pick<SignedCall, 'tag'> & { readonly holder: HolderId, readonly orderId: OrderId }

async function cancel (ports: Ports, { holder, orderId, tag }: Cancelling): Promise<Reply> {
  const [answer] = await ports.ledger.submit([{ command: { kind: 'submit-cancel', holder, orderId }, tag }])
  await orderedNow(ports, answer, { holder, orderId })
  return {}
}

async function cancelAll ({ ledger }: Ports, call: SignedCall, only: Instrument | undefined): Promise<Reply> {
  const { caller: { holder }, tag } = call
  const instrumentId = only?.instrumentId ?? null
  const [answer] = await ledger.submit([{ command: { kind: 'cancel-all', holder, instrumentId, reason: 'cancelled' }, tag }])
  const { outcome, position } = done(answer)
  return { body: { data: { cancelled: outcome.count, log_position: position } } }
}

const cancelled = z.strictObject({
  cancelled: z.int().meta({ description: 'Orders that are on their way to be cancelled.' }), log_position: logPosition
}).meta({ id: 'Cancelled' })

export function orderCancelRoutes (ports: Ports): Route[] {
  return [
    command({
      method: 'DELETE',
      path: '/orders',
      summary: 'Cancels all your orders, or those in one market.',
      access: traders,
      query: { market_id: market },
      replies: { 200: one(cancelled) },
      answer: (call, _body, asked) => cancelAll(ports, call, asked.market_id)
    }),
    command({
      method: 'DELETE',
      path: '/markets/:market/orders',
      summary: 'Cancels all your orders in a market.',
      access: traders,
      replies: { 200: one(cancelled) },
      answer: call => cancelAll(ports, call, marketAt(call.params))
    }),
    command({
      method: 'DELETE',
      path: '/orders/by-client-order-id/:client_order_id',
      summary: 'Cancels an order by the id you gave it.',
      access: traders,
      replies: { 204: z.undefined() },
      answer: async ({ caller: { holder }, params, tag }) => {
        const { orderId } = await orderByClientId(ports, holder, params['client_order_id'] ?? '')
        return cancel(ports, { holder, orderId, tag })
      }
    }),
    command({
      method: 'DELETE',
      path: '/orders/:order',
      summary: 'Cancels an order; answered once it is closed.',
      access: traders,
      replies: { 204: z.undefined() },
      answer: ({ caller: { holder }, params, tag }) =>
        cancel(ports, { holder, orderId: known(orderIdOf(params['order'] ?? '')), tag })
    })
  ]
}
