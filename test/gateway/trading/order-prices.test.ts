// How far an order that names no price may go.

import { expect, test } from 'vitest'
import { marketProtection, stopProtection } from '../../../gateway/trading/order-prices.ts'
import { microdollars, type Side } from '../../../schemas/units.ts'

const tickSize = microdollars(100)
const now = { tickSize, bandBp: 2000, reference: microdollars(100_900), best: microdollars(101_000) }

test.each<[string, Side, number | null, object, number]>([
  ['5 % beyond the best, on the tick below', 'buy', null, {}, 106_000],
  ['5 % beyond the best, on the tick above', 'sell', null, { best: microdollars(100_100) }, 95_100],
  ['as far as the client allows', 'buy', 50, {}, 101_500],
  ['as far as the client allows, and no further than 5 %', 'buy', 2000, {}, 106_000],
  ['not at all beyond the best', 'sell', 0, {}, 101_000],
  ['never beyond the band', 'buy', null, { best: microdollars(120_000) }, 121_000],
  ['never beyond the band', 'sell', null, { best: microdollars(82_000) }, 80_800],
  ['as far as the band where nothing rests', 'buy', null, { best: null }, 121_000],
  ['as far as the band where nothing rests', 'sell', 10, { best: null }, 80_800],
  ['without a band 5 % beyond the reference where nothing rests', 'buy', null, { best: null, bandBp: 0 }, 105_900],
  ['without a band 5 % beyond the best', 'buy', null, { best: microdollars(300_000), bandBp: 0 }, 315_000],
  ['never below the first tick', 'sell', 10_000, { best: microdollars(100), bandBp: 0 }, 100],
  ['never above the last tick', 'buy', null, { best: microdollars(104_857_500), bandBp: 0 }, 104_857_500],
  ['at the dearest prices there are', 'buy', null, { tickSize: 1_000_000_000, best: 1_000_000_000_000_000, bandBp: 0 }, 1_048_575_000_000_000]
])('a market order goes %s (%s)', (_name, side, slippageBp, changes, price) => {
  expect(marketProtection(side, slippageBp, { ...now, ...changes })).toBe(price)
})

test.each<[Side, number | null, number]>([['buy', null, 115_500], ['sell', null, 104_500], ['buy', 10, 110_100], ['sell', 0, 110_000], ['buy', 9000, 115_500]])(
  'a %s stop at 0.11 goes %s basis points: %i', (side, slippageBp, price) => {
    expect(stopProtection(side, microdollars(110_000), { tickSize, stopSlippageBp: 500, slippageBp })).toBe(price)
  })
