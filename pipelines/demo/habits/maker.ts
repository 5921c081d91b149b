// A market maker: bids at several levels below fair value, and offers what it was sold.

import { between } from '../chance.ts'
import type { Habit } from './habit.ts'
import { ladder, requote } from './quotes.ts'

const levels = [1, 2, 3]
const offeredUnits = 40

export const maker: Habit = sight => {
  const { chance, open, units } = sight
  const size = between(chance, 10, 30)
  const bids = ladder(sight, {
    side: 'buy', quantities: levels.map(times => times * size), firstBp: between(chance, 10, 18), stepBp: 25
  })
  // What is offered already is held, and no longer among the units that it sees.
  const offered = open.reduce((sum, { side, remaining }) => side === 'sell' ? sum + remaining : sum, 0)
  const quantity = Math.min(offeredUnits, offered > 0 ? offered : units)
  const offers = quantity === 0 ? [] : ladder(sight, { side: 'sell', quantities: [quantity], firstBp: 10, stepBp: 0 })
  const acts = requote(sight, [...bids, ...offers])
  // An offer that moves gives its units back only once it is cancelled: it is made anew in the next turn.
  return acts.map(act => act.kind === 'quote'
    ? { ...act, orders: act.orders.filter(({ side, quantity: wanted = 0 }) => side === 'buy' || wanted <= units) }
    : act)
}
