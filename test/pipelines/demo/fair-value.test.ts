import { beforeAll, describe, expect, test } from 'vitest'
import { FairValue } from '../../../pipelines/demo/fair-value.ts'
import { traded } from '../../../pipelines/demo/people.ts'
import { recordedDistances } from '../../../pipelines/demo/recording.ts'
import type { Instrument } from '../../../schemas/instruments.ts'

let distances: Int16Array = new Int16Array(0)
beforeAll(() => { distances = recordedDistances() })

const valueOf = ({ trading: { tickSize, referencePrice } }: Instrument, from = 0, walked = distances) =>
  new FairValue({ tickSize, referencePrice, distances: walked, from })

function walk (value: FairValue, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    value.step()
    return value.value
  })
}

describe('fair value', () => {
  test.each(traded)('of $instrumentId moves all the time, on ticks, within 5 % of the reference', instrument => {
    const { tickSize, referencePrice } = instrument.trading
    const values = walk(valueOf(instrument), 20_000)
    expect(values.filter(value => value % tickSize !== 0)).toEqual([])
    expect(values.filter(value => Math.abs(value - referencePrice) > referencePrice / 20 + tickSize)).toEqual([])
    expect(new Set(values).size).toBeGreaterThan(5)
  })

  test('comes back to the reference, however far a run of one side has taken it', () => {
    const [instrument] = traded
    const { referencePrice } = instrument!.trading
    const up = new Int16Array(500).fill(600)
    const far = valueOf(instrument!, 0, up)
    expect(walk(far, 500).at(-1)).toBeGreaterThan(referencePrice * 1.04)
    const back = valueOf(instrument!, 0, Int16Array.from([...up, ...new Int16Array(20_000)]))
    const last = walk(back, 20_500).at(-1)!
    expect(Math.abs(last - referencePrice)).toBeLessThan(referencePrice / 100)
  })

  test('is the same for the same recording, another from another place, and goes on at its end', () => {
    const [instrument] = traded
    const few = distances.subarray(0, 30)
    expect(walk(valueOf(instrument!), 500)).toEqual(walk(valueOf(instrument!), 500))
    expect(walk(valueOf(instrument!, 1000), 500)).not.toEqual(walk(valueOf(instrument!), 500))
    expect(walk(valueOf(instrument!, 30, few), 90)).toEqual(walk(valueOf(instrument!, 0, few), 90))
  })
})
