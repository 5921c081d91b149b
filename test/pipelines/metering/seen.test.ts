// Many readings: indexes that grow, are emptied from the middle and filled again, held against a map.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Prints, SeenReadings } from '../../../pipelines/metering/seen.ts'

/** Few fingerprints that are alike in their low bits: so that runs form, run into each other, and break up again. */
const word = fc.integer({ min: 0, max: 60 }).map(number => number % 20 + (number < 20 ? 0 : number << 20))

function printsOf (id: number, place: number, content: number): Prints {
  const prints = new Prints()
  prints.id.low = id
  prints.place.low = place
  prints.content.high = content
  return prints
}

type Kept = { readonly id: number, readonly place: number, readonly content: number, readonly second: number }

test('finds what a list finds, whatever was forgotten in between', () => {
  const change = fc.record({ id: word, place: word, content: fc.nat(2), second: fc.nat(30), forgets: fc.nat(60) })
  fc.assert(fc.property(fc.array(change, { minLength: 300, maxLength: 500 }), changes => {
    const seen = new SeenReadings()
    let list: Kept[] = []
    for (const { forgets, ...kept } of changes) {
      const { id, place, content, second } = kept
      const prints = printsOf(id, place, content)
      const isOther = list.some(one => one.id === id || one.place === place)
      const isRepeat = list.some(one => one.place === place && one.content === content)
      expect(seen.look(prints)).toBe(isRepeat ? 'repeated' : isOther ? 'contradicts' : 'new')
      expect(seen.has(prints)).toBe(list.some(one => one.id === id && one.content === content))
      seen.keep(prints, second)
      list.push(kept)
      if (forgets === 0) {
        const oldest = Math.min(...list.map(one => one.second))
        expect(seen.forgetOldest()).toBe(oldest)
        list = list.filter(one => one.second !== oldest)
      }
      expect(seen.count).toBe(list.length)
    }
    const kept = seen.seconds().map(({ second }) => [...seen.rowsOf(second)].map(row => seen.rows.of(row, 2)))
    const seconds = [...Map.groupBy(list, one => one.second)].sort(([a], [b]) => a - b)
    expect(kept).toEqual(seconds.map(([, ones]) => ones.map(({ place }) => place)))
  }), { seed: 1, numRuns: 60 })
})

test('grows without forgetting, and forgets without leaving anything', () => {
  const seen = new SeenReadings()
  const count = 20_000
  const prints = Array.from({ length: count }, (_, index) => printsOf((index + 1) * 4096, index + 1, 0))
  prints.forEach((print, index) => { seen.keep(print, Math.floor((index + 1) / 100)) })
  const found = (): number => prints.filter(print => seen.look(print) === 'repeated').length
  expect(found()).toBe(count)
  seen.forgetBefore(100)
  expect(found()).toBe(count - 9999)
  seen.forgetBefore(1000)
  expect([found(), seen.count, seen.ids.count, seen.places.count]).toEqual([0, 0, 0, 0])
})
