import { expect, test } from 'vitest'
import fc from 'fast-check'
import { OrderIndex } from '../../../pipelines/matching/order-index.ts'

// Ids side by side, far apart, and alike in their low bits: so that runs form, run into each other, and break up again.
const id = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: 1, max: 250 }) },
  fc.integer({ min: 1, max: 40 }).map(number => number * 2 ** 20),
  fc.integer({ min: 0, max: 20 }).map(number => Number.MAX_SAFE_INTEGER - number)
)

test('finds what a map finds', () => {
  fc.assert(fc.property(fc.array(fc.tuple(id, fc.boolean()), { minLength: 300, maxLength: 600 }), changes => {
    const index = new OrderIndex()
    const map = new Map<number, number>()
    changes.forEach(([key, stays], place) => {
      if (map.has(key)) {
        if (stays) return
        index.remove(key, map.get(key)!)
        map.delete(key)
      } else {
        // Half of them are looked for first, as a book does: that must not change where they go.
        if (place % 2 === 0) expect(index.find(key)).toBe(0)
        index.add(key, place + 1)
        map.set(key, place + 1)
      }
      expect(index.count).toBe(map.size)
    })
    for (const [known] of changes) expect(index.find(known)).toBe(map.get(known) ?? 0)
  }), { seed: 1, numRuns: 200 })
})

test('grows without forgetting', () => {
  const key = (number: number): number => number * 4096
  const index = new OrderIndex()
  const count = 20_000
  for (let number = 1; number <= count; number++) index.add(key(number), number)
  for (let number = 1; number <= count; number += 2) index.remove(key(number), number)
  const found = Array.from({ length: count }, (_, place) => index.find(key(place + 1)))
  expect(found).toEqual(Array.from({ length: count }, (_, place) => place % 2 === 0 ? 0 : place + 1))
})
