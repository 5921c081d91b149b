// When an order expires: kept in its row, and in the queue that says whose turn is next.

import type { Matching } from './matching.ts'

/** An order that is open from now on expires at its time, if it has one. */
export function watchExpiry ({ book: { orders }, expiries }: Matching, slot: number): void {
  const expiresAt = orders.expiresAt(slot)
  if (expiresAt !== 0 && !expiries.has(slot)) expiries.add(slot, expiresAt, orders.orderId(slot))
}

/** `at` 0: never again. The order is open, or will be. */
export function setExpiry ({ book: { orders }, expiries }: Matching, slot: number, at: number): void {
  if (expiries.has(slot)) expiries.remove(slot)
  if (at === 0 && !orders.hasMore(slot)) return
  if (!orders.hasMore(slot)) orders.extend(slot, { grant: 0, expiresAt: 0, period: 0, stopTicks: 0 })
  orders.setExpiresAt(slot, at)
  if (at !== 0) expiries.add(slot, at, orders.orderId(slot))
}
