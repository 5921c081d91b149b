// The history of one holder's orders: those that the ledger has let go of among them.

import type { LedgerOrderStatus, OrderState } from '../schemas/ledger/records.ts'
import type { ClosureReason } from '../schemas/matching/records.ts'
import {
  holderId, instant, instrumentId, microdollars, orderId, units, type HolderId, type InstrumentId, type Instant,
  type OrderId, type Side
} from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import {
  conditionsSql, joined, textColumn, timeColumn, wholeColumn, wordsColumn, type Bound, type Column, type Comparison
} from './conditions.ts'
import { exact, exactOrNull, query } from './query.ts'

/** Where an order stands: its status, or of a cancelled one its closure reason. */
export type OrderStanding = LedgerOrderStatus | ClosureReason

/** Conditions are joined by "and". An order without a client's id has an empty one here. */
export type OrderCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'side', readonly op: '==' | '!=', readonly value: Side }
  | { readonly field: 'clientOrderId', readonly op: '==' | '!=', readonly value: string }
  | { readonly field: 'orderId', readonly op: '==' | '!=', readonly value: OrderId }
  | { readonly field: 'acceptedAt', readonly op: Comparison, readonly value: Instant }
  | { readonly field: 'standing', readonly op: 'in', readonly value: readonly OrderStanding[] }

export type OrderQuery = {
  readonly holder: HolderId
  readonly conditions: readonly OrderCondition[]
  /** Only orders beyond this one in `order`, itself left out. */
  readonly beyond: OrderId | null
  readonly limit: number
  /** By order id: of one holder it rises with time. */
  readonly order: 'asc' | 'desc'
}

/** An order as it was last heard of. `refusal`: of the command that this last state answers. */
export type PastOrder = Omit<OrderState, 'kind' | 'sequence' | 'cause'>

export type OrderHistory = { orders (query: OrderQuery): Promise<readonly PastOrder[]> }

type AlwaysCondition = Exclude<OrderCondition, { field: 'standing' }>
type NowCondition = Extract<OrderCondition, { field: 'standing' }>

const always: Record<AlwaysCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'),
  side: textColumn('side'),
  clientOrderId: textColumn('client_order_id'),
  orderId: wholeColumn('order_id'),
  acceptedAt: timeColumn('accepted_at')
}

const now: Record<NowCondition['field'], Column> = {
  standing: wordsColumn('if(status = \'cancelled\' AND closure_reason != \'\', closure_reason, status)')
}

const isNow = (condition: OrderCondition): condition is NowCondition => condition.field === 'standing'
const isAlways = (condition: OrderCondition): condition is AlwaysCondition => !isNow(condition)

export function orderHistory (clickHouse: ClickHouse): OrderHistory {
  return {
    async orders (asked) {
      const { sql, parameters } = orderSql(asked)
      const rows = await clickHouse.rows<OrderRow>(sql, parameters)
      return rows.map(row => pastOrder(asked.holder, row))
    }
  }
}

function orderSql ({ holder, conditions, beyond, limit, order }: OrderQuery): { sql: string, parameters: Bound } {
  const parameters: Bound = { holder, limit }
  const wanted = conditionsSql(conditions.filter(isAlways), always, parameters)
  if (beyond !== null) {
    parameters['beyond'] = beyond
    wanted.push(`order_id ${order === 'asc' ? '>' : '<'} {beyond:Int64}`)
  }
  const wantedNow = conditionsSql(conditions.filter(isNow), now, parameters)
  const sql = query('orders')
    .replace('{always}', () => joined(wanted))
    .replace('{now}', () => joined(wantedNow))
    .replaceAll('{direction}', order === 'asc' ? 'ASC' : 'DESC')
  return { sql, parameters }
}

type OrderRow =
  Record<'order_id' | 'instrument_id' | 'refusal' | 'status' | 'closure_reason' | 'client_order_id', string> &
  Record<'order_type' | 'time_in_force' | 'quantity' | 'filled_quantity' | 'filled_notional' | 'fee', string> &
  Record<'held_amount' | 'other_leg' | 'submitted_ms' | 'accepted_ms' | 'changed_ms', string> &
  Record<'price' | 'stop_price' | 'notional' | 'expires_ms' | 'closed_ms', string | null> &
  Record<'is_post_only' | 'is_reduce_only' | 'is_auto_transfer', boolean> & { side: Side }

const instantOrNull = (text: string | null): Instant | null => text === null ? null : instant(exact(text))
const moneyOrNull = (text: string | null) => exactOrNull(text) as PastOrder['price']

function pastOrder (holder: HolderId, row: OrderRow): PastOrder {
  return {
    orderId: orderId(exact(row.order_id)),
    holder: holderId(holder),
    instrumentId: instrumentId(row.instrument_id),
    refusal: (row.refusal === '' ? null : row.refusal) as PastOrder['refusal'],
    status: row.status as LedgerOrderStatus,
    closureReason: (row.closure_reason === '' ? null : row.closure_reason) as ClosureReason | null,
    clientOrderId: row.client_order_id === '' ? null : row.client_order_id,
    side: row.side,
    type: row.order_type as PastOrder['type'],
    timeInForce: row.time_in_force as PastOrder['timeInForce'],
    postOnly: row.is_post_only,
    reduceOnly: row.is_reduce_only,
    autoTransfer: row.is_auto_transfer,
    price: moneyOrNull(row.price),
    stopPrice: moneyOrNull(row.stop_price),
    quantity: units(exact(row.quantity)),
    notional: moneyOrNull(row.notional),
    filledQuantity: units(exact(row.filled_quantity)),
    filledNotional: microdollars(exact(row.filled_notional)),
    fee: microdollars(exact(row.fee)),
    heldAmount: exact(row.held_amount),
    otherLeg: orderId(exact(row.other_leg)),
    expiresAt: instantOrNull(row.expires_ms),
    submittedAt: instant(exact(row.submitted_ms)),
    acceptedAt: instant(exact(row.accepted_ms)),
    at: instant(exact(row.changed_ms)),
    closedAt: instantOrNull(row.closed_ms)
  }
}
