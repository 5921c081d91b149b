// Metering against its naive twin: the same said, the same counted and as many remembered, after every single reading.
//
// METERING_SEQUENCES sets how many sequences are tried; 10,000 and more are for a quiet afternoon.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { apply } from '../../pipelines/metering/apply.ts'
import { type MeteringOutput, fate, Metering } from '../../pipelines/metering/metering.ts'
import { readSnapshot, writeSnapshot } from '../../pipelines/metering/snapshot.ts'
import { validate } from '../../pipelines/metering/validate.ts'
import { unbilledReason } from '../../schemas/usage/records.ts'
import { MeteringNaive } from './metering-naive.ts'
import { type Sequence, type Step, sequences } from './metering-readings.ts'

const numRuns = Number(process.env['METERING_SEQUENCES'] ?? 250)
const seed = 20_261_121
const lengthMax = 80
const timeoutMs = 60_000 + numRuns * 60

const hashOf = (state: Metering): string => hash('sha256', writeSnapshot(state))

function play (state: Metering, { command, position }: Step): MeteringOutput[] {
  const outputs: MeteringOutput[] = []
  apply(state, command, position, output => { outputs.push(output) })
  return outputs
}

function judge (state: Metering, twin: MeteringNaive, step: Step): void {
  const outputs = play(state, step)
  const expected = twin.apply(step.command, step.position)
  // The matcher of vitest explains; node's comparison is what can be afforded after every reading.
  if (!isDeepStrictEqual(outputs, expected)) expect(outputs).toStrictEqual(expected)
  validate(state)
  const [here, there] = [
    { counts: state.counts, remembered: state.seen.count, horizon: state.horizon as number },
    { counts: twin.counts, remembered: twin.remembered, horizon: twin.horizon }
  ]
  if (!isDeepStrictEqual(here, there)) expect(here).toStrictEqual(there)
}

const isPassedOn = ({ kind }: MeteringOutput): boolean => kind !== 'unbilled-usage'

/** What was given, with all that it led to. */
function played ({ limits, steps }: Sequence): { state: Metering, heard: { step: Step, outputs: MeteringOutput[] }[] } {
  const state = new Metering(limits)
  return { state, heard: steps.map(step => ({ step, outputs: play(state, step) })) }
}

describe('metering', () => {
  test('agrees with a list of readings, one by one', () => {
    const said = new Set<string>()
    fc.assert(fc.property(sequences(lengthMax), ({ limits, steps }) => {
      const state = new Metering(limits)
      const twin = new MeteringNaive(limits)
      for (const step of steps) judge(state, twin, step)
      for (const name of fate) if (state.counts[name] > 0) said.add(name)
      if (state.horizon > 0) said.add('narrowed')
    }), { seed, numRuns })
    expect([...said].sort()).toEqual([...fate, 'narrowed'].sort())
  }, timeoutMs)

  test('passes nothing on twice, however often and however late it comes', () => {
    fc.assert(fc.property(sequences(lengthMax), sequence => {
      const passed = played(sequence).heard.filter(({ outputs }) => outputs.some(isPassedOn))
      const readings = passed.map(({ step: { command } }) => JSON.stringify(command))
      expect(new Set(readings).size).toBe(readings.length)
    }), { seed, numRuns })
  }, timeoutMs)

  test('says one thing of every reading, and nothing only of repeats', () => {
    fc.assert(fc.property(sequences(lengthMax), sequence => {
      const { state, heard } = played(sequence)
      const taken = heard.filter(({ step: { command } }) => command.kind === 'meter-event')
      expect(heard.every(({ outputs }) => outputs.length <= 1)).toBe(true)
      expect(taken.filter(({ outputs }) => outputs.length === 0)).toHaveLength(state.counts.repeated)
      const { counts } = state
      expect(fate.reduce((sum, name) => sum + counts[name], 0)).toBe(taken.length)
      for (const { outputs: [output] } of heard) {
        if (output?.kind === 'unbilled-usage') expect(unbilledReason).toContain(output.reason)
      }
    }), { seed, numRuns: Math.ceil(numRuns / 5) })
  }, timeoutMs)

  test('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(fc.property(sequences(lengthMax), fc.nat(lengthMax), ({ limits, steps }, where) => {
      const state = new Metering(limits)
      for (const step of steps.slice(0, where)) play(state, step)
      const restored = readSnapshot(writeSnapshot(state), limits)
      validate(restored)
      expect(hashOf(restored)).toBe(hashOf(state))
      for (const step of steps.slice(where)) {
        const [here, there] = [play(restored, step), play(state, step)]
        if (!isDeepStrictEqual(here, there)) expect(here).toStrictEqual(there)
      }
      expect(hashOf(restored)).toBe(hashOf(state))
    }), { seed, numRuns: Math.ceil(numRuns / 5) })
  }, timeoutMs)
})
