import { expect, test } from 'vitest'
import fc from 'fast-check'
import { budgetOf } from '../../../pipelines/matching/budget.ts'

const costOf = (notional: bigint, bp: number): bigint => notional + (notional * BigInt(bp) + 9999n) / 10_000n

test('is the largest notional that the money pays for, fee included', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 10 ** 13 }), fc.integer({ min: 0, max: 500 }), (money, bp) => {
    const budget = BigInt(budgetOf(money, bp))
    expect(costOf(budget, bp) <= BigInt(money)).toBe(true)
    expect(costOf(budget + 1n, bp) <= BigInt(money)).toBe(false)
  }), { seed: 1, numRuns: 2000 })
})
