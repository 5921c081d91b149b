import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CandleFold } from '../../../pipelines/sinks/candles.ts'
import type { Fill } from '../../../schemas/matching/records.ts'
import { CandleTable, candlesOf } from './candles-naive.ts'
import { someFill } from './fills.ts'

function folded (fills: readonly Fill[]) {
  const fold = new CandleFold()
  fills.forEach((fill, offset) => fold.apply(fill, offset))
  return fold
}

describe('bars', () => {
  test('open and close by sequence, high and low by price, sums exact', () => {
    const fold = folded([
      someFill({ sequence: 1, at: 60_000, price: 10, quantity: 3 }),
      someFill({ sequence: 2, at: 60_000, price: 30, quantity: 2 }),
      someFill({ sequence: 3, at: 60_000, price: 5, quantity: 1 }),
      someFill({ sequence: 4, at: 60_999, price: 20, quantity: 4 })
    ])
    const bar = {
      instrument_id: 'text-prime',
      bucket: 60_000,
      open: 10,
      high: 30,
      low: 5,
      close: 20,
      volume: 10n,
      notional: 30n + 60n + 5n + 80n,
      trades: 4,
      first_sequence: 1,
      last_sequence: 4
    }
    expect(fold.take()).toEqual([{ ...bar, resolution: '1s' }, { ...bar, resolution: '1m' }])
  })

  test('sums pass 2^53 exactly', () => {
    const price = 9_007_199_254_740_991
    const fold = folded([1, 2, 3].map(sequence => someFill({ sequence, at: 0, price, quantity: 999_999_999 })))
    const quantity = 9_007_199_254_740_990
    fold.apply(someFill({ sequence: 4, at: 0, price: 1, quantity }), 3)
    fold.apply(someFill({ sequence: 5, at: 0, price: 1, quantity: 7 }), 4)
    const [bar] = fold.take()
    expect(bar?.notional).toBe(3n * BigInt(price) * 999_999_999n + BigInt(quantity) + 7n)
    expect(bar?.volume).toBe(3n * 999_999_999n + BigInt(quantity) + 7n)
  })

  test('nothing is handed out when nothing changed', () => {
    const fold = folded([someFill({ sequence: 1, at: 0 })])
    expect(fold.take()).toHaveLength(2)
    expect(fold.take()).toEqual([])
  })

  test('what is finished waits to be taken, and is taken once', () => {
    const fold = folded([0, 1000, 60_000].map((at, index) => someFill({ sequence: index + 1, at })))
    expect(fold.pending).toBe(3)
    expect(fold.take().map(row => `${row.resolution} ${row.bucket}`)).toEqual(['1s 0', '1s 1000', '1m 0', '1s 60000', '1m 60000'])
    expect(fold.pending).toBe(0)
  })

  test('the boundary is the first fill of the open minute', () => {
    const fold = new CandleFold()
    expect(fold.boundary).toBeNull()
    const boundaries = [0, 59_999, 60_000, 61_000, 119_999, 120_000].map((at, index) => {
      fold.apply(someFill({ sequence: index + 1, at }), 10 * index)
      return fold.boundary
    })
    expect(boundaries).toEqual([0, 0, 20, 20, 20, 50])
  })
})

describe('what a log must not say', () => {
  const last = { sequence: 7, at: 5000 }
  const following = (next: Fill) => () => folded([someFill(last)]).apply(next, 1)

  test('a gap stops the fold', () => {
    expect(following(someFill({ sequence: 9, at: 5000 }))).toThrow('text-prime 9 at 5000 can\'t follow text-prime 7 at 5000')
  })

  test('time that goes back stops the fold', () => {
    expect(following(someFill({ sequence: 8, at: 4999 }))).toThrow('can\'t follow')
  })

  test('a second instrument in the partition stops the fold', () => {
    expect(following(someFill({ instrument: 'text-max', sequence: 8, at: 5000 }))).toThrow('can\'t follow')
    expect(following(someFill({ instrument: 'text-max', sequence: 1, at: 5000 }))).toThrow('can\'t follow')
  })

  test('a fill that was added before changes nothing', () => {
    const fold = folded([1, 2, 3].map(sequence => someFill({ sequence, at: sequence * 30_000 })))
    fold.take()
    expect(fold.apply(someFill({ sequence: 2, at: 60_000 }), 3)).toBe(false)
    expect(fold.take()).toEqual([])
    expect(fold.boundary).toBe(1)
  })
})

describe('restarts', () => {
  // Steps that stay in a second, leave it, leave a minute and leap over some; resends that lie near and far.
  const step = fc.record({
    pause: fc.constantFrom(0, 0, 1, 400, 999, 1000, 20_000, 59_999, 60_000, 200_000),
    price: fc.integer({ min: 1, max: 9 }),
    quantity: fc.integer({ min: 1, max: 5 }),
    resent: fc.option(fc.nat({ max: 6 }), { freq: 4 })
  })
  const manySteps = fc.array(step, { minLength: 1, maxLength: 40 })
  const action = fc.constantFrom('write', 'write and commit', 'crash', 'go on', 'go on')

  /** A log as a zombie leaves it: each fill once in its turn, some again later. */
  function logOf (steps: readonly { pause: number, price: number, quantity: number, resent: number | null }[]) {
    const fills: Fill[] = []
    const log: Fill[] = []
    let at = 1_700_000_000_000
    for (const { pause, price, quantity, resent } of steps) {
      at += pause
      fills.push(someFill({ sequence: fills.length + 1, at, price, quantity }))
      log.push(fills.at(-1)!)
      if (resent !== null) log.push(...fills.slice(-resent - 1))
    }
    return { fills, log }
  }

  test('any crashes and any repeats leave the bars that one sort into buckets makes', () => {
    fc.assert(fc.property(manySteps, fc.array(action, { maxLength: 60 }), (steps, actions) => {
      const { fills, log } = logOf(steps)
      const table = new CandleTable()
      let committed = 0
      let fold = new CandleFold()
      const acts = actions.values()
      for (let offset = 0; offset < log.length; offset++) {
        fold.apply(log[offset]!, offset)
        const act = acts.next().value ?? 'go on'
        if (act.startsWith('write')) table.insert(fold.take())
        if (act === 'write and commit') committed = fold.boundary!
        if (act === 'crash') {
          fold = new CandleFold()
          offset = committed - 1
        }
      }
      table.insert(fold.take())
      expect(table.rows).toEqual(candlesOf(fills))
    }), { numRuns: 1000, seed: 3 })
  })

  test('a fold that begins at the boundary hands out the same open bars', () => {
    fc.assert(fc.property(manySteps, steps => {
      const { log } = logOf(steps)
      const whole = new CandleFold()
      log.forEach((fill, offset) => whole.apply(fill, offset))
      const again = new CandleFold()
      for (let offset = whole.boundary!; offset < log.length; offset++) again.apply(log[offset]!, offset)
      expect(again.boundary).toBe(whole.boundary)
      expect(again.take().slice(-2)).toEqual(whole.take().slice(-2))
    }), { numRuns: 500, seed: 4 })
  })
})
