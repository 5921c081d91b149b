import { describe, expect, test } from 'vitest'
import { chatSurface } from '../../../../gateway/surfaces/chat/chat.ts'
import { type Fault } from '../../../../gateway/surfaces/fault.ts'
import type { JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { contextOf, faultsOf, read } from './support.ts'

const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
const user = (content: JsonObject['content']): JsonObject => ({ messages: [{ role: 'user', content }] })

describe('a parameter is refused by its name', () => {
  test.each<[field: string, body: JsonObject]>([
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hello' }],
    ['messages', { messages: null }],
    ['messages.0', { messages: ['Hello'] }],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages.0.role', { messages: [{ role: 'function', name: 'f', content: 'x' }] }],
    ['messages.0.content', { messages: [{ role: 'user' }] }],
    ['messages.0.content', { messages: [{ role: 'user', content: null }] }],
    ['messages.0.content', { messages: [{ role: 'user', content: [] }] }],
    ['messages.0.content', { messages: [{ role: 'assistant', content: null }] }],
    ['messages.1.content.0.text', { messages: [{ role: 'user', content: 'x' }, { role: 'system', content: [{ type: 'text' }] }] }],
    ['messages.0.content.0.type', { messages: [{ role: 'system', content: [picture] }] }],
    ['messages.0.content.0.type', user([{ type: 'video_url', video_url: { url: 'x' } }])],
    ['messages.0.content.0.type', user([{ type: 'toString' }])],
    ['messages.0.content.0', user([{ type: 'file', file: { file_id: 'f' } }])],
    ['messages.0.content.0', user([{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }])],
    ['messages.0.content.0.image_url.url', user([{ type: 'image_url', image_url: {} }])],
    ['messages.0.content.0.image_url', user([{ type: 'image_url', image_url: 'data:image/png;base64,AAAA' }])],
    ['messages.0.tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages.0.tool_calls.0.id', { messages: [{ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f', arguments: '{}' } }] }] }],
    ['messages.0.tool_calls.0.function.arguments', { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] }] }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_completion_tokens', { max_completion_tokens: 1.5 }],
    ['max_completion_tokens', { max_completion_tokens: 1e300 }],
    ['temperature', { temperature: 2.1 }],
    ['temperature', { temperature: '1' }],
    ['top_p', { top_p: -0.1 }],
    ['n', { n: 0 }],
    ['n', { n: 129 }],
    ['stream', { stream: 'yes' }],
    ['stream_options', { stream_options: true }],
    ['stream_options.include_usage', { stream_options: { include_usage: 1 } }],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['stop', { stop: 4 }],
    ['stop.1', { stop: ['a', 4] }],
    ['logprobs', { logprobs: 1 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['top_logprobs', { top_logprobs: 2 }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['response_format.json_schema.name', { response_format: { type: 'json_schema' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: 'b' } } }],
    ['frequency_penalty', { frequency_penalty: -2.5 }],
    ['presence_penalty', { presence_penalty: 3 }],
    ['logit_bias', { logit_bias: [] }],
    ['logit_bias.50256', { logit_bias: { 50256: 101 } }],
    ['seed', { seed: 0.5 }],
    ['service_tier', { service_tier: 7 }],
    ['reasoning_effort', { reasoning_effort: 'most' }],
    ['store', { store: 'no' }],
    ['verbosity', { verbosity: 'some' }],
    ['prediction.type', { prediction: { content: 'x' } }],
    ['web_search_options', { web_search_options: true }],
    ['prompt_cache_key', { prompt_cache_key: 5 }],
    ['prompt_cache_retention', { prompt_cache_retention: '48h' }],
    ['safety_identifier', { safety_identifier: {} }],
    ['provider', { provider: 'x' }],
    ['metadata', { metadata: 'x' }],
    ['user', { user: 7 }],
    ['modalities.1', { modalities: ['text', 'audio'] }],
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['tools', { tools: {} }],
    ['tools.0.type', { tools: [{ type: 'web_search' }] }],
    ['tools.0.function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tools.0.function.name', { tools: [{ type: 'function', function: { name: 'my tool' } }] }],
    ['tools.0.function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }],
    ['tools.1.function.name', { tools: [weather, weather] }],
    ['tool_choice', { tools: [weather], tool_choice: 'any' }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools: [], tool_choice: 'required' }],
    ['tool_choice.function.name', { tools: [weather], tool_choice: { type: 'function', function: { name: 'clock' } } }],
    ['tool_choice.function.name', { tool_choice: { type: 'function', function: { name: 'weather' } } }],
    ['tool_choice.allowed_tools.mode', { tools: [weather], tool_choice: { type: 'allowed_tools', allowed_tools: { tools: [] } } }],
    ['parallel_tool_calls', { tools: [weather], parallel_tool_calls: 'no' }]
  ])('%s of %j', (field, body) => {
    expect(Object.keys(faultsOf(body, 'text-max') ?? {})).toContain(field)
  })
})

describe('what a client may send', () => {
  test.each<[body: JsonObject]>([
    [{ max_tokens: 1, max_completion_tokens: 1 }], [{ temperature: 0, top_p: 1 }], [{ temperature: 2, top_p: 0 }],
    [{ n: 128 }], [{ stop: 'x' }], [{ stop: [] }], [{ stop: ['a', 'b', 'c', 'd'] }],
    [{ logprobs: true, top_logprobs: 0 }], [{ response_format: { type: 'json_object' } }],
    [{ stream: null, n: null, stop: null, tools: null, tool_choice: null, reasoning_effort: null }],
    [{ modalities: ['text'] }], [{ seed: -1 }], [{ unheard_of: { deep: [1] } }],
    [{ tools: [weather], tool_choice: { type: 'function', function: { name: 'weather' } } }],
    [{ messages: [{ role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }] }],
    [{ messages: [{ role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }] }],
    [user([{ type: 'text', text: '' }, picture, { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } }])]
  ])('%j', body => {
    expect(faultsOf(body, 'text-max')).toBeNull()
  })
})

test('all faults are told at once', () => {
  const faults = faultsOf({ messages: [{ role: 'user' }, { role: 'tool', content: 'x' }], n: 0, temperature: 9 })
  expect(Object.keys(faults ?? {}).sort()).toEqual(['messages.0.content', 'messages.1.tool_call_id', 'n', 'temperature'])
})

test.each([[null], [[]], ['text'], [7]])('a body of %j is malformed', body => {
  for (const attempt of [() => chatSurface.modelOf(body), () => chatSurface.read(body, contextOf('text-prime'))]) {
    expect(attempt).toThrow(expect.objectContaining({ code: 'malformed' }) as Fault)
  }
})

describe('the model', () => {
  test('is told as the client wrote it, in any case', () => {
    expect(chatSurface.modelOf({ model: 'Text-Prime' })).toBe('Text-Prime')
  })
  test.each([[{}], [{ model: '' }], [{ model: 4 }]])('of %j is refused by name', body => {
    expect(() => chatSurface.modelOf(body)).toThrow(expect.objectContaining({ code: 'invalid', fields: { model: expect.anything() as unknown } }) as Fault)
  })
})

test('images need an instrument that sees', () => {
  expect(Object.keys(faultsOf(user([picture])) ?? {})).toEqual(['messages.0.content.0.image_url.url'])
  expect(faultsOf(user([picture]), 'text-max')).toBeNull()
})

describe('of two caps on the output the smaller counts, and none goes upstream', () => {
  test.each([
    [{ max_tokens: 5 }, 5], [{ max_completion_tokens: 6 }, 6], [{ max_tokens: 5, max_completion_tokens: 6 }, 5],
    [{ max_tokens: null, max_completion_tokens: 6 }, 6], [{}, null]
  ])('%j', (caps, outputMax) => {
    const inference = read(caps)
    expect(inference.outputMax).toBe(outputMax)
    expect(Object.keys(inference.chat)).toEqual(['messages'])
  })
})

describe('usage is wanted', () => {
  test.each([
    [{ stream: true, stream_options: { include_usage: true } }, true],
    [{ stream: true, stream_options: { include_usage: false } }, false],
    // BerriAI/litellm#9657: an empty object asks for nothing.
    [{ stream: true, stream_options: {} }, false],
    [{ stream: true, stream_options: null }, false],
    [{ stream_options: { include_usage: true } }, false]
  ])('of %j: %s', (body, wants) => {
    expect(read(body).wantsUsage).toBe(wants)
  })
})

describe('what is the market\'s own', () => {
  const ours = {
    user: 'ada',
    metadata: { a: 'b' },
    safety_identifier: 'x',
    store: true,
    service_tier: 'priority',
    web_search_options: {},
    plugins: [{ id: 'web' }],
    route: 'fallback',
    provider: { order: ['x'] },
    models: ['y'],
    fallbacks: ['z'],
    preset: '@a',
    api_key: 'sk-1',
    api_base: 'http://10.0.0.1',
    base_url: 'http://10.0.0.1',
    api_version: '1',
    custom_llm_provider: 'a',
    extra_headers: {}
  }
  test('never goes upstream, and is listed as having no effect', () => {
    const inference = read(ours)
    expect(Object.keys(inference.chat)).toEqual(['messages'])
    expect([...inference.ignored].sort()).toEqual(Object.keys(ours).sort())
  })
  test('is not listed where it has the effect that was asked for', () => {
    expect(read({ store: false, user: null }).ignored).toEqual([])
  })
})

describe('what keeps a conversation at one supplier', () => {
  test('is its cache key, of bounded length', () => {
    expect(read({ prompt_cache_key: 'a' }).stickyKey).toBe('a')
    expect(read({ prompt_cache_key: 'a'.repeat(9999) }).stickyKey).toHaveLength(512)
  })
  test('is else how it begins, whatever follows', () => {
    const begin = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello' }]
    const [first, later] = [begin, [...begin, { role: 'assistant', content: 'Hi' }, { role: 'user', content: 'More' }]].map(messages => read({ messages }))
    expect(later!.stickyKey).toBe(first!.stickyKey)
    expect(read({ messages: [begin[0]!, { role: 'user', content: 'Bye' }] }).stickyKey).not.toBe(first!.stickyKey)
    expect(read({ messages: [{ role: 'user', content: 'x'.repeat(1e6) }] }).stickyKey.length).toBeLessThan(10_000)
  })
})

test('a body with a field of the prototype\'s name is only a body', () => {
  const body = JSON.parse('{"model":"text-prime","messages":[{"role":"user","content":"x"}],"__proto__":{"temperature":9}}') as JsonObject
  expect(chatSurface.read(body, contextOf('text-prime')).chat).not.toHaveProperty('temperature', 9)
})
