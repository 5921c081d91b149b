import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barOf, resolution, startOf } from '../../analytics/resolution.ts'
import { instant } from '../../schemas/units.ts'
import { startOfBar } from './bars-naive.ts'

test('a bar starts where the calendar says', () => {
  const anyTime = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) })
  fc.assert(fc.property(fc.constantFrom(...resolution), anyTime, (width, at) => {
    expect(startOf(width, barOf(width, instant(at)))).toBe(startOfBar(width, at))
  }), { numRuns: 2000, seed: 1 })
})

test('bars follow one another, from the epoch on', () => {
  for (const width of resolution) {
    const first = barOf(width, instant(0))
    expect(first).toBeGreaterThanOrEqual(0)
    for (let bar = first; bar < first + 50; bar++) {
      const [start, end] = [startOf(width, bar), startOf(width, bar + 1)]
      expect(end).toBeGreaterThan(start)
      expect(barOf(width, start)).toBe(bar)
      expect(barOf(width, instant(end - 1))).toBe(bar)
    }
  }
})

test('weeks begin on Monday, months on the first', () => {
  expect(new Date(startOf('1w', barOf('1w', instant(Date.UTC(2026, 2, 1))))).toISOString()).toBe('2026-02-23T00:00:00.000Z')
  expect(new Date(startOf('1M', barOf('1M', instant(Date.UTC(2024, 1, 29, 23))))).toISOString()).toBe('2024-02-01T00:00:00.000Z')
})
