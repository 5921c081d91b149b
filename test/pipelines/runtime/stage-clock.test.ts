import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockLeadMs, clockToleranceMs, StageClock } from '../../../pipelines/runtime/stage-clock.ts'
import type { Instant } from '../../../schemas/units.ts'

type Step = readonly ['lead', sentAt: number, appended: number] | readonly ['pass', appended: number]

const take = (clock: StageClock, step: Step): boolean | undefined => {
  if (step[0] === 'lead') return clock.lead(step[1] as Instant, step[2] as Instant)
  clock.pass(step[1] as Instant)
  return undefined
}

describe('stage time', () => {
  test.each<{ what: string, steps: Step[], now: number, counts?: boolean }>([
    { what: 'stands at 0 until a clock record counts', steps: [['pass', 50_000]], now: 0 },
    { what: 'begins with the first clock record that counts', steps: [['pass', 50_000], ['lead', 60_000, 60_000]], now: 60_000, counts: true },
    { what: 'is the append time of a clock record, not its sender\'s', steps: [['lead', 58_000, 60_000]], now: 60_000, counts: true },
    { what: 'passes where the sender is late by just 5 s', steps: [['lead', 55_000, 60_000]], now: 60_000, counts: true },
    { what: 'passes where the sender is early by just 5 s', steps: [['lead', 65_000, 60_000]], now: 60_000, counts: true },
    { what: 'does not pass where the sender is late by more', steps: [['lead', 54_999, 60_000]], now: 0, counts: false },
    { what: 'does not pass where the sender is early by more', steps: [['lead', 65_001, 60_000]], now: 0, counts: false },
    { what: 'is a record\'s append time', steps: [['lead', 60_000, 60_000], ['pass', 61_000]], now: 61_000 },
    { what: 'is at most 2 s ahead of the last clock record', steps: [['lead', 60_000, 60_000], ['pass', 99_000]], now: 62_000 },
    { what: 'is not led by a clock record that does not count', steps: [['lead', 60_000, 60_000], ['lead', 10_000, 99_000], ['pass', 99_000]], now: 62_000 },
    { what: 'does not go back with a record', steps: [['lead', 60_000, 60_000], ['pass', 61_000], ['pass', 10_000]], now: 61_000 },
    { what: 'does not go back with a clock record', steps: [['lead', 60_000, 60_000], ['pass', 61_500], ['lead', 61_000, 61_000]], now: 61_500, counts: true },
    { what: 'is led on by a clock record that did not move it', steps: [['lead', 60_000, 60_000], ['pass', 61_500], ['lead', 61_000, 61_000], ['pass', 99_000]], now: 63_000 },
    { what: 'is not led back', steps: [['lead', 60_000, 60_000], ['lead', 50_000, 50_000], ['pass', 99_000]], now: 62_000 }
  ])('$what', ({ steps, now, counts }) => {
    const clock = new StageClock()
    const last = steps.map(step => take(clock, step)).at(-1)
    expect(clock.now).toBe(now)
    expect(last).toBe(counts)
  })

  // Around one minute, so that records meet the clocks' tolerance from both sides.
  const time = fc.integer({ min: 50_000, max: 70_000 })
  const step = fc.oneof(
    fc.tuple(fc.constant('lead' as const), time, time),
    fc.tuple(fc.constant('pass' as const), time)
  ) as fc.Arbitrary<Step>
  const steps = fc.array(step, { maxLength: 40 })

  test('never goes back, and never further than 2 s beyond what two clocks agree on', () => {
    fc.assert(fc.property(steps, given => {
      const clock = new StageClock()
      let agreed = 0
      for (const each of given) {
        const before = clock.now
        take(clock, each)
        if (each[0] === 'lead' && Math.abs(each[1] - each[2]) <= clockToleranceMs) agreed = Math.max(agreed, each[2])
        expect(clock.now).toBeGreaterThanOrEqual(before)
        expect(clock.now).toBeLessThanOrEqual(agreed === 0 ? 0 : agreed + clockLeadMs)
      }
    }), { seed: 1 })
  })

  test('goes on from a snapshot as if there had been none', () => {
    fc.assert(fc.property(steps, steps, (before, after) => {
      const original = new StageClock()
      for (const each of before) take(original, each)
      const restored = new StageClock(original.now, original.led)
      const told = (clock: StageClock) => after.map(each => [take(clock, each), clock.now])
      expect(told(restored)).toEqual(told(original))
    }), { seed: 2 })
  })
})
