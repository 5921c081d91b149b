import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeadMen } from '../../../pipelines/ledger/dead-men.ts'
import { Holders, holderField } from '../../../pipelines/ledger/holders.ts'
import { instant } from '../../../schemas/units.ts'

/** Holders with the ids 1 to 9, in slots that don't follow them. */
function holders (): Holders {
  const rows = new Holders()
  for (const id of [5, 3, 9, 1, 7, 2, 8, 4, 6]) rows.put(rows.take(), holderField.id, id)
  return rows
}

test('timers go off by deadline, then by id, whatever was set and moved before', () => {
  const timer = fc.record({ slot: fc.integer({ min: 1, max: 9 }), deadline: fc.integer({ min: 0, max: 6 }) })
  fc.assert(fc.property(fc.array(timer, { maxLength: 60, size: 'max' }), timers => {
    const rows = holders()
    const deadMen = new DeadMen(rows)
    const deadlines = new Map<number, number>()
    for (const { slot, deadline } of timers) {
      deadMen.set(slot, deadline)
      if (deadline === 0) deadlines.delete(slot)
      else deadlines.set(slot, deadline)
    }
    const id = (slot: number): number => rows.of(slot, holderField.id)
    const expected = [...deadlines].sort(([a, at], [b, bt]) => at - bt || id(a) - id(b)).map(([slot]) => slot)
    const found: number[] = []
    for (let slot = deadMen.due(instant(6)); slot !== 0; slot = deadMen.due(instant(6))) {
      found.push(slot)
      deadMen.set(slot, 0)
    }
    expect(found).toEqual(expected)
    expect(deadMen.count).toBe(0)
  }), { numRuns: 300, seed: 20_261_121 })
})

test('nothing is due before its time', () => {
  const deadMen = new DeadMen(holders())
  deadMen.set(1, 5)
  expect(deadMen.due(instant(4))).toBe(0)
  expect(deadMen.due(instant(5))).toBe(1)
})
