// An order's end, and how long it is remembered: two minutes, for answers; a day where it has a client order id, which
// is reserved for as long.

import type { LedgerOrderStatus } from '../../schemas/ledger/records.ts'
import type { ClosureReason } from '../../schemas/matching/records.ts'
import type { Ledger } from './ledger.ts'
import { type Queue, orderField as field } from './orders.ts'
import { type Refusal, closureNumber, isOpenStatus, refusalNumber, statusNumber } from './order-terms.ts'
import { positionField } from './positions.ts'

export const keptMs = 2 * 60 * 1000
export const keptWithClientIdMs = 24 * 60 * 60 * 1000

/** How an order ends. */
export type End = {
  readonly status: LedgerOrderStatus
  readonly closureReason: ClosureReason | null
  readonly refusal: Refusal | null
}

/** Takes an open order out of those that are open. Its hold is for the caller to give back. */
export function close (state: Ledger, slot: number, end: End): void {
  const { orders, positions } = state
  orders.unlinkOpen(slot)
  const position = positions.find(orders.of(slot, field.holder), orders.of(slot, field.instrument) - 1)
  positions.add(position, positionField.openOrders, -1)
  keepClosed(state, slot, end)
}

/** Of an order that is in no list yet, or no longer: one that has closed, or never was. */
export function keepClosed (state: Ledger, slot: number, { status, closureReason, refusal }: End): void {
  const { orders } = state
  orders.put(slot, field.status, statusNumber(status))
  orders.put(slot, field.closure, closureNumber(closureReason))
  orders.put(slot, field.refusal, refusalNumber(refusal))
  orders.put(slot, field.closedAt, state.now)
  orders.put(slot, field.underWay, 0)
  // The legs of a pair go together: the first has the hold of both.
  const other = orders.otherLeg(slot)
  if (other === 0) {
    remember(state, slot)
  } else if (!isOpenStatus(orders.of(other, field.status))) {
    remember(state, other)
    remember(state, slot)
  }
}

function remember (state: Ledger, slot: number): void {
  const { orders } = state
  const hasClientId = orders.hasClientId(slot)
  orders.put(slot, field.forgetAt, state.now + (hasClientId ? keptWithClientIdMs : keptMs))
  orders.linkClosed(slot)
  orders.enqueue(hasClientId ? orders.reserved : orders.closed, slot)
}

/** Forgets whose time is over. */
export function forgetClosed (state: Ledger): void {
  forgetFrom(state, state.orders.closed)
  forgetFrom(state, state.orders.reserved)
}

function forgetFrom ({ orders, now }: Ledger, queue: Queue): void {
  while (queue.first !== 0 && orders.of(queue.first, field.forgetAt) <= now) {
    const slot = queue.first
    orders.dequeue(queue)
    orders.drop(slot)
  }
}
