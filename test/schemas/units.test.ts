import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holderId, ledgerPartitionOf, orderIdAt, partitionOfHolder } from '../../schemas/units.ts'

test('an order id is a partition, an offset and a leg, and no two are the same', () => {
  const place = fc.record({
    partition: fc.integer({ min: 0, max: 63 }),
    offset: fc.integer({ min: 0, max: 2 ** 45 - 1 }),
    leg: fc.constantFrom<(0 | 1)[]>(0, 1)
  })
  fc.assert(fc.property(place, place, (a, b) => {
    const [first, second] = [a, b].map(({ partition, offset, leg }) => orderIdAt(partition, offset, leg))
    expect(first === second).toBe(a.partition === b.partition && a.offset === b.offset && a.leg === b.leg)
    expect(ledgerPartitionOf(first!)).toBe(a.partition)
  }), { seed: 1 })
})

test('order ids of a partition rise with its log', () => {
  expect([orderIdAt(3, 7), orderIdAt(3, 7, 1), orderIdAt(3, 8)]).toEqual([902, 903, 1030])
})

test('a holder has a partition, whatever its number', () => {
  expect([1, 8, 15, -3].map(holder => partitionOfHolder(holderId(holder), 8))).toEqual([1, 0, 7, 5])
})
