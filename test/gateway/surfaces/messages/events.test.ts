import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatChunk } from '../../../../gateway/surfaces/chunk.ts'
import { Fault } from '../../../../gateway/surfaces/fault.ts'
import { messagesSurface } from '../../../../gateway/surfaces/messages/messages.ts'
import type { End, Inference, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import {
  anyReply, argsDelta, callDelta, chunk, contextOf, end, eventsOf, property, seal, served, streamed, typesOf, type Told
} from '../answers.ts'

const inference = (fields: JsonObject = {}): Inference => messagesSurface.read({
  model: 'claude-sonnet-4-6', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }], thinking: { type: 'adaptive' }, ...fields
}, contextOf('text-max'))

const stream = (chunks: readonly ChatChunk[], request = inference(), ending: End = end): string =>
  streamed(messagesSurface.stream(request, served), chunks, ending)

function collect (chunks: readonly ChatChunk[], request = inference(), ending: End = end): JsonObject {
  const collector = messagesSurface.collect(request, served)
  for (const each of chunks) collector.take(each)
  return collector.end(ending)
}

/** What Anthropic's own SDK makes of a stream. */
async function message (text: string): Promise<JsonObject> {
  const headers = { 'content-type': 'text/event-stream' }
  const answer = (): Promise<Response> => Promise.resolve(new Response(text, { headers }))
  const client = new Anthropic({ apiKey: 'key', fetch: answer, maxRetries: 0 })
  const found = await client.messages
    .stream({ model: 'claude-sonnet-4-6', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }).finalMessage()
  // The SDK adds what it parsed of structured outputs, here nothing.
  return JSON.parse(JSON.stringify(found, (name, value: unknown) => name === 'parsed_output' ? undefined : value)) as JsonObject
}

const deltas = (text: string): unknown[] =>
  eventsOf(text).filter(({ type }) => type === 'content_block_delta').map(({ index, delta }) => [index, delta])

const turn = [
  chunk({ role: 'assistant', content: '' }), chunk({ reasoning_content: 'Let ' }), chunk({ reasoning_content: 'me see.' }),
  chunk({ content: 'I' }), chunk({ content: ' look.', tool_calls: [] }), chunk(callDelta(0, 'call_a', 'Read')),
  chunk(argsDelta(0, '{"file')), chunk(argsDelta(0, '_path":"a"}')), chunk(callDelta(1, 'call_b', 'Glob')),
  chunk(argsDelta(1, '{"pattern":"*"}')), chunk({}, 'tool_calls')
]

test('a turn of Claude Code has exactly the events that it needs', () => {
  expect(eventsOf(stream(turn))).toEqual([
    {
      type: 'message_start',
      message: {
        id: 'msg_r1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-6',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        container: null,
        usage: { input_tokens: 42, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 }
      }
    },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Let ' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'me see.' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: seal.seal('Let me see.') } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'I' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: ' look.' } },
    { type: 'content_block_stop', index: 1 },
    { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 'call_a', name: 'Read', input: {} } },
    { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"file' } },
    { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '_path":"a"}' } },
    { type: 'content_block_stop', index: 2 },
    { type: 'content_block_start', index: 3, content_block: { type: 'tool_use', id: 'call_b', name: 'Glob', input: {} } },
    { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{"pattern":"*"}' } },
    { type: 'content_block_stop', index: 3 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null },
      usage: {
        input_tokens: 30,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 20,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 3 }
      }
    },
    { type: 'message_stop' }
  ])
})

describe('conformance', () => {
  test('7: arguments that come with the switch from text to a tool are not lost: BerriAI/litellm#25321', () => {
    const call = chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'Read', arguments: '{"a":1}' } }] })
    expect(deltas(stream([chunk({ content: 'x' }), call, chunk({}, 'tool_calls')]))).toEqual([
      [0, { type: 'text_delta', text: 'x' }], [1, { type: 'input_json_delta', partial_json: '{"a":1}' }]
    ])
  })

  test('8: tool_calls: [] beside content is no delta: BerriAI/litellm#29286', () => {
    const text = stream([chunk({ content: 'x', tool_calls: [] }), chunk({ content: '', tool_calls: [] }), chunk({}, 'stop')])
    expect(deltas(text)).toEqual([[0, { type: 'text_delta', text: 'x' }]])
  })

  test('9: no thinking in a block of text, one message_start, the signature kept: BerriAI/litellm#32357, #33224', () => {
    const text = stream([
      chunk({ content: 'a' }), chunk({ reasoning_content: 'b' }), chunk({ role: 'assistant', content: 'c' }), chunk({}, 'stop')
    ])
    expect(typesOf(text).filter(type => type === 'message_start')).toHaveLength(1)
    expect(deltas(text)).toEqual([
      [0, { type: 'text_delta', text: 'a' }],
      [1, { type: 'thinking_delta', thinking: 'b' }],
      [1, { type: 'signature_delta', signature: seal.seal('b') }],
      [2, { type: 'text_delta', text: 'c' }]
    ])
  })

  test('10: message_start has usage: BerriAI/litellm#31069, #24176', () => {
    const [start] = eventsOf(stream([chunk({ content: 'a' })]))
    const usage = { input_tokens: 42, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 }
    expect(start).toMatchObject({ message: { usage } })
  })

  test('6: parallel calls that the upstream interleaves come one after the other: vercel/ai#18333', async () => {
    const chunks = [
      callDelta(0, 'a', 'one'), callDelta(1, 'b', 'two'), argsDelta(1, '{"y":'), argsDelta(0, '{"x":'),
      argsDelta(1, '2}'), argsDelta(0, '1}')
    ].map(delta => chunk(delta))
    expect((await message(stream(chunks)))['content']).toEqual([
      { type: 'tool_use', id: 'a', name: 'one', input: { x: 1 } }, { type: 'tool_use', id: 'b', name: 'two', input: { y: 2 } }
    ])
  })

  test('14: an error in mid-stream is an event: dwgx/WindsurfAPI#63', async () => {
    const writer = messagesSurface.stream(inference(), served)
    const fault = new Fault('upstream_truncated', 'The supplier broke off.')
    const text = writer.write(chunk({ content: 'a' }), null) + writer.fail(fault)
    expect(eventsOf(text).at(-1)).toEqual({
      type: 'error',
      error: { type: 'api_error', message: 'The supplier broke off.', code: 'upstream_truncated' },
      errors: { detail: 'upstream_truncated', message: 'The supplier broke off.' },
      request_id: 'r1'
    })
    await expect(message(text)).rejects.toThrow('The supplier broke off.')
  })
})

describe('why it stopped', () => {
  const stop = (finish: string | null, rest: JsonObject = {}, ending = end): unknown => {
    const request = inference({ stop_sequences: ['END'] })
    const chunks = [chunk({ content: 'a' }), chunk({}, finish, rest)]
    const whole = collect(chunks, request, ending)
    expect(eventsOf(stream(chunks, request, ending)).at(-2)).toMatchObject({ delta: { stop_reason: whole['stop_reason'] } })
    return [whole['stop_reason'], whole['stop_sequence']]
  }

  test.each<[string, unknown, unknown]>([
    ['an end', stop('stop'), ['end_turn', null]],
    ['a stop sequence', stop('stop', { stop_reason: 'END' }), ['stop_sequence', 'END']],
    ['a token that ends', stop('stop', { stop_reason: 128_009 }), ['end_turn', null]],
    ['a length', stop('length'), ['max_tokens', null]],
    ['a cut of ours', stop(null, {}, { ...end, isCut: true }), ['max_tokens', null]],
    ['a filter', stop('content_filter'), ['refusal', null]]
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected)
  })

  test('a refusal', () => {
    const whole = collect([chunk({ refusal: 'No.' }), chunk({}, 'stop')])
    expect(whole).toMatchObject({ content: [{ type: 'text', text: 'No.' }], stop_reason: 'refusal', stop_details: { type: 'refusal' } })
  })
})

describe('thinking', () => {
  const chunks = [chunk({ reasoning_content: 'a' }), chunk({ content: 'b' }), chunk({}, 'stop')]

  test('is not shown where it was not asked for: content[0] is the text', () => {
    for (const thinking of [null, { type: 'disabled' }]) {
      const request = inference({ thinking })
      expect(collect(chunks, request)['content']).toEqual([{ type: 'text', text: 'b' }])
      expect(deltas(stream(chunks, request))).toEqual([[0, { type: 'text_delta', text: 'b' }]])
    }
  })

  test('is sealed only where its display is omitted', () => {
    const request = inference({ thinking: { type: 'adaptive', display: 'omitted' } })
    expect(collect(chunks, request)['content']).toEqual([
      { type: 'thinking', thinking: '', signature: seal.seal('a') }, { type: 'text', text: 'b' }
    ])
    expect(deltas(stream(chunks, request))[0]).toEqual([0, { type: 'signature_delta', signature: seal.seal('a') }])
  })

  test('comes back as it went', () => {
    const { content } = collect(chunks)
    const { chat } = inference({ messages: [{ role: 'assistant', content }, { role: 'user', content: 'go on' }] })
    expect(chat.messages[0]).toEqual({ role: 'assistant', content: 'b', reasoning_content: 'a' })
  })
})

test('an answer of nothing is a message of nothing', async () => {
  expect(await message(stream([chunk({}, 'stop')]))).toMatchObject({ content: [], stop_reason: 'end_turn' })
  expect(collect([])).toMatchObject({ content: [], model: 'claude-sonnet-4-6' })
})

test('an answer is of the model that was asked, whoever served: else Claude Code drops its thinking', () => {
  const chunks = [chunk({ reasoning_content: 'a' }), chunk({ content: 'b' }, 'stop')]
  expect(chunks[0]!.model).not.toBe('claude-sonnet-4-6')
  expect(collect(chunks)['model']).toBe('claude-sonnet-4-6')
  expect(eventsOf(stream(chunks))[0]!['message']).toMatchObject({ model: 'claude-sonnet-4-6' })
})

test('a heartbeat is a ping', () => {
  expect(typesOf(messagesSurface.stream(inference(), served).heartbeat())).toEqual(['ping'])
})

test('arguments that were cut are none in a message that is sent whole', () => {
  const cut = [chunk(callDelta(0, 'a', 'one')), chunk(argsDelta(0, '{"x":')), chunk({}, 'length')]
  expect(collect(cut)).toMatchObject({ content: [{ type: 'tool_use', input: {} }], stop_reason: 'max_tokens' })
})

function expectNested (events: readonly Told[]): void {
  let open: unknown = null
  let next = 0
  for (const { type, index } of events) {
    if (type === 'content_block_start') {
      expect([open, index]).toEqual([null, next])
      open = index
      next += 1
    }
    if (type === 'content_block_delta') expect(index).toBe(open)
    if (type !== 'content_block_stop') continue
    expect(index).toBe(open)
    open = null
  }
  expect(open).toBeNull()
}

test('whatever the upstream sends, the SDK folds the events into the message that is sent whole', async () => {
  await fc.assert(fc.asyncProperty(anyReply, async chunks => {
    const text = stream(chunks)
    expectNested(eventsOf(text))
    expect(await message(text)).toEqual(collect(chunks))
  }), property)
})
