// Server-sent events: whatever the line ends, and wherever the bytes are cut.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventTooLong, eventLengthMax, SseParser } from '../../../gateway/relay/sse.ts'

function read (...parts: readonly (string | Buffer)[]): string[] {
  const parser = new SseParser()
  const payloads = parts.flatMap(part => parser.feed(Buffer.from(part as string)))
  return [...payloads, ...parser.end()]
}

describe('events', () => {
  test.each([
    ['LF', 'data: a\n\ndata: b\n\n'],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n'],
    ['CR', 'data: a\r\rdata: b\r\r'],
    ['all of them', 'data: a\r\n\ndata: b\r\r\n'],
    ['no blank', 'data:a\n\ndata:b\n\n'],
    ['a byte order mark', '\uFEFFdata: a\n\ndata: b\n\n'],
    ['comments, names and ids', ': hello\nevent: x\ndata: a\nid: 1\n\nretry: 3\n\ndata: b\n\n'],
    ['no empty line at the end', 'data: a\n\ndata: b'],
    ['no empty line after a line end', 'data: a\n\ndata: b\n']
  ])('with %s', (_name, text) => {
    expect(read(text)).toEqual(['a', 'b'])
  })

  test('data of several lines are one payload', () => {
    expect(read('data: a\ndata: b\ndata\ndata:\ndata: c\n\n')).toEqual(['a\nb\n\n\nc'])
  })

  test('one blank goes, others are the payload\'s', () => {
    expect(read('data:  a \n\n')).toEqual([' a '])
  })

  test('a byte order mark is one at the beginning alone', () => {
    expect(read('data: a\n\n', '\uFEFFdata: b\n\n', 'data: c\n\n')).toEqual(['a', 'c'])
  })

  test('fields that begin like data are others', () => {
    expect(read('database: a\ndata-x: b\n\n')).toEqual([])
  })

  test('an event is given out with its last byte, not later', () => {
    const parser = new SseParser()
    expect(parser.feed(Buffer.from('data: a\n'))).toEqual([])
    expect(parser.feed(Buffer.from('\n'))).toEqual(['a'])
    expect(parser.feed(Buffer.from('data: b\r'))).toEqual([])
    expect(parser.feed(Buffer.from('\n\r'))).toEqual(['b'])
    expect(parser.feed(Buffer.from('\ndata: c\r\n\r\n'))).toEqual(['c'])
  })

  test('one without end is refused before it fills the memory', () => {
    const parser = new SseParser()
    const part = Buffer.alloc(eventLengthMax / 2, 'a')
    parser.feed(part)
    parser.feed(part)
    expect(() => parser.feed(Buffer.from('a'))).toThrow(EventTooLong)
  })
})

test('bytes may be cut anywhere: in a character, in a line end, in the mark', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replaceAll(/[\r\n]/g, '·'))
  const payload = fc.array(line, { minLength: 1, maxLength: 3 }).map(lines => lines.join('\n'))
  const ends = fc.constantFrom('\n', '\r\n', '\r')
  const lengths = fc.infiniteStream(fc.integer({ min: 1, max: 9 }))
  const written = fc.tuple(fc.array(payload, { maxLength: 6 }), ends, fc.boolean(), lengths)
  fc.assert(fc.property(written, ([payloads, end, hasMark, cuts]) => {
    const text = payloads.map(each => each.split('\n').map(part => `data: ${part}${end}`).join('') + `: ${end}` + end).join('')
    const bytes = Buffer.from((hasMark ? '\uFEFF' : '') + text)
    const parts: Buffer[] = []
    for (let at = 0; at < bytes.length;) {
      const length = cuts.next().value as number
      parts.push(bytes.subarray(at, at + length))
      at += length
    }
    expect(read(...parts)).toEqual(payloads)
  }), { seed: 6, numRuns: 500 })
})
