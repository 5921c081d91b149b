import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isFetchedBackwards, pageOf, queryMark, readCursor, writeCursor, type Page, type Place } from '../../../gateway/http/paging.ts'

const seed = 20260102
const mark = queryMark('numbers')

/** A page of ascending numbers, as a port would be asked for it. */
function numbersAt (numbers: readonly number[], limit: number, place: Place<number>): Page<number> {
  const walked = isFetchedBackwards(place) ? numbers.toReversed() : numbers
  const beyond = walked.filter(each => !('key' in place) || (place.way === 'next' ? each > place.key : each < place.key))
  return pageOf(beyond.slice(0, limit + 1), limit, { place, cursorOf: each => writeCursor(mark, each) })
}

function walk (numbers: readonly number[], limit: number, way: 'next' | 'prev'): number[][] {
  const pages: number[][] = []
  let place: Place<number> = way === 'next' ? { way: 'first' } : { way: 'tail' }
  for (;;) {
    const { rows, paging } = numbersAt(numbers, limit, place)
    pages.push([...rows])
    const cursor = way === 'next' ? paging.next_cursor : paging.prev_cursor
    if (cursor === null) return pages
    place = { way, key: readCursor(mark, cursor) as number }
  }
}

const numbers = fc.uniqueArray(fc.nat(50)).map(some => some.toSorted((a, b) => a - b))

test('walking forwards shows every row once, in order', () => {
  fc.assert(fc.property(numbers, fc.integer({ min: 1, max: 6 }), (all, limit) => {
    expect(walk(all, limit, 'next').flat()).toEqual(all)
  }), { seed })
})

test('walking back from the tail shows every row once, each page in order', () => {
  fc.assert(fc.property(numbers, fc.integer({ min: 1, max: 6 }), (all, limit) => {
    expect(walk(all, limit, 'prev').toReversed().flat()).toEqual(all)
  }), { seed })
})

test('the page before the page after a page is that page', () => {
  const all = [1, 2, 3, 4, 5]
  const first = numbersAt(all, 2, { way: 'first' })
  const second = numbersAt(all, 2, { way: 'next', key: readCursor(mark, first.paging.next_cursor!) as number })
  const again = numbersAt(all, 2, { way: 'prev', key: readCursor(mark, second.paging.prev_cursor!) as number })
  expect(again.rows).toEqual(first.rows)
  expect(again.paging).toEqual({ next_cursor: writeCursor(mark, 2), prev_cursor: null, has_more: true })
})

test.each(['', 'x', '%%%', 'bnVsbA', Buffer.from('{"q":1}').toString('base64url')])('"%s" is no cursor', text => {
  expect(readCursor(mark, text)).toBeUndefined()
})

test('a cursor of another query is no cursor', () => {
  expect(readCursor(queryMark('other'), writeCursor(mark, 1))).toBeUndefined()
})
