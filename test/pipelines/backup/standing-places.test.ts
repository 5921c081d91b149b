import { expect, test } from 'vitest'
import { FirstMarks, sinkPlace } from '../../../pipelines/backup/standing-places.ts'
import type { LogRecord } from '../../../pipelines/runtime/log.ts'
import { Marks, readOrigin, writeOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Instant } from '../../../schemas/units.ts'

const record = (source: string, sequence: number): LogRecord => ({
  offset: 0,
  timestamp: 0 as Instant,
  key: null,
  value: null,
  headers: { origin: writeOrigin({ source: `${source} topic 0`, offset: 0, index: 0, sequence }) }
})

/** What is there, as sources and sequences. */
function standing (...there: readonly (readonly [string, number])[]) {
  const marks = new FirstMarks(500)
  for (const [source, sequence] of there) marks.see(record(source, sequence))
  const found = marks.standing()
  // With these marks it is read without a gap.
  const reading = Marks.from(found.marks)
  const verdicts = there.map(([source, sequence]) => reading.see(readOrigin(record(source, sequence).headers.origin!)!))
  expect(verdicts).not.toContain('gap')
  return found
}

test('a source stands before its first record that is there', () => {
  expect(standing(['b', 7], ['a', 41], ['b', 8])).toEqual({ position: 500, marks: [['a topic 0', 40], ['b topic 0', 6]] })
})

test('repeats of what was deleted don\'t lead astray', () => {
  expect(standing(['a', 5], ['a', 9], ['a', 6], ['a', 10]).marks).toEqual([['a topic 0', 8]])
  expect(standing(['a', 9], ['a', 5], ['a', 6], ['a', 10]).marks).toEqual([['a topic 0', 8]])
  expect(standing(['a', 7], ['a', 8], ['a', 9]).marks).toEqual([['a topic 0', 6]])
})

test('records of nobody leave no mark', () => {
  const marks = new FirstMarks(3)
  marks.see({ ...record('a', 1), headers: {} })
  marks.see({ ...record('a', 1), headers: { origin: Buffer.from('no origin') } })
  expect(marks.standing()).toEqual({ position: 3, marks: [] })
})

test('the key of a sink\'s place is told from others', () => {
  const keyed = (key: string) => sinkPlace({ ...record('a', 1), key: Buffer.from(key) })
  expect(keyed('sink/sink-fills/fills-1/12')).toEqual({ sink: 'sink-fills', topic: 'fills-1', partition: 12 })
  expect(keyed('matching/orders-1/0/100-writer/manifest')).toBeNull()
  expect(sinkPlace(record('a', 1))).toBeNull()
})
