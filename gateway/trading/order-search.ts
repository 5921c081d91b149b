// Finding orders: those the ledger still has, as this gateway's replica has them, and behind them the history. Where
// both have an order the replica is right: it is ahead. Open orders are asked of the replica alone, which has them all.

import type { HolderId, OrderId } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import type { Comparison, Direction, OrderCondition, OrderView, PastOrder, Ports } from '../ports.ts'
import { closedStandings, isOpen, statusWord, type ApiStatus } from './order-status.ts'
import { assertReady } from './refusals.ts'

type Sources = Pick<Ports, 'ledger' | 'orderHistory'>

export type Search = {
  readonly holder: HolderId
  /** Conditions on the status are in the words. */
  readonly conditions: readonly OrderCondition[]
  readonly words: readonly ApiStatus[]
}

export type Window = { readonly beyond: OrderId | null, readonly limit: number, readonly order: Direction }

const compared: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b
}

function meets (order: OrderView, condition: OrderCondition): boolean {
  switch (condition.field) {
    case 'standing': return true // Judged by its word.
    case 'acceptedAt': return compared[condition.op](order.acceptedAt, condition.value)
    default: return ((order[condition.field] ?? '') === condition.value) === (condition.op === '==')
  }
}

function viewOf ({ at, ...past }: PastOrder): OrderView {
  return { ...past, refusal: past.status === 'refused' ? past.refusal : null, updatedAt: at, isCancelling: false }
}

/** At most `limit` orders beyond the place, in order. */
export async function searchOrders (sources: Sources, search: Search, window: Window): Promise<OrderView[]> {
  const { ledger, orderHistory } = sources
  const { holder, conditions, words } = search
  const { beyond, limit, order } = window
  assertReady(ledger, holder)
  const isBefore = (a: OrderId, b: OrderId): boolean => order === 'asc' ? a < b : a > b
  const isFound = (each: OrderView): boolean =>
    words.includes(statusWord(each)) && conditions.every(condition => meets(each, condition))
  const standings = closedStandings(words)
  const past = new Map<OrderId, OrderView>()
  let readTo = beyond
  let isReadWhole = standings.length === 0
  for (;;) {
    if (!isReadWhole) {
      const asked: OrderCondition[] = [...conditions, { field: 'standing', op: 'in', value: standings }]
      const rows = await orderHistory.orders({ holder, conditions: asked, beyond: readTo, limit, order })
      for (const row of rows) past.set(row.orderId, viewOf(row))
      isReadWhole = rows.length < limit
      readTo = rows.at(-1)?.orderId ?? readTo
    }
    const found = new Map(past)
    for (const each of standings.length === 0 ? ledger.openOrders(holder) : ledger.recentOrders(holder)) {
      const { orderId } = each
      const isWithin = (beyond === null || isBefore(beyond, orderId)) && (isReadWhole || !isBefore(readTo!, orderId))
      if (isWithin && isFound(each)) found.set(orderId, each)
      else found.delete(orderId)
    }
    // What the replica took out again is made up for by reading on.
    if (isReadWhole || found.size >= limit) {
      return [...found.values()].sort((a, b) => isBefore(a.orderId, b.orderId) ? -1 : 1).slice(0, limit)
    }
  }
}

/** The order with this id; an `ApiError` where the holder has none, whoever else may have it. */
export async function orderById (sources: Sources, holder: HolderId, orderId: OrderId | null): Promise<OrderView> {
  assertReady(sources.ledger, holder)
  const kept = orderId === null ? null : sources.ledger.order(holder, orderId)
  if (kept !== null) return kept
  return orderId === null ? notFound() : fromHistory(sources, holder, { field: 'orderId', op: '==', value: orderId })
}

/** The newest with this id of the client's own. */
export async function orderByClientId (sources: Sources, holder: HolderId, clientId: string): Promise<OrderView> {
  assertReady(sources.ledger, holder)
  return sources.ledger.orderByClientId(holder, clientId) ??
    await fromHistory(sources, holder, { field: 'clientOrderId', op: '==', value: clientId })
}

async function fromHistory (sources: Sources, holder: HolderId, condition: OrderCondition): Promise<OrderView> {
  const { orderHistory } = sources
  const [row] = await orderHistory.orders({ holder, conditions: [condition], beyond: null, limit: 1, order: 'desc' })
  if (row === undefined) return notFound()
  // The ledger has let go of it, so it is closed, and the history does not know of it yet.
  if (isOpen(row)) throw stillOnItsWay()
  return viewOf(row)
}

const stillOnItsWay = (): ApiError =>
  new ApiError('unavailable', 'The end of this order is still on its way to the history; try again.', { headers: { 'retry-after': '5' } })

function notFound (): never {
  throw new ApiError('order_not_found', 'You have no such order.')
}
