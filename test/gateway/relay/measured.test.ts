// What of a request and of its answer decides what is billed.

import { describe, expect, test } from 'vitest'
import { billable } from '../../../gateway/relay/billable.ts'
import { Delivered } from '../../../gateway/relay/delivered.ts'
import { measuredOf } from '../../../gateway/relay/measured.ts'
import { referenceOf } from '../../../gateway/serving/counting.ts'
import type { ChatChunk } from '../../../gateway/surfaces/chunk.ts'
import type { ChatBody } from '../../../gateway/surfaces/surface.ts'
import { countTokens, loadTokenizer } from '../../../gateway/tokenizer/tokenizer.ts'

await loadTokenizer()

const messages = [{ role: 'user', content: 'Tell me.' }]
const size = { bytes: 8, messages: 1, images: 0 }
const sentence = 'The market opens at dawn, and every trader reads the same numbers. '

function delivered (choices: readonly (readonly object[])[], usage: object): Delivered {
  const all = new Delivered(choices.length)
  const head = { id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm' }
  const longest = Math.max(...choices.map(({ length }) => length))
  for (let at = 0; at < longest; at++) {
    const said = choices.map((choice, index) => ({ index, delta: choice[at] ?? {}, finish_reason: null }))
    all.take({ ...head, choices: said } as unknown as ChatChunk, at)
  }
  all.take({ ...head, choices: [], usage } as unknown as ChatChunk, longest)
  return all
}

function billed (all: Delivered, chat: object = {}, n = 1) {
  const inference = { chat: { messages, ...chat } as ChatBody, n, size }
  const measured = measuredOf(all, { inference, inputBound: 24, inputSlack: 64, outputMax: n * 100_000 })
  return billable(measured, referenceOf(countTokens, inference, () => all.texts()))
}

const letters = (text: string): object[] => Array.from(text, content => ({ content }))
const usage = (output: number, details: object = {}): object =>
  ({ prompt_tokens: 9, completion_tokens: output, completion_tokens_details: details })

describe('a text that came letter by letter', () => {
  const text = sentence.repeat(20)
  const tokens = countTokens(text)

  test('is as many tokens as it is whole, whatever is said of it', () => {
    const all = delivered([letters(text)], usage(text.length))
    expect(billed(all)).toMatchObject({ output: tokens, overReported: text.length - tokens })
  })

  test('is so in each of several answers, and beside reasoning and a call', () => {
    const call = (words: string): object => ({ tool_calls: [{ index: 0, function: { arguments: words } }] })
    const mixed = Array.from(text).flatMap(letter => [{ content: letter }, { reasoning_content: letter }, call(letter)])
    const all = delivered([mixed, letters(text)], usage(4 * text.length))
    expect(billed(all, {}, 2)).toMatchObject({ output: 4 * tokens, overReported: 4 * (text.length - tokens) })
  })
})

test('an answer that nobody asked for is nothing', () => {
  const chunk = { id: 'a', created: 1, model: 'm', choices: [{ index: 7, delta: { content: sentence }, finish_reason: null }], usage: usage(100) }
  const all = new Delivered()
  all.take(chunk as unknown as ChatChunk, 1)
  expect(billed(all)).toMatchObject({ output: 0, overReported: 100 })
})

describe('hidden reasoning', () => {
  const all = delivered([[{ content: 'Yes.' }]], usage(5000, { reasoning_tokens: 4990 }))

  test('is believed up to the cap', () => {
    expect(billed(all)).toMatchObject({ output: 5000, reasoning: 4990, overReported: null })
  })

  test('is not where the request turned it off', () => {
    expect(billed(all, { reasoning_effort: 'none' })).toMatchObject({ output: 2, reasoning: 2, overReported: 4998 })
  })

  test('is not where reasoning shows', () => {
    const shown = delivered([[{ reasoning_content: 'Well,' }, { content: 'Yes.' }]], usage(5000, { reasoning_tokens: 4990 }))
    expect(billed(shown)).toMatchObject({ output: 4 })
  })
})

describe('what was rejected of a prediction', () => {
  const all = delivered([[{ content: 'Yes.' }]], usage(500, { rejected_prediction_tokens: 490 }))
  const prediction = (length: number): object => ({ prediction: { type: 'content', content: 'x'.repeat(length) } })

  test('is billed as far as there was one', () => {
    expect(billed(all, prediction(2000))).toMatchObject({ output: 500, overReported: null })
    const bytes = JSON.stringify(prediction(100)).length - '{"prediction":}'.length
    expect(billed(all, prediction(100))).toMatchObject({ output: 2 + bytes, overReported: 498 - bytes })
  })

  test('is nothing where there was none', () => {
    expect(billed(all)).toMatchObject({ output: 2, overReported: 498 })
  })
})

test('each call may have a frame around it', () => {
  const calls = Array.from({ length: 8 }, (_, index) => ({ index, id: `c${index}`, function: { name: 'look', arguments: '{"at":1}' } }))
  expect(billed(delivered([[{ tool_calls: calls }]], usage(170)))).toMatchObject({ output: 170, overReported: null })
})
