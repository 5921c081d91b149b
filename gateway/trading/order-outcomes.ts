// What became of a command about an order that is there already.

import type { HolderId, OrderId } from '../../schemas/units.ts'
import { closedRefusal, type Answer, type Ports, type UserRole } from '../ports.ts'
import { orderById } from './order-search.ts'
import { ordered, refused } from './refusals.ts'

/** Who may place, change and cancel orders. */
export const traders: readonly UserRole[] = ['trader', 'supplier']

/** The id that a client named, if it can be one. */
export function known (orderId: OrderId | null): OrderId {
  if (orderId === null) throw refused('unknown_order')
  return orderId
}

type Sources = Pick<Ports, 'ledger' | 'orderHistory'>

type Of = { readonly holder: HolderId, readonly orderId: OrderId }
type Ordered = Extract<Answer, { readonly kind: 'order' }>

/** The order that a command was about, or an `ApiError`; the history knows of what the ledger has let go of. */
export async function orderedNow (sources: Sources, answer: Answer | undefined, of: Of): Promise<Ordered> {
  if (answer?.kind !== 'refused' || answer.refusal !== 'unknown_order') return ordered(answer)
  const order = await orderById(sources, of.holder, of.orderId)
  throw refused(closedRefusal(order), { order })
}
