// What Codex sends, for models it has known for long and for its newest ones.

import { describe, expect, test } from 'vitest'
import { isList, isObject } from '../../../../gateway/surfaces/chunk.ts'
import { responsesSurface } from '../../../../gateway/surfaces/responses/responses.ts'
import type { Inference, Json, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { argsDelta, bodyOf, callDelta, chunk, contextOf, end, faultsOf, served } from '../answers.ts'

const read = (body: unknown): Inference => responsesSurface.read(body, contextOf('code-max'))
const objects = (value: Json | undefined): JsonObject[] => isList(value) ? value.filter(isObject) : []
const functionOf = (tool: JsonObject): JsonObject => isObject(tool['function']) ? tool['function'] : {}

describe('Codex', () => {
  const { chat, ...inference } = read(bodyOf('codex-turn'))

  test('has developer messages with ids, reasoning brought back, calls of all kinds in one turn each', () => {
    expect(chat.messages).toEqual([
      { role: 'system', content: 'You are Codex, and you work in a terminal.' },
      { role: 'system', content: '<permissions instructions>\nThe sandbox is workspace-write.\n</permissions instructions>' },
      { role: 'user', content: '<environment_context>\n  <cwd>/home/ada/widgets</cwd>\n</environment_context>' },
      { role: 'user', content: 'Fix the parser.' },
      {
        role: 'assistant',
        content: 'I\'ll look.',
        reasoning_content: 'Look first.',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'shell_command', arguments: '{"command":"cat src/parser.ts"}' } },
          { id: 'call_2', type: 'function', function: { name: 'mcp__tracker__create_issue', arguments: '{"title":"Parser"}' } }
        ]
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'export const parse = …' },
      { role: 'tool', tool_call_id: 'call_2', content: 'Created 7.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_3', type: 'function', function: { name: 'apply_patch', arguments: '{"input":"*** Begin Patch\\n*** End Patch"}' } }]
      },
      { role: 'tool', tool_call_id: 'call_3', content: 'Done' }
    ])
  })

  test('has functions, namespaces flattened, custom tools as functions, and no hosted tools', () => {
    const functions = objects(chat['tools']).map(functionOf)
    expect(functions.map(({ name }) => name)).toEqual([
      'shell_command', 'update_plan', 'view_image', 'apply_patch', 'mcp__tracker__create_issue', 'mcp__tracker__list_issues'
    ])
    expect(functions[0]).toMatchObject({ description: 'Runs a command.', strict: false, parameters: { required: ['command'] } })
    expect(functions[3]).toEqual({
      name: 'apply_patch',
      description: 'Edits files by a patch.\n\nThe input must follow this lark grammar:\nstart: "*** Begin Patch" LF',
      parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false }
    })
    expect(chat).toMatchObject({ tool_choice: 'auto', parallel_tool_calls: true, reasoning_effort: 'medium', verbosity: 'low' })
  })

  test('keeps its thread at one supplier, is not stored, and is told what was dropped', () => {
    expect(inference).toMatchObject({ stickyKey: '019a-thread', store: false, isStream: true, outputMax: null, model: 'gpt-5.2-codex' })
    expect(chat).not.toHaveProperty('prompt_cache_key')
    expect(inference.ignored.toSorted()).toEqual(['client_metadata', 'reasoning.summary', 'web_search'])
  })
})

describe('a thread of the newest Codex', () => {
  const { chat, ...inference } = read(bodyOf('codex-thread'))

  test('has the tools that an item brings, and nothing of that item else', () => {
    expect(objects(chat['tools']).map(tool => functionOf(tool)['name']))
      .toEqual(['functions__exec', 'functions__wait', 'collaboration__spawn_agent'])
    expect(chat).toMatchObject({ tool_choice: 'auto', parallel_tool_calls: false })
    expect(chat.messages.map(({ role }) => role))
      .toEqual(['system', 'user', 'user', 'assistant', 'tool', 'user', 'assistant', 'tool'])
    expect(inference.ignored).toEqual(['client_metadata'])
  })

  test('reads what another thread told it, and brings its own calls and reasoning back', () => {
    const words = (text: string): JsonObject => ({ type: 'text', text })
    expect(chat.messages.slice(5)).toEqual([
      {
        role: 'user',
        content: [words('Message Type: NEW_TASK\nTask name: /lead/tests\nPayload:\n'), words('Run the tests.')]
      },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Tests first.',
        tool_calls: [{
          id: 'call_2',
          type: 'function',
          function: { name: 'functions__exec', arguments: '{"input":"text(await tools.exec_command({cmd: \\"npm test\\"}))"}' }
        }]
      },
      { role: 'tool', tool_call_id: 'call_2', content: 'Script completed\nOutput:\n\n3 passed' }
    ])
  })

  test('calls its tools by the names it gave them', () => {
    const request = read(bodyOf('codex-thread'))
    const collector = responsesSurface.collect(request, served)
    const chunks = [chunk(callDelta(0, 'call_3', 'functions__exec')), chunk(argsDelta(0, '{"input":"exit()"}'))]
    for (const each of [...chunks, chunk({}, 'tool_calls')]) collector.take(each)
    expect(collector.end(end)['output'])
      .toMatchObject([{ type: 'custom_tool_call', name: 'exec', namespace: 'functions', input: 'exit()' }])
  })
})

test('of tools that are brought twice the later one is meant, and twins in one list are refused', () => {
  const tool = (description: string): JsonObject => ({ type: 'function', name: 'look', description })
  const brought = (...tools: JsonObject[]): JsonObject => ({ type: 'additional_tools', role: 'developer', tools })
  const asked = { role: 'user', content: 'Hi' }
  const input = [brought(tool('b')), asked, brought(tool('c'))]
  const { chat } = read({ model: 'code-max', tools: [tool('a')], input })
  expect(objects(chat['tools']).map(each => functionOf(each)['description'])).toEqual(['c'])
  const refused = (item: JsonObject): string[] =>
    Object.keys(faultsOf(() => read({ model: 'code-max', input: [item, asked] })))
  expect(refused(brought(tool('a'), tool('b')))).toEqual(['input.0.tools.1.name'])
  expect(refused({ type: 'additional_tools' })).toEqual(['input.0.tools'])
})
