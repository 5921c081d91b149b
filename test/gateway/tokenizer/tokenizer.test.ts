import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { countTokens, loadTokenizer } from '../../../gateway/tokenizer/tokenizer.ts'

beforeAll(loadTokenizer)

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')

describe('the reference tokenizer', () => {
  test('counts as published', () => {
    expect(countTokens('')).toBe(0)
    expect(countTokens('Hello, world!')).toBe(4)
    expect(countTokens('The quick brown fox jumps over the lazy dog.')).toBe(10)
  })

  test('counts ordinary text in one piece', () => {
    const words = fc.array(fc.constantFrom('market', 'Übergröße', '価格', 'f(x) => {', '12345678', '\n\n', "don't"), { maxLength: 60 })
    fc.assert(fc.property(words, spoken => {
      const text = spoken.join(' ')
      expect(countTokens(text)).toBe(encode(text).length)
    }), { seed: 6, numRuns: 100 })
  })

  test('takes what looks like a special token for text', () => {
    expect(countTokens('<|endoftext|>')).toBeGreaterThan(1)
    expect(countTokens('a<|im_start|>b<|return|>')).toBeGreaterThan(3)
  })

  test('never counts more tokens than there are bytes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      expect(countTokens(text)).toBeLessThanOrEqual(bytesOf(text))
    }), { seed: 6, numRuns: 300 })
  })

  test('cuts no character in two', () => {
    for (const sign of ['👍', '𝒳', '🏴', '語']) {
      const text = sign.repeat(500)
      expect(countTokens(text)).toBeLessThanOrEqual(bytesOf(text))
      expect(countTokens(text) - countTokens(sign.repeat(64)) * 500 / 64).toBeLessThan(60)
    }
  })

  // Each took minutes where a word's tokens cost the square of its length.
  test.each(['a', ' ', '\n', '-', 'aB', '語', '👍', '\u00a0'])('comes to an end with a megabyte of %j', sign => {
    const text = sign.repeat(1_000_000 / sign.length)
    const tokens = countTokens(text)
    expect(tokens).toBeGreaterThan(1000)
    expect(tokens).toBeLessThanOrEqual(bytesOf(text))
  })
})
