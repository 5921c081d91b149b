import { describe, expect, test } from 'vitest'
import { messagesSurface } from '../../../../gateway/surfaces/messages/messages.ts'
import { isList, isObject } from '../../../../gateway/surfaces/chunk.ts'
import { anthropicForm } from '../../../../gateway/surfaces/error-forms.ts'
import type { Inference, Json, JsonObject, ReadContext } from '../../../../gateway/surfaces/surface.ts'
import { bodyOf, contextOf, faultOf, faultsOf, seal, withoutEfforts } from '../answers.ts'

const read = (body: unknown, symbol = 'text-prime'): Inference => messagesSurface.read(body, contextOf(symbol))
const hi = [{ role: 'user', content: 'Hi' }]
const minimal = { model: 'text-prime', max_tokens: 10, messages: hi }
const objects = (value: Json | undefined): JsonObject[] => isList(value) ? value.filter(isObject) : []

describe('Claude Code', () => {
  const { chat, ...inference } = read(bodyOf('claude-code-turn'), 'text-max')

  test('has system messages inside messages, reasoning brought back, results before what else the user said', () => {
    expect(chat.messages.map(({ role }) => role))
      .toEqual(['system', 'user', 'system', 'assistant', 'tool', 'tool', 'user', 'system'])
    const [system, user, , assistant, failed, result, reminder, last] = chat.messages
    expect(system!['content']).toMatch(/^You are Claude Code.+\n\n\nYou are an interactive tool/)
    expect(objects(user!['content']).map(({ type }) => type)).toEqual(['text', 'text'])
    expect(assistant).toEqual({
      role: 'assistant',
      content: 'I\'ll run it.',
      reasoning_content: 'The failing test first.',
      tool_calls: [
        { id: 'toolu_01', type: 'function', function: { name: 'Bash', arguments: '{"command":"npm test -- parser","description":"Runs the parser\'s tests"}' } },
        { id: 'toolu_02', type: 'function', function: { name: 'Read', arguments: '{"file_path":"/home/ada/widgets/src/parser.ts"}' } }
      ]
    })
    expect(failed).toEqual({ role: 'tool', tool_call_id: 'toolu_01', content: 'Error: Exit code 1\nexpected 3, received 2' })
    expect(result).toMatchObject({ tool_call_id: 'toolu_02', content: '1\texport const parse = …\n2\t// end' })
    expect(reminder!['content']).toMatch(/^<system-reminder>/)
    expect(last).toEqual({ role: 'system', content: 'Two files changed on disk.' })
  })

  test('has its tools, its effort, its cap and its stream', () => {
    const tools = objects(chat['tools'])
    expect(tools).toHaveLength(24)
    expect(tools[3]).toEqual({
      type: 'function',
      function: {
        name: 'Bash',
        description: 'Runs a command in a shell.',
        parameters: objects(bodyOf('claude-code-turn')['tools'])[3]!['input_schema']
      }
    })
    expect(Object.keys(chat).sort()).toEqual(['messages', 'reasoning_effort', 'tools'])
    expect(chat['reasoning_effort']).toBe('medium')
    expect(inference).toMatchObject({ model: 'claude-sonnet-4-6', isStream: true, outputMax: 32000, echo: { thinking: 'shown' } })
  })

  test('is told what was dropped', () => {
    expect(inference.ignored.toSorted())
      .toEqual(['cache_control', 'context_management', 'metadata', 'x-anthropic-billing-header'])
  })

  test('stays at one supplier as its conversation grows', () => {
    const body = bodyOf('claude-code-turn')
    const messages = [...body['messages'] as Json[], { role: 'assistant', content: 'Done.' }, { role: 'user', content: 'Thanks.' }]
    expect(read({ ...body, messages }, 'text-max').stickyKey).toBe(inference.stickyKey)
    expect(read({ ...body, system: 'Another.' }, 'text-max').stickyKey).not.toBe(inference.stickyKey)
  })

  test('names its conversations by a schema', () => {
    const title = read(bodyOf('claude-code-title'))
    expect(title.chat['response_format']).toMatchObject({ type: 'json_schema', json_schema: { name: 'output', strict: true } })
    expect(title.chat).not.toHaveProperty('tools')
    expect(title.echo).toEqual({ thinking: 'none' })
  })
})

test('an SDK\'s body keeps stops, sampling and tools; hosted tools are dropped where others can do', () => {
  const { chat, ignored, outputMax } = read(bodyOf('messages-tools'))
  expect(chat).toEqual({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What is the weather in Graz and in Linz?' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'toolu_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Graz"}' } }] },
      { role: 'tool', tool_call_id: 'toolu_a', content: '' }
    ],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    stop: ['END'],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }],
    tool_choice: 'required',
    parallel_tool_calls: false
  })
  expect(ignored.toSorted()).toEqual(['service_tier', 'web_search_20250305'])
  expect(outputMax).toBe(1024)
})

test('images go along, those of tools as the user\'s; sealed reasoning is opened, and foreign reasoning dropped', () => {
  const { chat, ignored, size } = read(bodyOf('messages-images'), 'text-max')
  const [user, assistant, tool, images] = chat.messages
  expect(user!['content']).toEqual([
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg' } },
    { type: 'text', text: 'Notes' },
    { type: 'text', text: 'Cats sleep.' },
    { type: 'text', text: 'What do they have in common?' }
  ])
  expect(assistant!['reasoning_content']).toBe('hidden')
  expect(tool).toEqual({ role: 'tool', tool_call_id: 'toolu_s', content: 'The result is an image, which follows.' })
  expect(images).toEqual({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } }] })
  expect(ignored).toEqual(['thinking'])
  expect(size).toMatchObject({ images: 3, messages: 4 })
})

describe('refused, the field named', () => {
  test('images without vision, PDFs, files, unknown blocks', () => {
    const blocks = (...content: JsonObject[]): JsonObject => ({ ...minimal, messages: [{ role: 'user', content }] })
    const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } }
    const image = (source: JsonObject): JsonObject => ({ type: 'image', source })
    expect(faultsOf(() => read(blocks(image({ type: 'base64', media_type: 'image/png', data: 'AA==' }), image({ type: 'url', url: 'https://a/b' }), pdf)))).toEqual({
      'messages.0.content.0.source': ['is an image: text-prime reads text only'],
      'messages.0.content.1.source.url': ['is an image: text-prime reads text only'],
      'messages.0.content.2.source': ['is a document that has to be looked at, such as a PDF: send its text']
    })
    expect(faultsOf(() => read(blocks(pdf, image({ type: 'file', file_id: 'f' }), image({ type: 'url', url: 'file:///etc/passwd' }), { type: 'video' }), 'text-max'))).toEqual({
      'messages.0.content.0.source': ['is a document that has to be looked at, such as a PDF: send its text'],
      'messages.0.content.1.source': ['is a file: send the image itself, or its URL'],
      'messages.0.content.2.source.url': ['must be an http(s) or data URL of an image'],
      'messages.0.content.3.type': ['is not known here']
    })
  })

  test.each<[string, JsonObject]>([
    ['tool_choice', { tool_choice: { type: 'any' } }],
    ['tool_choice', { tool_choice: { type: 'any' }, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tool_choice', { tool_choice: { type: 'tool', name: 'web_search' }, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tool_choice.name', { tool_choice: { type: 'tool', name: 'b' }, tools: [{ name: 'a', input_schema: {} }] }],
    ['tool_choice.type', { tool_choice: { type: 'some' } }],
    ['tools.0.input_schema', { tools: [{ name: 'a' }] }],
    ['tools.1.name', { tools: [{ name: 'a', input_schema: {} }, { name: 'a', input_schema: {} }] }],
    ['tools.0.name', { tools: [{ name: 'a b', input_schema: {} }] }],
    ['mcp_servers', { mcp_servers: [{ type: 'url', url: 'https://a', name: 'a' }] }],
    ['container', { container: 'c' }],
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['logit_bias', { logit_bias: { 7: 1 } }],
    ['audio', { modalities: ['text', 'audio'] }],
    ['temperature', { temperature: 1.5 }],
    ['top_p', { top_p: -0.1 }],
    ['top_k', { top_k: 0.5 }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: undefined }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hi' }],
    ['messages.0.role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages.0.content', { messages: [{ role: 'user', content: [] }] }],
    ['messages.0.content', { messages: [{ role: 'assistant' }] }],
    ['messages.0.content.0.tool_use_id', { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] }],
    ['messages.0.content.0.input', { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: 'x' }] }] }],
    ['stop_sequences.1', { stop_sequences: ['a', 7] }],
    ['stop_sequences', { stop_sequences: ['a', 'b', 'c', 'd', 'e'] }],
    ['messages', { messages: [{ role: 'system', content: [] }] }],
    ['messages.1.content', { messages: [...hi, { role: 'system' }] }],
    ['messages.1.content.0.type', { messages: [...hi, { role: 'system', content: [{ type: 'image', text: 'a' }] }] }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 100 } }],
    ['thinking.type', { thinking: {} }],
    ['output_config.effort', { output_config: { effort: 'extreme' } }],
    ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
    ['stream', { stream: 'yes' }],
    ['system', { system: 7 }]
  ])('%s of %j', (field, fields) => {
    expect(Object.keys(faultsOf(() => read({ ...minimal, ...fields })))).toEqual([field])
  })

  test('a thread that goes on, in the words by which its client sends everything again', () => {
    const thread = { type: 'continue', previous_message_id: 'msg_1' }
    const fault = faultOf(() => read({ ...minimal, thread }))
    expect(fault).toMatchObject({ code: 'thread_not_found', status: 404 })
    expect(anthropicForm(fault, 'req-1')).toMatchObject({ error: { type: 'not_found_error', details: { error_code: 'thread_not_found' } } })
  })

  test('all at once', () => {
    expect(Object.keys(faultsOf(() => read({ model: '', max_tokens: 'a', messages: [{ role: 'user', content: [{ type: 'text' }] }], n: 2 }))).toSorted())
      .toEqual(['max_tokens', 'messages.0.content.0.text', 'model', 'n'])
  })
})

describe('thinking and effort', () => {
  const effort = (context: ReadContext | string, fields: JsonObject): [Json | undefined, readonly string[]] => {
    const within = typeof context === 'string' ? contextOf(context) : context
    const { chat, ignored } = messagesSurface.read({ ...minimal, ...fields }, within)
    return [chat['reasoning_effort'], ignored]
  }

  test('become the nearest effort that the instrument offers', () => {
    expect(effort('text-prime', { output_config: { effort: 'max' } })).toEqual(['high', []])
    expect(effort('text-max', { output_config: { effort: 'xhigh' } })).toEqual(['xhigh', []])
    expect(effort('text-max', { thinking: { type: 'disabled' }, output_config: { effort: 'high' } })).toEqual(['none', []])
    expect(effort('text-max', { thinking: { type: 'enabled', budget_tokens: 1024 } })).toEqual(['low', []])
    expect(effort('text-max', { thinking: { type: 'enabled', budget_tokens: 20000 } })).toEqual(['high', []])
    expect(effort('text-max', { thinking: { type: 'adaptive' } })).toEqual([undefined, []])
  })

  test('are dropped, and listed, where it offers none', () => {
    expect(effort('claude-opus-latest', { thinking: { type: 'disabled' } })).toEqual([undefined, ['thinking']])
    expect(effort(withoutEfforts(), { output_config: { effort: 'max' } })).toEqual([undefined, ['output_config.effort']])
    expect(effort(withoutEfforts(), { thinking: { type: 'enabled', budget_tokens: 2000 } })).toEqual([undefined, ['thinking.budget_tokens']])
  })
})

test('what nobody knows is dropped, and listed; what was not sent is not sent on', () => {
  const { chat, ignored } = read({ ...minimal, stream: null, temperature: null, novelty: { a: 1 }, thread: { type: 'create' } })
  expect(chat).toEqual({ messages: hi })
  expect(ignored.toSorted()).toEqual(['novelty', 'thread'])
})

test('reasoning sealed for another account is dropped', () => {
  const content = [{ type: 'thinking', thinking: 'x', signature: seal.seal('x') }, { type: 'text', text: 'y' }]
  const closed = { ...contextOf('text-prime'), seal: { ...seal, open: () => null } }
  const { chat, ignored } = messagesSurface.read({ ...minimal, messages: [{ role: 'assistant', content }] }, closed)
  expect(chat.messages).toEqual([{ role: 'assistant', content: 'y' }])
  expect(ignored).toEqual(['thinking'])
})

test('results of hosted tools in the history are dropped, and those of searches among tools are names', () => {
  const assistant = [{ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }, { type: 'text', text: 'a' }]
  const user = [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference', tool_name: 'Read' }] }]
  const { chat, ignored } = read({ ...minimal, messages: [{ role: 'assistant', content: assistant }, { role: 'user', content: user }] })
  expect(chat.messages).toEqual([{ role: 'assistant', content: 'a' }, { role: 'tool', tool_call_id: 't', content: 'Read' }])
  expect(ignored).toEqual(['server_tool_use', 'web_search_tool_result'])
})
