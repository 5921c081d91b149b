import { expect, test } from 'vitest'
import { Fingerprint, joined } from '../../../pipelines/metering/fingerprint.ts'

function printOf (text: string, seed = 1): string {
  const print = new Fingerprint()
  print.take(seed, text)
  return `${print.low} ${print.high}`
}

test('of texts that are alike are not alike, in neither half', () => {
  const texts = Array.from({ length: 50_000 }, (_, number) => `req_${number} gateway`)
  const prints = texts.map(text => printOf(text).split(' '))
  expect(new Set(prints.map(halves => halves.join(' '))).size).toBe(texts.length)
  // Of 50,000 numbers out of 2^32 a third of a pair is alike by chance.
  for (const half of [0, 1]) expect(new Set(prints.map(halves => halves[half])).size).toBeGreaterThan(texts.length - 5)
})

test('depends on its seed, and on nothing that was taken before', () => {
  expect(printOf('a', 1)).not.toBe(printOf('a', 2))
  const print = new Fingerprint()
  for (const text of ['b', 'a']) print.take(1, text)
  expect(`${print.low} ${print.high}`).toBe(printOf('a'))
})

test('joins texts so that it shows where one ends', () => {
  const pairs = [['a', 'bc'], ['ab', 'c'], ['', 'abc'], ['abc', ''], ['1 a', 'b']] as const
  expect(new Set(pairs.map(([first, second]) => joined(first, second))).size).toBe(pairs.length)
})
