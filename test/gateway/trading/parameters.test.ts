import { describe, expect, test } from 'vitest'
import { anInstant, market, price } from '../../../gateway/trading/parameters.ts'
import { prime } from '../support.ts'

describe('an instant', () => {
  test.each([
    ['0', 0],
    ['1781524828', 1_781_524_828_000],
    ['1781524828.5', 1_781_524_828_500],
    ['2026-06-15', Date.UTC(2026, 5, 15)],
    ['2026-06-15T12:00:28Z', 1_781_524_828_000],
    ['2026-06-15T12:00:28.5Z', 1_781_524_828_500],
    ['2026-06-15T14:00:28+02:00', 1_781_524_828_000],
    ['2026-06-15T14:00:28 02:00', 1_781_524_828_000]
  ])('%s', (text, at) => {
    expect(anInstant.parse(text)).toBe(at)
  })

  test.each(['', 'now', '-1', '1e9', '1781524828000', '2026-06-15T12:00:28', '2026-13-01', '2026-02-30', '9999-01-01', '1969-12-31'])('not %s', text => {
    expect(anInstant.safeParse(text).success).toBe(false)
  })
})

test('a market is its instrument', () => {
  expect(market.parse(prime.marketId)).toBe(prime)
})

test('a price is whole microdollars', () => {
  expect([price.parse('0.1009'), price.parse('0.10090000'), price.parse('2')]).toEqual([100_900, 100_900, 2_000_000])
})
