// Rows of consumption keys, by themselves: the calendar, and what is drawn in which period.

import { describe, expect, test } from 'vitest'
import { Keys, keyField, monthOf, periodNumbers } from '../../../pipelines/ledger/usage/keys.ts'
import { instant } from '../../../schemas/units.ts'

const dayMs = 86_400_000

test('months are the calendar\'s, on every day of five centuries', () => {
  const of = (at: number): number => new Date(at).getUTCFullYear() * 12 + new Date(at).getUTCMonth()
  const first = monthOf(instant(0)) - of(0)
  const wrong = Array.from({ length: 500 * 365 + 121 }, (_, day) => day * dayMs)
    .filter(at => monthOf(instant(at)) !== of(at) + first || monthOf(instant(at + dayMs - 1)) !== of(at) + first)
  expect(wrong).toEqual([])
})

describe('a key', () => {
  const at = (text: string) => instant(Date.parse(text))
  const drawnBy = (keys: Keys, key: number, now: string) => Object.values(periodNumbers).map(period => {
    keys.put(key, keyField.period, period)
    return keys.drawn(key, at(now))
  })

  test('has drawn by the day, by the month and in all', () => {
    const keys = new Keys()
    const key = keys.open(1, 'key_1')
    keys.draw(key, 5, at('2026-12-30T23:59:59.999Z'))
    keys.draw(key, 7, at('2026-12-31T00:00:00Z'))
    keys.draw(key, 11, at('2026-12-31T23:59:59.999Z'))
    expect(drawnBy(keys, key, '2026-12-31T23:59:59.999Z')).toEqual([18, 23, 23])
    expect(drawnBy(keys, key, '2027-01-01T00:00:00Z')).toEqual([0, 0, 23])
    keys.draw(key, 13, at('2027-01-01T00:00:00Z'))
    expect(drawnBy(keys, key, '2027-01-01T00:00:00Z')).toEqual([13, 13, 36])
    expect(drawnBy(keys, key, '2028-01-01T00:00:00Z')).toEqual([0, 0, 36])
  })

  test('is a holder\'s own', () => {
    const keys = new Keys()
    const [first, second] = [keys.open(1, 'key_1'), keys.open(2, 'key_1')]
    expect([keys.byId.find(1, 'key_1'), keys.byId.find(2, 'key_1'), keys.byId.find(3, 'key_1')]).toEqual([first, second, 0])
  })
})
