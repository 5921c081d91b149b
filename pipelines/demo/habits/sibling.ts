// A sibling: one of two accounts of one owner that do not look at each other. One offers at the front of the book, the
// other takes what is there, and sooner or later that is the first one's.

import { instant, microdollars } from '../../../schemas/units.ts'
import { between } from '../chance.ts'
import { withoutTrading, type Habit } from './habit.ts'

const openMax = 2
const lifeMs = 90_000

export const sibling: Habit = sight => {
  const { ask, at, chance, open, tickSize, units } = sight
  if (ask === null) return []
  const [oldest] = open
  if (oldest !== undefined && open.length >= openMax) return [{ kind: 'cancel', orderId: oldest.orderId }]
  if (units > 0 && chance() < 0.6) {
    const price = withoutTrading('sell', microdollars(ask - tickSize), sight)
    const lasting = { timeInForce: 'gtd', expiresAt: instant(at + lifeMs) } as const
    return [{ kind: 'place', order: { side: 'sell', type: 'limit', price, quantity: Math.min(units, 6), ...lasting } }]
  }
  const order = { side: 'buy', type: 'limit', price: ask, quantity: between(chance, 2, 6), timeInForce: 'ioc' } as const
  return [{ kind: 'place', order }]
}
