// A market buy by notional takes the most units that its money pays for, fee included.

import { quantityMax } from '../../schemas/units.ts'
import type { Orders } from './orders.ts'

const wholeBp = 10_000n

/**
 * What the fills may come to, at most: the largest notional with notional + ceil(notional × bp / 10⁴) ≤ money. For
 * whole money that is notional × (10⁴ + bp) ≤ money × 10⁴, whose products pass 2^53.
 */
export function budgetOf (money: number, takerBp: number): number {
  return Number(BigInt(money) * wholeBp / (wholeBp + BigInt(takerBp)))
}

/** How many units more it pays for at this price. */
export function affordable (orders: Orders, slot: number, price: number): number {
  const units = Math.floor((orders.budget(slot) - orders.notional(slot)) / price)
  return Math.min(units, quantityMax - orders.filled(slot))
}
