// What of a body goes upstream in another form than the client's, because servers of open models refuse that form.

import { describe, expect, test } from 'vitest'
import { chatSurface } from '../../../../gateway/surfaces/chat/chat.ts'
import type { JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { withoutEfforts } from '../answers.ts'
import { contextOf, faultsOf, read } from './support.ts'

const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }
const called = { id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }
const user = { role: 'user', content: 'x' }
const sent = (message: JsonObject, symbol = 'text-prime'): JsonObject =>
  read({ messages: [user, message] }, symbol).chat.messages[1]!

describe('the effort of reasoning', () => {
  test.each([
    ['text-prime', 'low', 'low'], ['text-max', 'none', 'none'], ['text-max', 'off', 'none'], ['text-max', 'max', 'max']
  ])('%s has %s: it is asked for as %s', (symbol, asked, effort) => {
    const { chat, ignored } = read({ reasoning_effort: asked }, symbol)
    expect([chat['reasoning_effort'], ignored]).toEqual([effort, []])
  })

  test.each([
    ['text-prime', 'minimal', 'low'], ['kimi-latest', 'minimal', 'low'], ['kimi-latest', 'medium', 'low'],
    ['text-prime', 'xhigh', 'high'], ['text-prime', 'none', undefined], ['text-prime', 'off', undefined]
  ])('%s has no %s: the nearest is %s, and it is listed', (symbol, asked, effort) => {
    const { chat, ignored } = read({ reasoning_effort: asked }, symbol)
    expect([chat['reasoning_effort'], ignored]).toEqual([effort, ['reasoning_effort']])
  })

  test('is dropped where the instrument has none, and a word that nobody knows is refused', () => {
    const body = { model: 'x', messages: [user], reasoning_effort: 'high' }
    expect(chatSurface.read(body, withoutEfforts())).toMatchObject({ ignored: ['reasoning_effort'], chat: { messages: [user] } })
    expect(chatSurface.read(body, withoutEfforts()).chat).not.toHaveProperty('reasoning_effort')
    expect(faultsOf({ reasoning_effort: 'most' })?.['reasoning_effort']?.[0]).toContain('none, minimal, low')
  })
})

describe('tools', () => {
  test.each<[JsonObject]>([
    [{ tools: [], tool_choice: 'auto', parallel_tool_calls: true }], [{ tool_choice: 'none', parallel_tool_calls: false }],
    [{ tools: null, tool_choice: 'auto' }], [{ tools: [] }]
  ])('that are not there leave nothing behind: %j', body => {
    expect(Object.keys(read(body).chat)).toEqual(['messages'])
  })

  test('that are there keep what is said of them', () => {
    const about = { tools: [weather], tool_choice: 'auto', parallel_tool_calls: false }
    expect(read(about).chat).toMatchObject(about)
  })
})

describe('a message', () => {
  test('of the developer is the system\'s', () => {
    expect(sent({ role: 'developer', content: 'Be brief.', name: 'a' })).toEqual({ role: 'system', content: 'Be brief.', name: 'a' })
  })

  test('as an SDK gave it, brought back, has neither nulls nor an empty list', () => {
    const nothing = { tool_calls: null, function_call: null, audio: null, refusal: null, annotations: null }
    expect(sent({ role: 'assistant', content: 'Hi', ...nothing })).toEqual({ role: 'assistant', content: 'Hi' })
    expect(sent({ role: 'assistant', content: 'Hi', tool_calls: [] })).toEqual({ role: 'assistant', content: 'Hi' })
    const calls = { role: 'assistant', content: null, tool_calls: [called] }
    expect(sent({ ...calls, ...nothing, tool_calls: [called] })).toEqual(calls)
  })

  test('that says nothing at all says so in a text', () => {
    expect(sent({ role: 'assistant', content: null, tool_calls: [] })).toEqual({ role: 'assistant', content: '' })
    expect(sent({ role: 'assistant', tool_calls: [] })).toEqual({ role: 'assistant', content: '' })
    expect(sent({ role: 'assistant', content: null, refusal: 'No.' })).toEqual({ role: 'assistant', content: null, refusal: 'No.' })
  })

  test('may ask for an image as it is, which is the highest detail there is', () => {
    const image = (detail: string): JsonObject => ({ type: 'image_url', image_url: { url: 'https://a/b.png', detail } })
    const text = { type: 'text', text: 'What is it?' }
    expect(sent({ role: 'user', content: [text, image('original'), image('low')] }, 'text-max'))
      .toEqual({ role: 'user', content: [text, image('high'), image('low')] })
  })
})

describe('a tool\'s result', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  const result = (...content: JsonObject[]): JsonObject =>
    ({ messages: [user, { role: 'assistant', tool_calls: [called] }, { role: 'tool', tool_call_id: 'a', content }] })

  test('with an image is told in words to an instrument that reads text only, and it is listed', () => {
    const { chat, ignored, size } = read(result({ type: 'text', text: 'Here:' }, image))
    expect(chat.messages[2]!['content']).toEqual([
      { type: 'text', text: 'Here:' }, { type: 'text', text: '[image left out: text-prime can\'t look at it]' }
    ])
    expect([ignored, size.images]).toEqual([['tool_result.image'], 0])
  })

  test('with an image goes to an instrument that sees as it is', () => {
    const { chat, ignored, size } = read(result(image), 'text-max')
    expect([chat.messages[2]!['content'], ignored, size.images]).toEqual([[image], [], 1])
  })

  test('with a file has words in its place', () => {
    const { chat, ignored } = read(result({ type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } }), 'text-max')
    expect(JSON.stringify(chat.messages[2])).toContain('[document left out: only its text could be read here]')
    expect(ignored).toEqual(['tool_result.document'])
  })
})

test('the key of a cache is used here, and is nobody\'s business upstream', () => {
  const { chat, ignored, stickyKey } = read({ prompt_cache_key: 'ada' })
  expect([Object.keys(chat), ignored, stickyKey]).toEqual([['messages'], [], 'ada'])
})

test('any tier of service is as good as another', () => {
  expect(chatSurface.read({ model: 'text-prime', messages: [user], service_tier: 'fast' }, contextOf('text-prime')).ignored)
    .toEqual(['service_tier'])
})
