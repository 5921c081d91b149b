// The lower bound on the reference tokenizer's count is one.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { piecesAtLeast } from '../../../gateway/relay/plausible.ts'
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
  '1234567890123456789012345678901234567890'
]

describe('pieces', () => {
  test.each(samples)('are at most the tokens: %s', text => {
    expect(piecesAtLeast(text)).toBeLessThanOrEqual(countTokens(text))
  })

  test('of any text, they are at most the tokens', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      fc.array(fc.constantFrom(...samples, 'word', ' ', '\n', "'s", "'", '.', 'X', '12', 'é', '的'), { maxLength: 12 }).map(parts => parts.join(''))
    )
    fc.assert(fc.property(text, each => piecesAtLeast(each) <= countTokens(each)), { seed: 6, numRuns: 3000 })
  })

  test('of plain words, they are most of the tokens', () => {
    const [words] = samples
    expect(piecesAtLeast(words!) / countTokens(words!)).toBeGreaterThan(0.7)
  })
})
