// The patient: bids below the market that end by themselves. With enough of them out, one is raised, or given up.

import { instant } from '../../../schemas/units.ts'
import { between } from '../chance.ts'
import { below, withoutTrading, type Act, type Habit, type NewOrder, type Sight } from './habit.ts'

const openMax = 2
const minuteMs = 60_000

export const patient: Habit = sight => {
  const { at, chance, open } = sight
  if (open.length >= openMax) return [changeOf(sight)]
  const price = withoutTrading('buy', below(sight, between(chance, 20, 200)), sight)
  const isDay = chance() < 0.2
  const ends = instant(at + between(chance, 2, 8) * minuteMs)
  const order: NewOrder = {
    side: 'buy',
    type: 'limit',
    price,
    quantity: between(chance, 5, 40),
    ...(chance() < 0.5 ? { autoTransfer: true } : {}),
    ...(isDay ? { timeInForce: 'day' } : { timeInForce: 'gtd', expiresAt: ends })
  }
  return [{ kind: 'place', order }]
}

function changeOf (sight: Sight): Act {
  const [oldest] = sight.open
  const { orderId, price: before } = oldest!
  const price = withoutTrading('buy', below(sight, between(sight.chance, 10, 60)), sight)
  return before === null || price <= before ? { kind: 'cancel', orderId } : { kind: 'amend', orderId, price }
}
