import fc from 'fast-check'
import { expect, test } from 'vitest'
import { count, dollars, microdollarsOf, percentChange } from '../../../gateway/trading/decimals.ts'
import { microdollars } from '../../../schemas/units.ts'

const seed = 20260101

test.each([
  [0, '0.00000000'], [1, '0.00000100'], [100_900, '0.10090000'], [1_000_000, '1.00000000'], [104_857_500, '104.85750000']
])('%d microdollars are %s dollars', (amount, text) => {
  expect(dollars(microdollars(amount))).toBe(text)
})

test('sums past what a float holds keep every digit', () => {
  expect(dollars(123_456_789_012_345_678_901n)).toBe('123456789012345.67890100')
  expect(dollars(-1n)).toBe('-0.00000100')
})

test('an amount survives being written and read', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), amount => {
    expect(microdollarsOf(dollars(microdollars(amount)))).toBe(amount)
  }), { seed })
})

test.each(['', '-1', '+1', '1e3', '.5', '1.', '0.1234567', '1000000000', '1,5', ' 1', 'NaN', '0x10'])('"%s" is no amount', text => {
  expect(microdollarsOf(text)).toBeNull()
})

test.each([
  [100_000, 100_900, '0.9000'], [100_900, 100_000, '-0.8919'], [300_000, 100_000, '-66.6666'], [100_000, 100_000, '0.0000'], [0, 1, '0.0000']
])('from %d to %d is %s per cent', (from, to, percent) => {
  expect(percentChange(microdollars(from), microdollars(to))).toBe(percent)
})

test('a count is a number while that is exact, and text beyond', () => {
  expect(count(BigInt(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER)
  expect(count(BigInt(Number.MAX_SAFE_INTEGER) + 2n)).toBe('9007199254740993')
})
