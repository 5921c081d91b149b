import { describe, expect, test } from 'vitest'
import { isList, isObject } from '../../../../gateway/surfaces/chunk.ts'
import { responsesSurface } from '../../../../gateway/surfaces/responses/responses.ts'
import type { Inference, Json, JsonObject, Kept } from '../../../../gateway/surfaces/surface.ts'
import { bodyOf, chunk, contextOf, end, faultOf, faultsOf, served, withoutEfforts } from '../answers.ts'

const read = (body: unknown, symbol = 'text-prime', previous: Kept | null = null): Inference =>
  responsesSurface.read(body, contextOf(symbol, previous))
const minimal = { model: 'text-prime', input: 'Hi' }
const objects = (value: Json | undefined): JsonObject[] => isList(value) ? value.filter(isObject) : []
const functionOf = (tool: JsonObject): JsonObject => isObject(tool['function']) ? tool['function'] : {}

test('structured output keeps its schema, its cap and its sampling', () => {
  const { chat, outputMax, ignored, store } = read(bodyOf('responses-structured'))
  const { text } = bodyOf('responses-structured')
  const format = isObject(text) && isObject(text['format']) ? text['format'] : {}
  expect(chat).toEqual({
    messages: [{ role: 'system', content: 'Answer in JSON.' }, { role: 'user', content: 'Name three rivers.' }],
    temperature: 0.2,
    top_p: 1,
    response_format: { type: 'json_schema', json_schema: { name: 'rivers', schema: format['schema'], strict: true } },
    verbosity: 'low'
  })
  expect(outputMax).toBe(200)
  expect(store).toBeNull()
  expect(ignored.toSorted()).toEqual(['metadata', 'truncation', 'user'])
})

test('images go along, those of tools as the user\'s', () => {
  const { chat, size, store } = read(bodyOf('responses-images'), 'text-max')
  const image = (url: string, detail: string): JsonObject => ({ type: 'image_url', image_url: { url, detail } })
  expect(chat.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'What is this?' }, image('data:image/png;base64,iVBORw0KGgo=', 'low')] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_l', type: 'function', function: { name: 'look', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'call_l', content: 'Closer:' },
    { role: 'user', content: [image('https://example.com/closer.png', 'auto')] }
  ])
  expect(chat['tools']).toEqual([{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }])
  expect(chat).toMatchObject({ tool_choice: { type: 'function', function: { name: 'look' } }, parallel_tool_calls: false })
  expect(size.images).toBe(2)
  expect(store).toBe(true)
})

describe('refused, the field named', () => {
  const tool = { type: 'function', name: 'a', parameters: {} }
  const message = (...content: JsonObject[]): JsonObject => ({ input: [{ role: 'user', content }] })
  test.each<[string, JsonObject]>([
    ['background', { background: true }],
    ['conversation', { conversation: 'conv_1' }],
    ['prompt', { prompt: { id: 'p' } }],
    ['top_logprobs', { top_logprobs: 2 }],
    ['include', { include: ['message.output_text.logprobs'] }],
    ['n', { n: 2 }],
    ['audio', { audio: { voice: 'a' } }],
    ['logit_bias', { logit_bias: {} }],
    ['tool_choice', { tool_choice: { type: 'web_search' }, tools: [{ type: 'web_search' }] }],
    ['tool_choice', { tool_choice: 'required', tools: [{ type: 'web_search' }] }],
    ['tool_choice', { tool_choice: 'some' }],
    ['tool_choice.name', { tool_choice: { type: 'function', name: 'b' }, tools: [tool] }],
    ['tool_choice.mode', { tool_choice: { type: 'allowed_tools', mode: 'required', tools: [] }, tools: [tool] }],
    ['tools.1.name', { tools: [tool, tool] }],
    ['tools.0.tools.0.name', { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'a b' }] }] }],
    ['tools.0.type', { tools: [{}] }],
    ['input', { input: undefined }],
    ['input', { input: [] }],
    ['input', { input: 7 }],
    ['input.0.role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input.1.type', { input: [{ role: 'user', content: 'a' }, { type: 'computer_call' }] }],
    ['input.0.content', { input: [{ role: 'user' }] }],
    ['input.0.content', { input: [{ role: 'system', content: [{ type: 'input_image', image_url: 'https://a/b' }] }] }],
    ['input.0.content.0', message({ type: 'input_file', file_id: 'f' })],
    ['input.0.content.0', message({ type: 'input_image', file_id: 'f' })],
    ['input.0.content.0.type', message({ type: 'input_audio' })],
    ['input.0.content.0.image_url', message({ type: 'input_image', image_url: 'ftp://a/b' })],
    ['input.0.call_id', { input: [{ type: 'function_call_output', output: 'x' }] }],
    ['input.0.output', { input: [{ type: 'function_call_output', call_id: 'x' }] }],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['temperature', { temperature: 2.1 }],
    ['text.format.schema', { text: { format: { type: 'json_schema', name: 'a' } } }],
    ['text.verbosity', { text: { verbosity: 'epic' } }],
    ['reasoning.effort', { reasoning: { effort: 'extreme' } }],
    ['store', { store: 'no' }],
    ['truncation', { truncation: 'some' }],
    ['instructions', { instructions: ['a'] }]
  ])('%s of %j', (field, fields) => {
    expect(Object.keys(faultsOf(() => read({ ...minimal, ...fields }, 'text-max')))).toEqual([field])
  })

  test('images without vision', () => {
    const body = message({ type: 'input_image', image_url: 'https://a/b.png' })
    expect(faultsOf(() => read({ ...minimal, ...body }))).toEqual({ 'input.0.content.0.image_url': ['is an image: text-prime reads text only'] })
  })

  test('all at once', () => {
    expect(Object.keys(faultsOf(() => read({ background: true, input: [{ role: 'x', content: 7 }], store: 7 }))).toSorted())
      .toEqual(['background', 'input.0.content', 'input.0.role', 'model', 'store'])
  })
})

describe('tools', () => {
  const tools = ['a', 'b', 'c'].map(name => ({ type: 'function', name, parameters: {} }))
  const namesOf = ({ chat }: Inference): unknown[] => objects(chat['tools']).map(functionOf).map(({ name }) => name)

  test('that are allowed are all that go along', () => {
    const choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'c' }, { type: 'web_search' }] }
    const inference = read({ ...minimal, tools, tool_choice: choice })
    expect(namesOf(inference)).toEqual(['c'])
    expect(inference.chat['tool_choice']).toBe('required')
  })

  test('may be very many, of which very many are allowed', () => {
    const names = Array.from({ length: 60_000 }, (_, index) => ({ type: 'function', name: `tool${index}` }))
    const choice = { type: 'allowed_tools', mode: 'auto', tools: names.slice(1).toReversed() }
    const allowed = namesOf(read({ ...minimal, tools: names, tool_choice: choice }))
    expect(allowed).toEqual(names.slice(1).map(({ name }) => name))
  })

  test('whose own name is in two namespaces are the first one\'s', () => {
    const run = { type: 'function', name: 'run' }
    const namespaces = ['a', 'b'].map(name => ({ type: 'namespace', name, tools: [run] }))
    const { chat } = read({ ...minimal, tools: namespaces, tool_choice: run })
    expect(chat['tool_choice']).toEqual({ type: 'function', function: { name: 'a__run' } })
  })

  test('of a namespace are forced by their own name', () => {
    const namespace = { type: 'namespace', name: 'mcp__srv__', tools: [{ type: 'custom', name: 'run' }] }
    const { chat } = read({ ...minimal, tools: [namespace], tool_choice: { type: 'custom', name: 'run' } })
    expect(chat['tool_choice']).toEqual({ type: 'function', function: { name: 'mcp__srv__run' } })
  })

  test('that are not there leave no choice behind', () => {
    expect(read({ ...minimal, tools: [], tool_choice: 'auto', parallel_tool_calls: true }).chat)
      .toEqual({ messages: [{ role: 'user', content: 'Hi' }] })
  })
})

test('effort is the nearest that the instrument offers, else dropped and listed', () => {
  const asked = (effort: string): JsonObject => ({ ...minimal, reasoning: { effort } })
  expect(read(asked('minimal'), 'text-max').chat['reasoning_effort']).toBe('low')
  expect(read(asked('none'), 'text-max').chat['reasoning_effort']).toBe('none')
  const { chat, ignored } = responsesSurface.read(asked('high'), withoutEfforts())
  expect(chat).not.toHaveProperty('reasoning_effort')
  expect(ignored).toEqual(['reasoning.effort'])
})

test('reasoning that was sealed elsewhere is dropped, plain reasoning is taken back, hosted calls are dropped', () => {
  const input = [
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' },
    { type: 'reasoning', id: 'rs_2', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }
  ]
  const { chat, ignored } = read({ ...minimal, input })
  expect(chat.messages).toEqual([{ role: 'assistant', content: 'No.', reasoning_content: 'Hm.' }])
  expect(ignored).toEqual(['reasoning', 'web_search_call'])
})

describe('what goes on', () => {
  const first = read({ ...minimal, instructions: 'Be brief.', input: 'One' })
  const collector = responsesSurface.collect(first, served)
  for (const delta of [{ reasoning_content: 'Hm.' }, { content: 'Two' }]) collector.take(chunk(delta))
  collector.end(end)
  const kept = collector.kept!()

  test('from a response has what went upstream and what came of it, without its instructions', () => {
    const body = { ...minimal, instructions: 'Be long.', previous_response_id: 'resp_r1', input: 'Three' }
    expect(responsesSurface.previousOf(body)).toBe('resp_r1')
    const { chat, echo } = read(body, 'text-prime', kept)
    expect(chat.messages).toEqual([
      { role: 'system', content: 'Be long.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two', reasoning_content: 'Hm.' },
      { role: 'user', content: 'Three' }
    ])
    expect(echo['response']).toMatchObject({ previous_response_id: 'resp_r1', instructions: 'Be long.' })
  })

  test('is kept for the response after it', () => {
    const second = responsesSurface.collect(read({ ...minimal, previous_response_id: 'resp_r1', input: 'Three' }, 'text-prime', kept), { ...served, requestId: 'r2' })
    second.take(chunk({ content: 'Four' }))
    second.end(end)
    const { chat } = read({ ...minimal, previous_response_id: 'resp_r2', input: 'Five' }, 'text-prime', second.kept!())
    expect(chat.messages.map(({ content }) => content)).toEqual(['One', 'Two', 'Three', 'Four', 'Five'])
  })

  test('from what is not kept is 404, and the id is named', () => {
    const fault = faultOf(() => read({ ...minimal, previous_response_id: 'resp_x' }))
    expect(fault).toMatchObject({ code: 'response_not_found', status: 404 })
    expect(fault.message).toContain('resp_x')
  })

  test('from nothing goes on from nothing', () => {
    expect(responsesSurface.previousOf({ input: [{ type: 'item_reference', id: 'other' }] })).toBeNull()
    expect(responsesSurface.previousOf(minimal)).toBeNull()
  })

  test('by references, as the Vercel SDK does, has the items they name, also two responses later', () => {
    const input = [{ role: 'user', content: 'One' }, { type: 'item_reference', id: 'rs_r1_0' }, { type: 'item_reference', id: 'msg_r1_1' }, { role: 'user', content: 'Three' }]
    expect(responsesSurface.previousOf({ ...minimal, input })).toBe('resp_r1')
    const inference = read({ ...minimal, input }, 'text-prime', kept)
    expect(inference.chat.messages).toEqual([
      { role: 'user', content: 'One' }, { role: 'assistant', content: 'Two', reasoning_content: 'Hm.' }, { role: 'user', content: 'Three' }
    ])
    const second = responsesSurface.collect(inference, { ...served, requestId: 'r2' })
    second.take(chunk({ content: 'Four' }))
    second.end(end)
    const later = [...input, { type: 'item_reference', id: 'msg_r2_0' }, { role: 'user', content: 'Five' }]
    expect(responsesSurface.previousOf({ ...minimal, input: later })).toBe('resp_r2')
    expect(read({ ...minimal, input: later }, 'text-prime', second.kept!()).chat.messages.map(({ content }) => content))
      .toEqual(['One', 'Two', 'Three', 'Four', 'Five'])
  })

  test('by references that come to more than a body may have is refused', () => {
    const text = 'x'.repeat(4 * 1024 * 1024)
    const long: Kept = { messages: [], response: { output: [{ id: 'msg_r1_0', type: 'message', role: 'assistant', content: text }] } }
    const input = (times: number): JsonObject[] => Array.from({ length: times }, () => ({ type: 'item_reference', id: 'msg_r1_0' }))
    expect(read({ ...minimal, input: input(7) }, 'text-prime', long).chat.messages).toHaveLength(7)
    expect(faultOf(() => read({ ...minimal, input: input(8) }, 'text-prime', long))).toMatchObject({ code: 'too_large', status: 413 })
  })

  test('by a reference to what is not kept is 404, but for reasoning', () => {
    const reference = (id: string): JsonObject => ({ ...minimal, input: [{ type: 'item_reference', id }, { role: 'user', content: 'a' }] })
    expect(faultOf(() => read(reference('msg_r9_0')))).toMatchObject({ code: 'response_not_found', status: 404 })
    expect(read(reference('rs_r9_0')).ignored).toEqual(['reasoning'])
  })
})

test('a response says that it is kept where the account keeps what doesn\'t say', () => {
  const said = ([store, storesResponses]: readonly [boolean | null, boolean]): unknown => {
    const { echo } = responsesSurface.read({ ...minimal, store }, { ...contextOf('text-prime'), storesResponses })
    return (echo['response'] as JsonObject)['store']
  }
  const cases = [[null, true], [null, false], [false, true], [true, false]] as const
  expect(cases.map(said)).toEqual([true, false, false, true])
})
