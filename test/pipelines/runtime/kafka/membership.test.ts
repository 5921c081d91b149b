import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assign } from '../../../../pipelines/runtime/kafka/membership.ts'

const partitions = (count: number): number[] => Array.from({ length: count }, (_, partition) => partition)

// Members may wish for the same partitions, for ones that there are no more, and for more than their share.
const group = fc.record({
  count: fc.integer({ min: 0, max: 40 }),
  wishes: fc.array(fc.uniqueArray(fc.nat(45), { maxLength: 45 }), { minLength: 1, maxLength: 9 })
}).map(({ count, wishes }) => ({ count, members: wishes.map((owned, index) => ({ id: `m${index}`, owned })) }))

describe('an assignment', () => {
  test('gives each partition to one member', () => {
    fc.assert(fc.property(group, ({ count, members }) => {
      const given = [...assign(members, partitions(count)).values()].flat()
      expect(given.sort((a, b) => a - b)).toEqual(partitions(count))
    }), { seed: 1, numRuns: 500 })
  })

  test('is even within one', () => {
    fc.assert(fc.property(group, ({ count, members }) => {
      const sizes = [...assign(members, partitions(count)).values()].map(given => given.length)
      expect(sizes).toHaveLength(members.length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }), { seed: 2, numRuns: 500 })
  })

  test('changes nothing when it is made again', () => {
    fc.assert(fc.property(group, ({ count, members }) => {
      const first = assign(members, partitions(count))
      const again = assign(members.map(({ id }) => ({ id, owned: first.get(id)! })), partitions(count))
      for (const [id, owned] of first) expect(new Set(again.get(id))).toEqual(new Set(owned))
    }), { seed: 3, numRuns: 500 })
  })

  test('leaves those who stay what they have when one goes', () => {
    fc.assert(fc.property(group, ({ count, members }) => {
      fc.pre(members.length > 1)
      const before = assign(members, partitions(count))
      const stay = members.slice(1).map(({ id }) => ({ id, owned: before.get(id)! }))
      const after = assign(stay, partitions(count))
      for (const { id, owned } of stay) expect(after.get(id)).toEqual(expect.arrayContaining(owned))
    }), { seed: 4, numRuns: 500 })
  })

  test('moves no more than a newcomer\'s share', () => {
    fc.assert(fc.property(group, ({ count, members }) => {
      const before = assign(members, partitions(count))
      const after = assign([...members.map(({ id }) => ({ id, owned: before.get(id)! })), { id: 'new', owned: [] }], partitions(count))
      const moved = members.flatMap(({ id }) => {
        return before.get(id)!.filter(partition => !after.get(id)!.includes(partition))
      })
      expect(new Set(moved)).toEqual(new Set(after.get('new')))
    }), { seed: 5, numRuns: 500 })
  })
})
