// Ledger and matching together, in every order that their logs allow: repeats, crashes, leaders that were thought dead,
// partitions that are behind, amends and cancels that race fills.
//
// MARKET_SEEDS sets how many histories are tried; 10,000 and more are for a quiet afternoon.

import { expect, test } from 'vitest'
import { judge, validate, type Tally } from './market/judge.ts'
import { ask, endow } from './market/traders.ts'
import { World } from './market/world.ts'
import { periodMs } from '../../schemas/units.ts'

const seeds = Number(process.env['MARKET_SEEDS'] ?? 150)
const first = Number(process.env['MARKET_SEED'] ?? 1)

function history (seed: number): Tally {
  const world = new World(seed)
  const { random } = world
  const isRough = random.chance(0.6)
  endow(world)
  for (let asked = 0; asked < 100; asked++) {
    ask(world)
    if (random.chance(0.2)) world.tick(random.below(3000))
    // To about the next sweep, now and then: lots expire four hours after they open, too.
    if (random.chance(0.02)) world.tick(periodMs - world.now % periodMs - 1000 + random.below(2000))
    for (let happens = random.below(12); happens > 0; happens--) world.happen({ isRough })
    if (random.chance(0.1)) validate(world)
  }
  world.settle()
  world.tick(2000)
  world.settle()
  return judge(world)
}

test(`${seeds} histories of a market leave nothing lost, doubled or in transit`, () => {
  const sum = { fills: 0, entries: 0, closed: 0, crashes: 0, sweeps: 0, billed: 0, expired: 0, purchases: 0 }
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      const tally = history(seed)
      for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name]
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
  // Histories in which nothing happens would show nothing.
  expect(sum.fills).toBeGreaterThan(seeds)
  expect(sum.crashes).toBeGreaterThan(seeds)
  expect(sum.sweeps).toBeGreaterThan(seeds)
  for (const name of ['billed', 'expired', 'purchases'] as const) expect(sum[name], name).toBeGreaterThan(seeds / 10)
}, 60_000 + seeds * 200)
