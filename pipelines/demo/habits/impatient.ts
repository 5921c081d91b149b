// The impatient: they need tokens now, take what is offered, and have it sent on to Consumption.

import { microdollars } from '../../../schemas/units.ts'
import { between } from '../chance.ts'
import { above, type Habit, type NewOrder } from './habit.ts'

const cent = 10_000

export const impatient: Habit = sight => {
  const { ask, chance, tickSize } = sight
  if (ask === null) return []
  const mine = { side: 'buy', autoTransfer: true } as const
  const mood = chance()
  let order: NewOrder
  if (mood < 0.6) {
    order = { ...mine, type: 'market', quantity: between(chance, 1, 12) }
  } else if (mood < 0.85) {
    // Enough for one unit of the dearest.
    order = { ...mine, type: 'market', notional: microdollars(Math.max(between(chance, 50, 500) * cent, 2 * ask)) }
  } else {
    const price = microdollars(Math.max(above(sight, 60), ask + tickSize))
    order = { ...mine, type: 'limit', price, quantity: between(chance, 2, 20), timeInForce: mood < 0.93 ? 'ioc' : 'fok' }
  }
  return [{ kind: 'place', order }]
}
