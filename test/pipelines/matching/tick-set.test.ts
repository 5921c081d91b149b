import { expect, test } from 'vitest'
import fc from 'fast-check'
import { TickSet } from '../../../pipelines/matching/tick-set.ts'

const none = -1
// Near each other, at the ends of words at every height, and anywhere.
const tick = fc.oneof(
  fc.integer({ min: 1, max: 70 }),
  fc.constantFrom(1023, 1024, 1025, 32_767, 32_768, 32_769, 2 ** 20 - 2, 2 ** 20 - 1),
  fc.integer({ min: 1, max: 2 ** 20 - 1 })
)

test('finds the neighbours that a sorted list finds', () => {
  fc.assert(fc.property(fc.array(fc.tuple(tick, fc.boolean()), { maxLength: 60 }), tick, (changes, probe) => {
    const set = new TickSet()
    const members = new Set<number>()
    for (const [member, stays] of changes) {
      if (stays) {
        set.add(member)
        members.add(member)
      } else {
        set.remove(member)
        members.delete(member)
      }
    }
    const sorted = [...members].sort((a, b) => a - b)
    expect(set.above(probe, none)).toBe(sorted.find(member => member > probe) ?? none)
    expect(set.below(probe, none)).toBe(sorted.findLast(member => member < probe) ?? none)
    expect(set.above(0, none)).toBe(sorted[0] ?? none)
  }), { seed: 1, numRuns: 2000 })
})
