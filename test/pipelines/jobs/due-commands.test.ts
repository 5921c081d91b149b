import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  askAgainMs, askAgainMsMax, decide, expiryOf, sweepOf, type Asked, type DueCommand
} from '../../../pipelines/jobs/due-commands.ts'
import { holderId, instant, instrumentId, type LotId } from '../../../schemas/units.ts'

const noon = 1_772_000_000_000
const lot = (number: number): DueCommand => expiryOf({ holder: holderId(7), lotId: number as LotId })
const idsOf = (commands: readonly DueCommand[]): string[] => commands.map(({ id }) => id)
const never: Asked = new Map()

test('ids say what a command is about, and are the same for everyone', () => {
  expect(lot(65)).toEqual({ id: 'expire:65', command: { kind: 'expire-lot', holder: 7, lotId: 65 } })
  expect(sweepOf({ holder: holderId(7), instrumentId: instrumentId('text-prime') }, 123_055)).toEqual({
    id: 'sweep:7:text-prime:123055',
    command: { kind: 'sweep-position', holder: 7, instrumentId: 'text-prime' }
  })
})

describe('what is due', () => {
  test('is asked for at once, each once', () => {
    const { commands, asked } = decide([lot(65), lot(129), lot(65)], never, instant(noon))
    expect(idsOf(commands)).toEqual(['expire:65', 'expire:129'])
    expect([...asked.keys()]).toEqual(['expire:65', 'expire:129'])
  })

  test('is asked for again after two minutes, then four, and at most an hour later', () => {
    let asked = never
    const times: number[] = []
    for (let minute = 0; minute <= 240; minute++) {
      const decision = decide([lot(65)], asked, instant(noon + minute * 60_000))
      if (decision.commands.length > 0) times.push(minute)
      asked = decision.asked
    }
    expect(times).toEqual([0, 2, 6, 14, 30, 62, 122, 182])
  })

  test('and then is not, is forgotten', () => {
    const { asked } = decide([lot(65), lot(129)], never, instant(noon))
    const later = decide([lot(129)], asked, instant(noon + 1))
    expect([...later.asked.keys()]).toEqual(['expire:129'])
    expect(idsOf(decide([lot(65)], later.asked, instant(noon + 2)).commands)).toEqual(['expire:65'])
  })
})

// Few lots and long waits, so that they come back at every stage of their waiting.
const runs = fc.array(fc.record({
  waitMs: fc.integer({ min: 0, max: 3 * askAgainMs }),
  due: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 })
}), { maxLength: 30 })

test('nothing is asked for before its time, and nothing that is due waits for longer than the longest', () => {
  fc.assert(fc.property(runs, steps => {
    let [now, asked] = [noon, never]
    const lastAsked = new Map<string, number>()
    const dueSince = new Map<string, number>()
    for (const { waitMs, due } of steps) {
      now += waitMs
      const wanted = due.map(lot)
      const { commands, asked: next } = decide(wanted, asked, instant(now))
      for (const id of dueSince.keys()) if (!idsOf(wanted).includes(id)) dueSince.delete(id)
      for (const id of idsOf(commands)) {
        if (dueSince.has(id)) expect(now - lastAsked.get(id)!).toBeGreaterThanOrEqual(askAgainMs)
        lastAsked.set(id, now)
      }
      for (const id of idsOf(wanted)) {
        if (!dueSince.has(id)) expect(idsOf(commands)).toContain(id)
        dueSince.set(id, dueSince.get(id) ?? now)
        expect(now - lastAsked.get(id)!).toBeLessThan(askAgainMsMax)
      }
      expect(new Set(next.keys())).toEqual(new Set(idsOf(wanted)))
      expect(idsOf(commands)).toHaveLength(new Set(idsOf(commands)).size)
      asked = next
    }
  }), { seed: 5, numRuns: 2000 })
})
