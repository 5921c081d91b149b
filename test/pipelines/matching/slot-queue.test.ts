import { expect, test } from 'vitest'
import fc from 'fast-check'
import { SlotQueue } from '../../../pipelines/matching/slot-queue.ts'

// Few slots and fewer keys, so that slots tie, leave from the middle and come back.
const slot = fc.integer({ min: 1, max: 60 })
const key = fc.integer({ min: -3, max: 3 })

test('says whose turn is next as a sorted list does', () => {
  fc.assert(fc.property(fc.array(fc.tuple(slot, key, key), { maxLength: 300 }), changes => {
    const queue = new SlotQueue()
    const list = new Map<number, readonly [number, number]>()
    for (const [which, first, second] of changes) {
      if (list.has(which)) {
        queue.remove(which)
        list.delete(which)
      } else {
        // The slot breaks ties, so that there is one order.
        queue.add(which, first, second * 100 + which)
        list.set(which, [first, second * 100 + which])
      }
      const [head] = [...list].sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1])
      expect(queue.head).toBe(head?.[0] ?? 0)
      expect(queue.count).toBe(list.size)
    }
    expect(queue.slots().sort()).toEqual([...list.keys()].sort())
    for (const [which, [first, second]] of list) {
      expect([queue.has(which), queue.first(which), queue.second(which)]).toEqual([true, first, second])
    }
  }), { seed: 1, numRuns: 300 })
})

test('takes slots of any height', () => {
  const queue = new SlotQueue()
  for (let number = 1; number <= 1000; number++) queue.add(number * 1000, -number, 0)
  expect([queue.head, queue.has(5000), queue.has(5001), queue.has(2 ** 30)]).toEqual([1_000_000, true, false, false])
})
