import { describe, expect, test } from 'vitest'
import { apply } from '../../../pipelines/metering/apply.ts'
import { ByteReader, ByteWriter } from '../../../pipelines/metering/bytes.ts'
import { Metering } from '../../../pipelines/metering/metering.ts'
import { readSnapshot, writeSnapshot } from '../../../pipelines/metering/snapshot.ts'
import { validate } from '../../../pipelines/metering/validate.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant } from '../../../schemas/units.ts'
import { noon, partition, readingOf } from './support.ts'

const place = { partition, partitions: topics.usage.partitions }

function filled (readings: number): Metering {
  const state = new Metering()
  for (let number = 0; number < readings; number++) {
    const reading = readingOf({ id: `m${number}`, requestId: `r${number}`, occurredAt: instant(noon + number * 7) })
    apply(state, reading, { at: instant(noon + number * 3), ...place }, () => { /* Only the state counts. */ })
  }
  return state
}

describe('a snapshot', () => {
  test.each([0, 1, 5000])('of %i readings restores what it was taken of', readings => {
    const state = filled(readings)
    const bytes = writeSnapshot(state)
    const restored = readSnapshot(bytes)
    validate(restored)
    expect(restored.counts).toEqual(state.counts)
    expect(restored.seen.count).toBe(readings)
    expect(Buffer.compare(writeSnapshot(restored), bytes)).toBe(0)
  })

  test('that is cut short, too long or of another format is none', () => {
    const bytes = writeSnapshot(filled(3))
    for (const end of [0, 1, 10, bytes.length - 1]) expect(() => readSnapshot(bytes.subarray(0, end))).toThrow()
    expect(() => readSnapshot(Uint8Array.of(...bytes, 0))).toThrow('bytes left over')
    expect(() => readSnapshot(Uint8Array.of(99, ...bytes.subarray(1)))).toThrow('unknown format')
  })
})

test('numbers and words come back as they went', () => {
  const numbers = [0, 1, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]
  const words = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 0x12345678]
  const writer = new ByteWriter()
  writer.reserve(10_000)
  for (const number of numbers) writer.number(number)
  for (const word of words) writer.word(word)
  const reader = new ByteReader(writer.written())
  expect(numbers.map(() => reader.number())).toEqual(numbers)
  expect(words.map(() => reader.word())).toEqual(words)
  reader.end()
})
