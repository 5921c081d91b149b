// A small part of what `npm run soak` runs: each seed is one history of crashes, zombies, late sends, promotions,
// compaction, trimming, wrong clocks and garbage, held against a replay from zero.

import { describe, expect, test } from 'vitest'
import { faultsUnder, harms } from './sabotage.ts'
import { verdictOf } from './simulate.ts'

const seeds = 200
const group = 25

describe('nothing is lost and nothing doubled', () => {
  for (let from = 1; from <= seeds; from += group) {
    test(`in seeds ${from} to ${from + group - 1}`, async () => {
      for (let seed = from; seed < from + group; seed++) {
        const { faults } = await verdictOf(seed)
        expect(faults, `seed ${seed}`).toEqual([])
      }
    }, 120_000)
  }
})

describe('what can not be mended ends in a stop', () => {
  test.each(Object.keys(harms))('%s', async name => {
    let struck = 0
    for (let seed = 1; seed <= 6; seed++) {
      const faults = await faultsUnder(name, seed)
      if (faults === null) continue
      struck++
      expect(faults, `seed ${seed}`).toEqual([])
    }
    expect(struck).toBeGreaterThan(0)
  }, 120_000)
})

test('a seed is one history', async () => {
  const [first, second] = [await verdictOf(7), await verdictOf(7)]
  expect(second).toEqual(first)
})
