// Random bytes from a pool.

import { expect, test } from 'vitest'
import { pooledRandom } from '../../../gateway/adapters/random.ts'

test('as many as were asked for, and none that another was given', () => {
  const random = pooledRandom()
  const all = Array.from({ length: 3000 }, () => random(9))
  const before = all.map(bytes => bytes.toString('hex'))
  expect(new Set(all.map(({ length }) => length))).toEqual(new Set([9]))
  expect(new Set(before).size).toBe(all.length)
  for (const bytes of all.slice(1)) bytes.fill(0)
  expect(all[0]!.toString('hex')).toBe(before[0])
})

test('more than the pool holds', () => {
  const random = pooledRandom()
  expect([random(10_000), random(16)].map(({ length }) => length)).toEqual([10_000, 16])
})
