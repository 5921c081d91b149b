// The lower bound on the reference tokenizer's count is one, however the text was cut.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Pieces, piecesAtLeast } from '../../../gateway/relay/plausible.ts'
import { countTokens, loadTokenizer } from '../../../gateway/tokenizer/tokenizer.ts'

beforeAll(loadTokenizer)

const samples = [
  'The market opens at dawn, and every trader reads the same numbers.',
  "I don't think we'll ever know; it's what they've said, isn't it?",
  'const answer = await fetch(`/v1/models`, { headers: { authorization } })\n\nif (!answer.ok) throw new Error()\n',
  '{"a":[1,2,3],"b":{"c":"d"},"pi":3.14159265358979}',
  'España, 東京, über, мир, 🙂, café: naïve façade.',
  '人工智能推理的现货市场',
  '   \n\n\t  \n ',
  'aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ=',
  '1234567890123456789012345678901234567890',
  "I'lL we'Re don'T'S it'sX",
  '};\n/ a */\n// b\n\t\tfooBar(  12,\r\n  $3)\t \t \n'
]

const parts = fc.constantFrom(
  ...samples, 'word', 'Word', 'aB', ' ', '  ', '\t', '\n', '\r\n', "'s", "'lL", "'", '.', '((', '/', '//', 'X', '12', '1', '²', '०', 'é', '的',
  '\u00a0', '\u3000', '\u0301', '\u0001', '\v', '<|endoftext|>'
)
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.array(parts, { maxLength: 12 }).map(all => all.join('')),
  // Few characters, so that all of their neighbourhoods come up.
  fc.string({ unit: fc.constantFrom('a', 'Z', '1', ' ', '\n', '\t', '\r', '/', '.', "'", '('), maxLength: 14 })
)

describe('pieces', () => {
  test.each(samples)('are at most the tokens: %s', text => {
    expect(piecesAtLeast(text)).toBeLessThanOrEqual(countTokens(text))
  })

  test('of any text, cut anywhere, they are at most the tokens of the whole', () => {
    fc.assert(fc.property(texts, fc.array(fc.nat(60), { maxLength: 8 }), (text, cuts) => {
      const pieces = new Pieces()
      const at = [0, ...cuts.map(cut => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
      for (const [index, from] of at.slice(0, -1).entries()) pieces.take(text.slice(from, at[index + 1]))
      expect(pieces.count).toBe(piecesAtLeast(text))
      expect(pieces.count).toBeLessThanOrEqual(countTokens(text))
    }), { seed: 6, numRuns: 10_000 })
  })

  test('letter by letter, a text has no more than it has whole', () => {
    const [words] = samples
    const pieces = new Pieces()
    for (const letter of words!) pieces.take(letter)
    expect(pieces.count).toBe(piecesAtLeast(words!))
  })

  test.each([
    ['plain words', samples[0]!, 0.9], ['code', samples[2]!, 0.8], ['JSON', samples[3]!, 0.6]
  ])('of %s, they are most of the tokens', (_, text, share) => {
    expect(piecesAtLeast(text) / countTokens(text)).toBeGreaterThan(share)
  })

  test('know how many digits there were', () => {
    const pieces = new Pieces()
    pieces.take('12 a3')
    pieces.take('4')
    expect(pieces.digits).toBe(4)
  })
})
