// Tokens of long texts.

import { beforeAll, describe, expect, test } from 'vitest'
import {
  inputGuessOf, inputText, inputTokensOf, referenceOf, shownText, tokensAbout, tokensOf, tokensUpTo
} from '../../../gateway/serving/counting.ts'
import type { Inference } from '../../../gateway/surfaces/surface.ts'
import { countTokens, loadTokenizer } from '../../../gateway/tokenizer/tokenizer.ts'

beforeAll(loadTokenizer)

const words = (length: number): string => ' market'.repeat(length)
const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(1000)}` } }
const inference = {
  chat: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }, image] }] },
  size: { bytes: 5, messages: 1, images: 1 }
} as unknown as Inference

describe('a text', () => {
  test('that is not very long is counted', () => {
    expect(tokensOf(countTokens, words(50_000))).toBe(50_000)
  })

  test('that is very long is estimated, whatever it has where', () => {
    const even = tokensOf(countTokens, words(1_000_000))
    expect(Math.abs(even - 1_000_000) / 1_000_000).toBeLessThan(0.001)
    const uneven = words(500_000) + 'x'.repeat(3_500_000)
    expect(Math.abs(tokensOf(countTokens, uneven) - countTokens(uneven)) / countTokens(uneven)).toBeLessThan(0.2)
  })

  test('is looked at in eight slices at most', () => {
    let looked = 0
    const count = (text: string): number => {
      looked += text.length
      return 1
    }
    tokensOf(count, 'x'.repeat(30_000_000))
    expect(looked).toBe(8 * 65_536)
  })
})

describe('up to a limit', () => {
  test('all of it is counted where it is below', async () => {
    const counted = await tokensUpTo(countTokens, words(60_000), 100_000)
    expect(counted).toBeGreaterThan(59_950)
    expect(counted).toBeLessThanOrEqual(60_000)
  })

  test('not much of it where it is above, and others have their turn meanwhile', async () => {
    let looked = 0
    let turns = 0
    const turning = setInterval(() => { turns++ })
    const counted = await tokensUpTo(text => {
      looked += text.length
      return countTokens(text)
    }, words(1_000_000), 100_000)
    clearInterval(turning)
    expect(counted).toBeGreaterThan(100_000)
    expect(looked).toBeLessThan(12 * 65_536)
    expect(turns).toBeGreaterThan(0)
  })
})

describe('an input', () => {
  test('has its images as images, however they are written', () => {
    expect(inputText(inference)).not.toContain('base64')
    expect(inputTokensOf(() => 7, inference)).toBe(7 + 1600)
  })
})

describe('the guess at an input', () => {
  const sized = (text: string, images = 0): Inference =>
    ({ ...inference, chat: { messages: [{ role: 'user', content: text }] }, size: { bytes: text.length, messages: 1, images } })

  test('is near the truth where it is short, and costs nothing where it is long', () => {
    const guess = inputGuessOf(countTokens, sized(words(300)))
    expect(guess).toBeGreaterThanOrEqual(300)
    expect(guess).toBeLessThan(320)
    expect(inputGuessOf(() => { throw new Error('counted') }, sized('a'.repeat(40_000)))).toBe(10_000)
    expect(inputGuessOf(() => 7, sized('a', 2))).toBe(7 + 2 * 1600)
  })
})

describe('what a model may be shown', () => {
  const sized = (chat: object): Inference => ({ ...inference, chat: { ...inference.chat, ...chat } })

  test('has messages, tools as wide as templates write them, and fields that nobody here knows', () => {
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }]
    const text = shownText(sized({ tools, documents: ['a page'], temperature: 1, seed: 77 }))
    expect(text).toContain('Hello')
    expect(text).toContain('a page')
    expect(text).toContain('\n    {')
    expect(text).not.toContain('77')
    expect(text).not.toContain('base64')
  })

  test('is sampled in a few places where it is long', () => {
    let looked = 0
    const count = (text: string): number => {
      looked += text.length
      return countTokens(text)
    }
    const about = tokensAbout(count, words(100_000))
    expect(looked).toBe(8 * 512)
    expect(Math.abs(about - 100_000) / 100_000).toBeLessThan(0.05)
    expect(tokensAbout(countTokens, words(500))).toBe(500)
  })

  test('and was delivered is asked for by bills', () => {
    const reference = referenceOf(countTokens, inference, () => ['Hello'])
    expect(reference.inputText()).toBe(shownText(inference))
    expect(reference.inputEstimate()).toBe(inputTokensOf(countTokens, inference))
    expect(reference.outputTexts().map(reference.count)).toEqual([1])
    expect(reference.sample('Hello')).toBe(1)
  })
})
