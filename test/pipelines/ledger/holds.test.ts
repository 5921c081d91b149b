// Sums that come near what a number can hold: exact to the microdollar.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { feeOf, feesToCome } from '../../../pipelines/ledger/fees.ts'
import { notionalPart } from '../../../pipelines/ledger/holds.ts'
import { Holders } from '../../../pipelines/ledger/holders.ts'
import { Positions, positionField } from '../../../pipelines/ledger/positions.ts'
import { protects } from '../../../pipelines/ledger/order-checks.ts'
import { appendTranche, takeOldest } from '../../../pipelines/ledger/tranches.ts'
import { notionalMax, quantityMax } from '../../../schemas/units.ts'

const runs = { numRuns: 2000, seed: 20_261_121 }
const notional = fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: notionalMax }))
const bp = fc.integer({ min: 0, max: 500 })
const ceil = (sum: bigint): bigint => (sum + 9999n) / 10_000n

describe('fees', () => {
  test('of what is to come are exact', () => {
    fc.assert(fc.property(notional, notional, bp, (before, more, bp) => {
      const owed = BigInt(before) * BigInt(bp)
      const expected = ceil(owed + BigInt(more) * BigInt(bp)) - ceil(owed)
      expect(BigInt(feesToCome(Number(owed), more, bp))).toBe(expected)
    }), runs)
  })

  test('of many fills are those of one', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), bp, (fills, bp) => {
      let owed = 0
      let paid = 0
      for (const fill of fills) {
        paid += feeOf(owed, owed + fill * bp)
        owed += fill * bp
      }
      expect(paid).toBe(feeOf(0, fills.reduce((sum, fill) => sum + fill, 0) * bp))
    }), runs)
  })
})

test('what an order by notional may fill leaves room for its fee, and for not one microdollar more', () => {
  fc.assert(fc.property(notional, bp, (money, bp) => {
    const most = notionalPart(money, bp)
    const cost = (spent: number): bigint => BigInt(spent) + ceil(BigInt(spent) * BigInt(bp))
    expect(cost(most) <= BigInt(money)).toBe(true)
    expect(cost(most + 1) > BigInt(money)).toBe(true)
  }), runs)
})

test('a share of grant money is exact, and the last units take the rest', () => {
  const amount = fc.integer({ min: 0, max: notionalMax })
  const quantity = fc.integer({ min: 1, max: quantityMax })
  fc.assert(fc.property(amount, quantity, quantity, (grant, first, rest) => {
    fc.pre(first + rest <= quantityMax)
    const holders = new Holders()
    const positions = new Positions(holders)
    const position = positions.open(holders.take(), 0)
    const units = first + rest
    appendTranche(positions, position, { sequence: 1, price: 1, units, grant, isIssued: false, period: 0 })
    const expected = BigInt(grant) * BigInt(first) / BigInt(first + rest)
    const taken = takeOldest(positions, position, first)
    expect(BigInt(taken.grant)).toBe(expected)
    expect(taken.grant + takeOldest(positions, position, rest).grant).toBe(grant)
    expect(positions.of(position, positionField.firstTranche)).toBe(0)
    expect(positions.tranches.count).toBe(0)
  }), runs)
})

test('a stop that is protected pays no more than its slippage, in whole microdollars', () => {
  fc.assert(fc.property(notional, notional, fc.integer({ min: 0, max: 5000 }), (stopPrice, price, bp) => {
    const most = BigInt(stopPrice) * BigInt(10_000 + bp)
    const isWithin = price >= stopPrice && BigInt(price) * 10_000n <= most
    expect(protects({ side: 'buy', stopPrice, price, slippageBp: bp })).toBe(isWithin)
  }), runs)
})
