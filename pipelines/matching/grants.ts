// Grant money pays for what a buy fills first. Of what is left of it an order keeps no more than it can still need, so
// that the ledger, which has the same rule, may hold no more than that either.

import type { Orders } from './orders.ts'

/** Takes what a fill of this notional spends. */
export function spendGrant (orders: Orders, slot: number, notional: number): number {
  const left = orders.grant(slot)
  if (left === 0) return 0
  const spent = Math.min(left, notional)
  orders.setGrant(slot, left - spent)
  return spent
}

/** After a fill, an amend or a decrement. An order by notional never has more left than it may still spend. */
export function trimGrant (orders: Orders, slot: number, tickSize: number): void {
  const left = orders.grant(slot)
  if (left === 0 || orders.hasBudget(slot)) return
  orders.setGrant(slot, Math.min(left, orders.leaves(slot) * orders.ticks(slot) * tickSize))
}
