import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Marks, readOrigin, sourceOf, writeOrigin, type Origin } from '../../../pipelines/runtime/origin.ts'

const of = (source: string, sequence: number): Origin => ({ source, offset: sequence, index: 0, sequence })
const a = sourceOf('matching', 't.orders-1', 0)
const b = sourceOf('matching', 't.orders-1', 1)

describe('the header', () => {
  const name = fc.stringMatching(/^[\w.-]{1,20}$/)
  const count = fc.nat(999_999_999)
  const large = fc.nat(10 ** 15 - 1)
  const place = { stage: name, topic: name, partition: count }
  const origins = fc.record({ ...place, offset: large, index: count, sequence: large })

  test('is read as it was written', () => {
    fc.assert(fc.property(origins, ({ stage, topic, partition, ...rest }) => {
      const origin = { source: sourceOf(stage, topic, partition), ...rest }
      expect(readOrigin(writeOrigin(origin))).toEqual(origin)
    }), { seed: 1 })
  })

  test.each([
    '', ' ', 'matching', 'matching orders 0 1 2', 'matching orders 0 1 2 3 4', 'matching orders 0 1 2 -3', 'matching orders 0 1 2 3 ',
    ' matching orders 0 1 2 3', 'matching orders x 1 2 3', 'matching orders 0 1 2 3\n', 'mat/ching orders 0 1 2 3', 'm\u00e4tching orders 0 1 2 3',
    'matching orders 0 1 2 1e3', 'matching orders 0 1 2 0x1', `matching orders 0 1 2 ${'9'.repeat(16)}`
  ])('is null for %j', text => {
    expect(readOrigin(Buffer.from(text, 'latin1'))).toBeNull()
  })
})

describe('marks', () => {
  test('tell what is new from what was seen and from what comes after a gap', () => {
    const marks = new Marks()
    const origins = [of(a, 1), of(a, 1), of(a, 2), of(b, 2), of(b, 1), of(a, 4), of(a, 3), of(a, 2)]
    expect(origins.map(origin => marks.see(origin))).toEqual(['new', 'seen', 'new', 'gap', 'new', 'gap', 'new', 'seen'])
    expect([marks.last(a), marks.last(b), marks.last('another')]).toEqual([3, 1, 0])
  })

  test('remember nothing after a gap: it is a gap again', () => {
    const marks = new Marks()
    expect([marks.see(of(a, 2)), marks.see(of(a, 2))]).toEqual(['gap', 'gap'])
  })

  test('skip to a sequence, and never back', () => {
    const marks = new Marks()
    marks.skipTo(of(a, 7))
    marks.skipTo(of(a, 5))
    expect([marks.see(of(a, 7)), marks.see(of(a, 8))]).toEqual(['seen', 'new'])
  })

  test('are the same however their sources came, and judge the same once restored', () => {
    const one = Marks.from([[b, 4], [a, 2]])
    const other = Marks.from([[a, 2], [b, 4]])
    expect(one.entries()).toEqual(other.entries())
    const restored = Marks.from(JSON.parse(JSON.stringify(one.entries())) as [string, number][])
    const origins = [of(a, 2), of(a, 3), of(b, 6), of(b, 5), of('c t 0', 1)]
    expect(origins.map(origin => restored.see(origin))).toEqual(origins.map(origin => one.see(origin)))
  })

  test('let each sequence through once, in order, whatever repeats', () => {
    const sequences = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 })
    fc.assert(fc.property(sequences, given => {
      const marks = new Marks()
      const taken = given.filter(sequence => marks.see(of(a, sequence)) === 'new')
      expect(taken).toEqual(Array.from({ length: taken.length }, (_, index) => index + 1))
    }), { seed: 2 })
  })
})
