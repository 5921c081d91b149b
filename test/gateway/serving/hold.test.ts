// How much to hold, and the cap that goes upstream.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  capOf, imageTokens, inputBoundOf, inputSlackOf, isToCount, needOf, outputHeldOf, outputLeast, outputMaxOf, outputStep
} from '../../../gateway/serving/hold.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'

const { terms } = instrumentBySymbol('text-prime')!
const size = (bytes: number, messages = 1, images = 0) => ({ bytes, messages, images })

describe('to hold', () => {
  test('bytes, sixteen a message, and the cap an image, for input', () => {
    expect(inputBoundOf(size(100, 3, 2))).toBe(100 + 48 + 2 * imageTokens)
  })

  test('never more input than the instrument takes', () => {
    expect(needOf({ size: size(10_000_000), n: 1, outputMax: 1 }, terms).inputBound).toBe(terms.inputTokensMax)
  })

  test('the output that was asked for, up to a step, for each answer', () => {
    expect(needOf({ size: size(84), n: 1, outputMax: 50 }, terms).need).toBe(150)
    expect(needOf({ size: size(84), n: 3, outputMax: 50 }, terms).need).toBe(250)
    expect(needOf({ size: size(84), n: 1, outputMax: null }, terms).need).toBe(100 + outputStep)
    expect(needOf({ size: size(84), n: 2, outputMax: 1_000_000 }, terms))
      .toMatchObject({ need: 100 + 2 * outputStep, outputMax: terms.outputTokensMax })
  })

  test('at the least a third of the bytes, and room for a short answer', () => {
    expect(needOf({ size: size(300), n: 1, outputMax: null }, terms).min).toBe(100 + 16 + outputLeast)
    expect(needOf({ size: size(300), n: 1, outputMax: 20 }, terms).min).toBe(100 + 16 + 20)
  })
})

describe('the cap upstream', () => {
  const need = needOf({ size: size(284), n: 1, outputMax: 5000 }, terms)

  test('is what was asked, where all is held that is needed', () => {
    expect(capOf(need, need.need)).toBe(5000)
    const long = needOf({ size: size(284), n: 1, outputMax: 50_000 }, terms)
    expect(capOf(long, long.need)).toBe(50_000)
  })

  test('is what is left for output, where less is', () => {
    expect(capOf(need, 1300)).toBe(1000)
  })

  test('leaves room at the least, where only a third of the bytes fits', () => {
    expect(capOf(need, need.min)).toBe(outputLeast)
  })

  test('is shared by several answers', () => {
    const several = needOf({ size: size(284), n: 2, outputMax: 5000 }, terms)
    expect(capOf(several, 1300)).toBe(500)
  })
})

describe('the room that a context has beside its input', () => {
  const { terms: agent } = instrumentBySymbol('agent-prime')!
  const { contextTokens, outputTokensMax } = agent
  const asked = (bytes: number, outputMax: number | null = null) => ({ size: size(bytes - 16), n: 1, outputMax })

  test('is enough for a short input, and nobody counts it', () => {
    expect(isToCount(asked(1000), agent)).toBe(false)
    expect(outputMaxOf(asked(1000), agent, null)).toBe(outputTokensMax)
    expect(outputMaxOf(asked(1000, 50), agent, null)).toBe(50)
    expect(outputMaxOf(asked(1000, 10 ** 9), agent, null)).toBe(outputTokensMax)
  })

  test('is what the bytes leave of it, for who asks for no cap, as long as that is a lot', () => {
    expect(isToCount(asked(100_000), agent)).toBe(false)
    expect(outputMaxOf(asked(100_000), agent, null)).toBe(contextTokens - 100_000)
    expect(isToCount(asked(contextTokens - 32_768 + 1), agent)).toBe(true)
  })

  test('is found by counting, where a cap was asked for that the bytes leave no room for', () => {
    expect(isToCount(asked(100_000, 90_000), agent)).toBe(false)
    expect(isToCount(asked(100_000, 100_000), agent)).toBe(true)
    expect(outputMaxOf(asked(100_000, 100_000), agent, 25_000)).toBe(100_000)
    expect(outputMaxOf(asked(400_000), agent, 100_000)).toBe(contextTokens - 110_000)
  })

  test('leaves an answer where it is nearly full, and a token at the least', () => {
    expect(outputMaxOf(asked(800_000), agent, contextTokens - 10_000)).toBe(outputStep)
    expect(outputMaxOf(asked(800_000), agent, contextTokens - 500)).toBe(500)
    expect(outputMaxOf(asked(800_000), agent, contextTokens)).toBe(1)
    expect(outputMaxOf(asked(10 ** 6), agent, null)).toBe(1)
  })

  test('is wide where input and output have the same limit', () => {
    const { terms: kimi } = instrumentBySymbol('kimi-latest')!
    expect(outputMaxOf(asked(3000), kimi, null)).toBe(kimi.contextTokens - 3000)
  })

  test('holds input and cap, for any input that is within its limit', () => {
    const sizes = fc.record({
      bytes: fc.integer({ min: 16, max: 1_000_000 }), outputMax: fc.option(fc.integer({ min: 1, max: 200_000 }))
    })
    fc.assert(fc.property(sizes, fc.double({ min: 0.1, max: 1, noNaN: true }), ({ bytes, outputMax }, share) => {
      const found = Math.min(contextTokens - 1, Math.floor(bytes * share))
      const counted = isToCount(asked(bytes, outputMax), agent) ? found : null
      const cap = outputMaxOf(asked(bytes, outputMax), agent, counted)
      expect(cap).toBeGreaterThanOrEqual(1)
      expect((counted ?? bytes) + cap).toBeLessThanOrEqual(contextTokens)
      expect(cap).toBeLessThanOrEqual(Math.min(outputMax ?? outputTokensMax, outputTokensMax))
    }), { seed: 6, numRuns: 1000 })
  })
})

test('a supplier may add something for each message, image and tool', () => {
  const chat = { messages: [] }
  const [plain, several] = [size(100), size(100, 3, 2)].map(each => inputSlackOf({ size: each, chat }))
  expect(several! - plain!).toBe(2 * 16 + 2 * imageTokens)
  const tools = [{ type: 'function' }, { type: 'function' }]
  expect(inputSlackOf({ size: size(100), chat: { ...chat, tools } }) - plain!).toBeGreaterThan(100)
  expect(inputSlackOf({ size: size(100), chat: { ...chat, tools: [] } })).toBe(plain)
})

test('whatever is held, from the least on: caps are within what was asked, and output within what is held', () => {
  const asked = fc.record({
    bytes: fc.integer({ min: 0, max: 500_000 }),
    messages: fc.integer({ min: 1, max: 50 }),
    n: fc.integer({ min: 1, max: 5 }),
    outputMax: fc.option(fc.integer({ min: 1, max: 200_000 }))
  })
  const shares = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(fc.property(asked, shares, ({ bytes, messages, n, outputMax }, share) => {
    const need = needOf({ size: size(bytes, messages), n, outputMax }, terms)
    expect(need.min).toBeLessThanOrEqual(need.need)
    expect(need.inputLeast).toBeLessThanOrEqual(need.inputBound)
    const held = need.min + Math.floor(share * (need.need - need.min))
    const cap = capOf(need, held)
    expect(cap).toBeGreaterThanOrEqual(1)
    expect(cap).toBeLessThanOrEqual(need.outputMax)
    expect(outputHeldOf(need, held)).toBeLessThanOrEqual(held)
    if (held < need.need) expect(n * cap).toBeLessThanOrEqual(Math.max(n, outputHeldOf(need, held)))
  }), { seed: 6, numRuns: 1000 })
})
