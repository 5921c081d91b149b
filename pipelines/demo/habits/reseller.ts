// A reseller: buys at the offer, and offers dearer what it has, in whichever way takes its fancy.

import { instant } from '../../../schemas/units.ts'
import { between } from '../chance.ts'
import { above, below, withoutTrading, type Habit, type NewOrder, type Sight } from './habit.ts'

const minuteMs = 60_000
const soldMax = 20
/** A day with less than this in the hand is one for buying. */
const stockLow = 5

export const reseller: Habit = sight => {
  const { ask, chance, open, units } = sight
  const [oldest] = open
  if (oldest !== undefined && chance() < 0.3) return [{ kind: 'cancel', orderId: oldest.orderId }]
  if (units >= stockLow) return [{ kind: 'place', order: offer(sight) }]
  if (open.length > 0 || ask === null) return []
  const price = above(sight, 50)
  return ask > price
    ? []
    : [{ kind: 'place', order: { side: 'buy', type: 'limit', price, quantity: between(chance, 8, 25), timeInForce: 'ioc' } }]
}

function offer (sight: Sight): NewOrder {
  const { at, bid, chance, units } = sight
  const mine = { side: 'sell', quantity: Math.min(units, between(chance, stockLow, soldMax)) } as const
  const lasting = { timeInForce: 'gtd', expiresAt: instant(at + between(chance, 3, 9) * minuteMs) } as const
  const dearer = withoutTrading('sell', above(sight, between(chance, 5, 80)), sight)
  const loss = below(sight, between(chance, 60, 150))
  const mood = chance()
  if (mood < 0.35 && bid !== null) return { ...mine, type: 'market' }
  if (mood < 0.55) return { ...mine, ...lasting, type: 'limit', price: dearer, ocoStopPrice: loss }
  if (mood < 0.65) return { ...mine, ...lasting, type: 'stop', stopPrice: loss }
  return { ...mine, ...lasting, type: 'limit', price: dearer }
}
