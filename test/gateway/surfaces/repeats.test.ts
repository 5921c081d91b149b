// What need not be parsed again says the same as what is parsed.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatChunk } from '../../../gateway/surfaces/chunk.ts'
import { Mender } from '../../../gateway/surfaces/mend.ts'
import { Repeats } from '../../../gateway/surfaces/repeats.ts'

const payloadOf = (delta: object, more: object = {}): string => JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_780_000_000,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more
})
const chunkOf = (payload: string): ChatChunk => JSON.parse(payload) as ChatChunk

/** What is known after `payload`. */
function learnt (payload: string): Repeats {
  const repeats = new Repeats()
  repeats.learn(payload, chunkOf(payload))
  return repeats
}

const texts = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', '\n', '\\"', 'content":"', '', '"}')), { maxLength: 30 })

test.each(['content', 'reasoning_content'])('a stream of %s is read as if each chunk were parsed', name => {
  fc.assert(fc.property(texts, fc.boolean(), (all, saysUsage) => {
    const mender = new Mender('seed')
    mender.read(payloadOf({ role: 'assistant', content: '' }))
    for (const text of all) {
      const payload = payloadOf({ [name]: text }, saysUsage ? { usage: null } : {})
      expect(mender.read(payload)).toEqual({ kind: 'chunk', chunk: chunkOf(payload), raw: payload })
    }
  }), { seed: 6, numRuns: 300 })
})

test('what was parsed before is not parsed again', () => {
  const repeats = learnt(payloadOf({ content: 'one' }))
  const payload = payloadOf({ content: ' zwei €' })
  expect(repeats.read(payload)).toEqual(chunkOf(payload))
})

test.each([
  ['a quote in the text', { content: 'a"b' }],
  ['a backslash', { content: 'a\\b' }],
  ['a line end', { content: 'a\nb' }],
  ['another name', { refusal: 'one' }],
  ['more beside it', { content: 'one', reasoning_content: 'two' }]
])('%s is parsed', (_what, delta) => {
  expect(learnt(payloadOf({ content: 'one' })).read(payloadOf(delta))).toBeNull()
})

describe('is not taken for a repeat, or is read right', () => {
  test.each([
    ['text whose quotes are not its own', '{"x":"\\"content\\":\\"one","choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}]}'],
    ['the same name elsewhere first', '{"content":"one","choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}]}'],
    ['a name that is there twice', '{"choices":[{"index":0,"delta":{"content":"one","content":"one"},"finish_reason":null}]}'],
    ['usage', payloadOf({ content: 'one' }, { usage: { prompt_tokens: 1, completion_tokens: 1 } })],
    ['the end of a choice', payloadOf({ content: 'one' }).replace('"finish_reason":null', '"finish_reason":"stop"')],
    ['two choices', JSON.stringify({ choices: [0, 1].map(index => ({ index, delta: { content: 'one' }, finish_reason: null })) })]
  ])('%s', (_what, payload) => {
    const repeats = learnt(payload)
    for (const other of [payload.replaceAll('one', 'two'), payload.replace('one', 'two')]) {
      expect(repeats.read(other) ?? chunkOf(other)).toEqual(chunkOf(other))
    }
  })
})
