import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { isList, isObject, type ChatChunk } from '../../../../gateway/surfaces/chunk.ts'
import { Fault } from '../../../../gateway/surfaces/fault.ts'
import { responsesSurface } from '../../../../gateway/surfaces/responses/responses.ts'
import type { End, Inference, Json, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import {
  anyReply, argsDelta, bodyOf, callDelta, chunk, contextOf, end, eventsOf, property, seal, served, streamed, typesOf,
  type Told
} from '../answers.ts'

const inference = (fields: JsonObject = {}): Inference =>
  responsesSurface.read({ model: 'text-max', input: 'Hi', ...fields }, contextOf('text-max'))
const codex = responsesSurface.read(bodyOf('codex-turn'), contextOf('code-max'))

const stream = (chunks: readonly ChatChunk[], request = inference(), ending: End = end): string =>
  streamed(responsesSurface.stream(request, served), chunks, ending)

function collect (chunks: readonly ChatChunk[], request = inference(), ending: End = end): JsonObject {
  const collector = responsesSurface.collect(request, served)
  for (const each of chunks) collector.take(each)
  return collector.end(ending)
}

/** What OpenAI's own SDK makes of a stream. */
async function response (text: string): Promise<JsonObject> {
  const headers = { 'content-type': 'text/event-stream' }
  const answer = (): Promise<Response> => Promise.resolve(new Response(text, { headers }))
  const client = new OpenAI({ apiKey: 'key', fetch: answer, maxRetries: 0 })
  const found = await client.responses.stream({ model: 'text-max', input: 'Hi' }).finalResponse()
  return JSON.parse(JSON.stringify(found)) as JsonObject
}

const items = (value: Json | undefined): JsonObject[] => isList(value) ? value.filter(isObject) : []
const last = (text: string): Told => eventsOf(text).at(-1)!

const turn = [
  chunk({ role: 'assistant', content: '' }), chunk({ reasoning_content: 'Look.' }), chunk({ content: 'I' }), chunk({ content: ' look.' }),
  chunk(callDelta(0, 'call_a', 'mcp__tracker__create_issue')), chunk(argsDelta(0, '{"title"')), chunk(argsDelta(0, ':"x"}')),
  chunk(callDelta(1, 'call_b', 'apply_patch')), chunk(argsDelta(1, '{"input":"*** Begin')), chunk(argsDelta(1, ' Patch"}')),
  chunk({}, 'tool_calls')
]

test('a turn of Codex has exactly the events that it needs', () => {
  const events = eventsOf(stream(turn, codex))
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
  const place = { item_id: 'msg_r1_1', output_index: 1, content_index: 0 }
  const call = { item_id: 'fc_r1_2', output_index: 2 }
  const patch = { item_id: 'ctc_r1_3', output_index: 3 }
  const thought = { item_id: 'rs_r1_0', output_index: 0, content_index: 0 }
  const part = { type: 'output_text', text: 'I look.', annotations: [], logprobs: [] }
  const issue = { id: 'fc_r1_2', type: 'function_call', call_id: 'call_a', name: 'create_issue', namespace: 'mcp__tracker' }
  const custom = { id: 'ctc_r1_3', type: 'custom_tool_call', call_id: 'call_b', name: 'apply_patch' }
  const reasoning = { id: 'rs_r1_0', type: 'reasoning', summary: [] }
  const message = { id: 'msg_r1_1', type: 'message', role: 'assistant' }
  expect(events.slice(2, -1).map(({ sequence_number: _, ...event }) => event)).toEqual([
    { type: 'response.output_item.added', output_index: 0, item: { ...reasoning, status: 'in_progress', content: [], encrypted_content: null } },
    { type: 'response.content_part.added', ...thought, part: { type: 'reasoning_text', text: '' } },
    { type: 'response.reasoning_text.delta', ...thought, delta: 'Look.' },
    { type: 'response.reasoning_text.done', ...thought, text: 'Look.' },
    { type: 'response.content_part.done', ...thought, part: { type: 'reasoning_text', text: 'Look.' } },
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: { ...reasoning, status: 'completed', content: [{ type: 'reasoning_text', text: 'Look.' }], encrypted_content: seal.seal('Look.') }
    },
    { type: 'response.output_item.added', output_index: 1, item: { ...message, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...place, delta: 'I', logprobs: [] },
    { type: 'response.output_text.delta', ...place, delta: ' look.', logprobs: [] },
    { type: 'response.output_text.done', ...place, text: 'I look.', logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 1, item: { ...message, status: 'completed', content: [part] } },
    { type: 'response.output_item.added', output_index: 2, item: { ...issue, status: 'in_progress', arguments: '' } },
    { type: 'response.function_call_arguments.delta', ...call, delta: '{"title"' },
    { type: 'response.function_call_arguments.delta', ...call, delta: ':"x"}' },
    { type: 'response.function_call_arguments.done', ...call, name: 'create_issue', arguments: '{"title":"x"}' },
    { type: 'response.output_item.done', output_index: 2, item: { ...issue, status: 'completed', arguments: '{"title":"x"}' } },
    { type: 'response.output_item.added', output_index: 3, item: { ...custom, status: 'in_progress', input: '' } },
    { type: 'response.custom_tool_call_input.delta', ...patch, delta: '*** Begin Patch' },
    { type: 'response.custom_tool_call_input.done', ...patch, input: '*** Begin Patch' },
    { type: 'response.output_item.done', output_index: 3, item: { ...custom, status: 'completed', input: '*** Begin Patch' } }
  ])
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress'])
  expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed', output: [{}, {}, {}, {}] } })
})

test('a response is whole, with what it repeats of the request', () => {
  const body = bodyOf('responses-structured')
  const request = responsesSurface.read(body, contextOf('text-prime'))
  expect(collect([chunk({ content: '{}' }), chunk({}, 'stop')], request)).toEqual({
    id: 'resp_r1',
    object: 'response',
    created_at: 1_767_225_600,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    model: 'openai/gpt-oss-120b',
    output: [{
      id: 'msg_r1_0',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: '{}', annotations: [], logprobs: [] }]
    }],
    usage: {
      input_tokens: 50,
      input_tokens_details: { cached_tokens: 20 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 59
    },
    instructions: 'Answer in JSON.',
    max_output_tokens: 200,
    metadata: { run: '7' },
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 0.2,
    text: body['text'],
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled'
  })
})

describe('conformance', () => {
  test.each([['stop'], ['tool_calls']])('11: a stream that ends with %s ends with response.completed: openai/codex#41340', finish => {
    const said = finish === 'stop' ? [chunk({ content: 'a' })] : [chunk(callDelta(0, 'a', 'one')), chunk(argsDelta(0, '{}'))]
    expect(last(stream([...said, chunk({}, finish)])).type).toBe('response.completed')
  })

  test('11: one that was cut ends with response.incomplete: farion1231/cc-switch#2750', async () => {
    const cases: Array<[string | null, End, string]> = [
      ['length', end, 'max_output_tokens'], [null, { ...end, isCut: true }, 'max_output_tokens'], ['content_filter', end, 'content_filter']
    ]
    for (const [finish, ending, reason] of cases) {
      const text = stream([chunk({ content: 'a' }), chunk({}, finish)], inference(), ending)
      expect(last(text)).toMatchObject({
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason }, output: [{ status: 'incomplete' }] }
      })
      expect(await response(text)).toMatchObject({ status: 'incomplete', output_text: 'a' })
    }
  })

  test('12: reasoning_tokens is there, a zero too: BigPizzaV3/CodexPlusPlus#1919', () => {
    const nothing = { input: 1, cached: 0, output: 0, reasoning: 0 }
    const { usage } = collect([], inference(), { usage: nothing, isCut: false })
    expect(usage).toEqual({
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 1
    })
  })

  test('14: a failure in mid-stream is response.failed: dwgx/WindsurfAPI#63', async () => {
    const writer = responsesSurface.stream(inference(), served)
    const fault = new Fault('upstream_truncated', 'The supplier broke off.')
    const text = writer.write(chunk({ content: 'a' }), null) + writer.fail(fault)
    expect(last(text)).toMatchObject({
      type: 'response.failed',
      sequence_number: 5,
      response: { id: 'resp_r1', status: 'failed', error: { code: 'server_error', message: 'The supplier broke off.' }, usage: null },
      errors: { detail: 'upstream_truncated' }
    })
    expect(await response(text)).toMatchObject({ status: 'failed', error: { message: 'The supplier broke off.' } })
  })

  test('14: also before anything else was said', () => {
    const text = responsesSurface.stream(inference(), served).fail(new Fault('rate_limited', 'Slower.'))
    expect(typesOf(text)).toEqual(['response.created', 'response.in_progress', 'response.failed'])
    expect(last(text)).toMatchObject({ response: { error: { code: 'rate_limit_exceeded' }, model: 'text-max' } })
  })

  test('13: a heartbeat is a comment, and no event: caidaoli/ccLoad#59', async () => {
    const writer = responsesSurface.stream(inference(), served)
    const text = [writer.heartbeat(), writer.write(chunk({ content: 'a' }), null), writer.heartbeat(), writer.end(end)].join('')
    expect(text).toMatch(/^: /)
    expect(await response(text)).toMatchObject({ status: 'completed', output_text: 'a' })
  })
})

test('a refusal is a part of its own', async () => {
  const text = stream([chunk({ refusal: 'N' }), chunk({ refusal: 'o.' }), chunk({}, 'stop')])
  expect(typesOf(text)).toContain('response.refusal.delta')
  expect(items((await response(text))['output'])[0]).toMatchObject({ content: [{ type: 'refusal', refusal: 'No.' }] })
})

test('reasoning is sealed only where that was asked for, and comes back as it went', () => {
  const chunks = [chunk({ reasoning_content: 'Hm.' }), chunk({ content: 'a' })]
  expect(items(collect(chunks)['output'])[0]).toMatchObject({ encrypted_content: null })
  const { output } = collect(chunks, inference({ include: ['reasoning.encrypted_content'] }))
  const [reasoning, message] = items(output)
  const { chat } = inference({ input: [{ ...reasoning, content: null }, message!, { role: 'user', content: 'b' }] })
  expect(chat.messages[0]).toEqual({ role: 'assistant', content: 'a', reasoning_content: 'Hm.' })
})

test('a custom tool\'s call that is no object is taken as it is', () => {
  const chunks = [chunk(callDelta(0, 'a', 'apply_patch')), chunk(argsDelta(0, '*** Begin'))]
  expect(items(collect(chunks, codex)['output'])).toMatchObject([{ type: 'custom_tool_call', input: '*** Begin' }])
})

test('what is kept is what was streamed', () => {
  const writer = responsesSurface.stream(inference(), served)
  const text = streamed(writer, turn)
  expect(writer.kept!()).toEqual({ messages: [{ role: 'user', content: 'Hi' }], response: last(text)['response'], items: [] })
})

/** The items of a response, made of what its events say and nothing else. */
function fold (events: readonly Told[]): JsonObject[] {
  const output: JsonObject[] = []
  let open: unknown = null
  let text = ''
  for (const event of events) {
    const { type, output_index: index, item, delta } = event
    if (type === 'response.output_item.added') {
      expect([open, index]).toEqual([null, output.length])
      open = index
      text = ''
    } else if (type === 'response.output_item.done') {
      expect(index).toBe(open)
      const done = isObject(item) ? item : {}
      const [part] = items(done['content'])
      expect(done['arguments'] ?? part?.['text']).toBe(text)
      output.push(done)
      open = null
    } else if (index !== undefined) expect(index).toBe(open)
    if (typeof delta === 'string') text += delta
  }
  expect(open).toBeNull()
  return output
}

test('whatever the upstream sends, the SDK folds the events into the response that is sent whole', async () => {
  await fc.assert(fc.asyncProperty(anyReply, async chunks => {
    const text = stream(chunks)
    const events = eventsOf(text)
    const whole = collect(chunks)
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
    expect(fold(events)).toEqual(whole['output'])
    expect(events.at(-1)!['response']).toEqual(whole)
    const folded = await response(text)
    expect(items(folded['output']).map(({ id }) => id)).toEqual(items(whole['output']).map(({ id }) => id))
    expect(folded).toMatchObject({ ...whole, output: items(whole['output']).map(({ parsed: _, ...item }) => item) })
  }), property)
})
