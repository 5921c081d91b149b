// What went through a relay.

import { describe, expect, test } from 'vitest'
import { Delivered } from '../../../gateway/relay/delivered.ts'
import type { ChatChunk } from '../../../gateway/surfaces/chunk.ts'

const chunk = (delta: object, finish: string | null = null, more: object = {}): ChatChunk => ({
  id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more
}) as unknown as ChatChunk

describe('delivered', () => {
  test('begins with the first content, not with a role', () => {
    const delivered = new Delivered()
    delivered.take(chunk({ role: 'assistant', content: '' }), 5)
    expect(delivered.hasContent).toBe(false)
    delivered.take(chunk({ content: 'Hi' }), 7)
    delivered.take(chunk({ content: '.' }), 9)
    expect(delivered).toMatchObject({ hasContent: true, firstTokenAt: 7, lastTokenAt: 9, model: 'm' })
  })

  test('is whole when each choice has its finish reason', () => {
    const delivered = new Delivered(2)
    delivered.take(chunk({}, 'stop'), 1)
    expect(delivered.isWhole).toBe(false)
    const second = chunk({}, 'length')
    ;(second.choices[0] as { index: number }).index = 1
    delivered.take(second, 1)
    expect(delivered.isWhole).toBe(true)
  })

  test('keeps reasoning, refusals and calls as well as words', () => {
    const delivered = new Delivered()
    delivered.take(chunk({ reasoning_content: 'so' }), 1)
    delivered.take(chunk({ refusal: 'no' }), 1)
    delivered.take(chunk({ tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }), 1)
    expect(delivered.texts()).toEqual(['so', 'no', 'f{}'])
    expect(delivered).toMatchObject({ reasoningLength: 2, textLength: 5 })
  })

  test('has each text as it is read, whatever came between its parts', () => {
    const delivered = new Delivered()
    for (const part of ['un', 'believ', 'able']) {
      delivered.take(chunk({ reasoning_content: part }), 1)
      delivered.take(chunk({ content: part }), 1)
    }
    expect(delivered.texts()).toEqual(['unbelievable', 'unbelievable'])
    expect(delivered).toMatchObject({ outputAtLeast: 2, textCount: 2 })
  })

  test('knows that a choice came to its cap', () => {
    const delivered = new Delivered()
    delivered.take(chunk({ content: 'a' }, 'stop'), 1)
    expect(delivered.isAtCap).toBe(false)
    delivered.take(chunk({ content: 'a' }, 'length'), 1)
    expect(delivered.isAtCap).toBe(true)
  })

  test('has the usage that was said last', () => {
    const delivered = new Delivered()
    const usage = (output: number) =>
      ({ usage: { prompt_tokens: 3, completion_tokens: output, total_tokens: 3 + output } })
    delivered.take(chunk({ content: 'a' }, null, usage(1)), 1)
    delivered.take(chunk({ content: 'b' }, null, usage(2)), 1)
    delivered.take(chunk({}, 'stop'), 1)
    expect(delivered.usage).toEqual({ input: 3, cached: 0, output: 2, reasoning: 0 })
  })

  test('guesses tokens by four characters, or by pieces where those are shorter', () => {
    const english = new Delivered()
    english.take(chunk({ content: 'four hundred words' }), 1)
    expect(english.outputGuess).toBe(5)
    const chinese = new Delivered()
    for (const each of '人工智能推理') chinese.take(chunk({ content: each }), 1)
    expect(chinese.outputGuess).toBe(6)
  })
})
