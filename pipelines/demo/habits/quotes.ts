// Quotes: what is to rest, held against what rests. Only what differs is asked for.

import { microdollars, type Microdollars, type Side } from '../../../schemas/units.ts'
import { above, below, withoutTrading, type Act, type OpenOrder, type Sight } from './habit.ts'

export type Quote = { readonly side: Side, readonly price: Microdollars, readonly quantity: number }

export type Ladder = {
  readonly side: Side
  /** Of each level, from the best on. */
  readonly quantities: readonly number[]
  readonly firstBp: number
  readonly stepBp: number
}

/** Levels from fair value away, a tick apart at least, none of which would trade. */
export function ladder (sight: Sight, { side, quantities, firstBp, stepBp }: Ladder): Quote[] {
  const away = (side === 'buy' ? -1 : 1) * sight.tickSize
  let last: number | null = null
  const quotes: Quote[] = []
  for (const [level, quantity] of quantities.entries()) {
    const bp = firstBp + level * stepBp
    const wanted = withoutTrading(side, side === 'buy' ? below(sight, bp) : above(sight, bp), sight)
    const isBeyond = last === null || (side === 'buy' ? wanted < last : wanted > last)
    const price = microdollars(isBeyond ? wanted : last! + away)
    if (price <= 0) break
    last = price
    quotes.push({ side, price, quantity })
  }
  return quotes
}

/** Nearer than this a level stays where it is: its place in the queue is worth more. */
const toleranceBp = 4

const isNear = (order: OpenOrder, { side, price }: Quote, tolerance: number): boolean =>
  order.side === side && order.price !== null && Math.abs(order.price - price) <= tolerance

export function requote (sight: Sight, quotes: readonly Quote[]): Act[] {
  const tolerance = sight.fair * toleranceBp / 10_000
  const missing = [...quotes]
  const cancels: string[] = []
  for (const order of sight.open) {
    const found = missing.findIndex(quote => isNear(order, quote, tolerance))
    if (found === -1) cancels.push(order.orderId)
    else missing.splice(found, 1)
  }
  if (cancels.length === 0 && missing.length === 0) return []
  const orders = missing.map(quote => ({ ...quote, type: 'limit', postOnly: true } as const))
  return [{ kind: 'quote', cancels, orders }]
}
