import { describe, expect, test } from 'vitest'
import { MarksFrom } from '../../../pipelines/jobs/marks-from.ts'

const origin = (source: string, sequence: number) => ({ source, offset: 0, index: 0, sequence })

describe('from the first record on', () => {
  test('a source begins with 1, and nothing after a gap counts', () => {
    const marks = new MarksFrom(0)
    expect([1, 2, 2, 3].map(sequence => marks.see(origin('a', sequence)))).toEqual(['new', 'new', 'seen', 'new'])
    expect([2, 3].map(sequence => marks.see(origin('b', sequence)))).toEqual(['gap', 'gap'])
    expect(marks.ranges()).toEqual([{ source: 'a', first: 1, last: 3 }])
  })
})

describe('where age has taken the beginning', () => {
  test('a source begins with what it says first', () => {
    const marks = new MarksFrom(500)
    expect([7, 8, 7, 9, 11].map(sequence => marks.see(origin('a', sequence)))).toEqual(['new', 'new', 'seen', 'new', 'gap'])
    expect(marks.see(origin('b', 1))).toBe('new')
    expect(marks.ranges()).toEqual([{ source: 'a', first: 7, last: 9 }, { source: 'b', first: 1, last: 1 }])
  })
})
