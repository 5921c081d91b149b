import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answersOf, capOf, upstreamBody } from '../../../gateway/edge/upstream-body.ts'

const words = { model: 'llama', capField: 'max_completion_tokens', extra: { top_k: 3 } } as const

test('what says how to answer is this edge\'s, whatever was asked; the rest goes on as it is', () => {
  const chat = { messages: [], model: 'text-prime', stream: false, stream_options: {}, max_tokens: 1, tools: [{ a: null }], odd: 'x' }
  expect(upstreamBody(words, { chat, cap: 9, hasOptions: true })).toEqual({
    messages: [],
    tools: [{ a: null }],
    odd: 'x',
    top_k: 3,
    model: 'llama',
    stream: true,
    stream_options: { include_usage: true },
    max_completion_tokens: 9
  })
  expect(upstreamBody(words, { chat, cap: 9, hasOptions: false })).not.toHaveProperty('stream_options')
})

test('a cap is at least 1, at most what was asked, and all answers together take no more than is allowed', () => {
  const asked = fc.option(fc.oneof(fc.integer({ min: -5, max: 5000 }), fc.constant('no number')), { nil: undefined })
  const [answers, allowance] = [fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 9000 })]
  fc.assert(fc.property(asked, asked, answers, allowance, (old, recent, n, allowed) => {
    const cap = capOf({ max_tokens: old, max_completion_tokens: recent, n }, allowed)
    expect(cap).toBeGreaterThanOrEqual(1)
    if (cap > 1) expect(cap * n).toBeLessThanOrEqual(allowed)
    for (const each of [old, recent]) if (typeof each === 'number' && each > 0) expect(cap).toBeLessThanOrEqual(each)
  }), { seed: 6 })
  expect(answersOf({ n: 0 })).toBe(1)
})
