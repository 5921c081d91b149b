// A supplier: sells what it can serve, at several levels above fair value, and issues more before it runs out.

import { between } from '../chance.ts'
import type { Habit } from './habit.ts'
import { ladder, requote } from './quotes.ts'

const levels = [1, 2, 4]
const lowUnits = 2000
const issuedUnits = 5000

export const supplier: Habit = sight => {
  const size = between(sight.chance, 20, 60)
  const quotes = ladder(sight, {
    side: 'sell', quantities: levels.map(times => times * size), firstBp: between(sight.chance, 12, 20), stepBp: 25
  })
  const quoted = requote(sight, quotes)
  return sight.units < lowUnits ? [{ kind: 'supply', quantity: issuedUnits }, ...quoted] : quoted
}
