// Tools of free form on chat: functions upstream, calls of their own to the client.

import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { isList, isObject } from '../../../../gateway/surfaces/chunk.ts'
import type { Json, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { answer, choice, chunkText, chunksOf, faultsOf, read } from './support.ts'

const patch = { type: 'custom', custom: { name: 'patch', description: 'Edits files.' } }
const sql = { type: 'custom', custom: { name: 'sql', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } } } }
const look = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }
const user = { role: 'user', content: 'Hi' }
const input = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false }

describe('asked for', () => {
  test('are functions of one text, a grammar told in words', () => {
    expect(read({ tools: [patch, sql, look] }).chat['tools']).toEqual([
      { type: 'function', function: { name: 'patch', description: 'Edits files.', parameters: input } },
      { type: 'function', function: { name: 'sql', description: 'The input must follow this lark grammar:\nstart: "a"', parameters: input } },
      look
    ])
  })

  test('are forced and allowed as functions', () => {
    const named = (name: string): JsonObject => ({ type: 'function', function: { name } })
    expect(read({ tools: [patch], tool_choice: { type: 'custom', custom: { name: 'patch' } } }).chat['tool_choice']).toEqual(named('patch'))
    const allowed = (tools: readonly Json[]): JsonObject => ({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools } })
    const choiceOf = allowed([{ type: 'custom', custom: { name: 'patch' } }, named('look')])
    expect(read({ tools: [patch, look], tool_choice: choiceOf }).chat['tool_choice']).toEqual(allowed([named('patch'), named('look')]))
  })

  test('and their calls of earlier turns are calls of functions', () => {
    const calls = [{ id: 'a', type: 'custom', custom: { name: 'patch', input: '+"x"' } }]
    const { chat } = read({ tools: [patch], messages: [user, { role: 'assistant', tool_calls: calls }, { role: 'tool', tool_call_id: 'a', content: 'Done' }] })
    expect(chat.messages[1]).toMatchObject({
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'patch', arguments: '{"input":"+\\"x\\""}' } }]
    })
  })

  test.each<[field: string, body: JsonObject]>([
    ['tools.0.custom.name', { tools: [{ type: 'custom', custom: {} }] }],
    ['tools.0.custom.format.type', { tools: [{ type: 'custom', custom: { name: 'a', format: { type: 'xml' } } }] }],
    ['tools.0.custom.format.grammar.syntax', { tools: [{ type: 'custom', custom: { name: 'a', format: { type: 'grammar', grammar: { definition: '' } } } }] }],
    ['tools.1.custom.name', { tools: [{ ...look, function: { name: 'patch' } }, patch] }],
    ['tool_choice.custom.name', { tools: [look], tool_choice: { type: 'custom', custom: { name: 'patch' } } }],
    ['messages.0.tool_calls.0.custom.input', { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'b' } }] }] }]
  ])('%s of %j is refused', (field, body) => {
    expect(Object.keys(faultsOf(body) ?? {})).toEqual([field])
  })
})

/** Two calls at once, their arguments cut anywhere. */
const call = (index: number, id: string, name: string): JsonObject =>
  ({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })
const args = (index: number, text: string): JsonObject => ({ tool_calls: [{ index, function: { arguments: text } }] })
const deltas = [
  { role: 'assistant', content: 'Now.' }, call(0, 'a', 'patch'), args(0, '{"input":"+\\'), call(1, 'b', 'look'), args(1, '{"x"'),
  args(0, '"x\\""}'), args(1, ':1}')
]
const inference = read({ tools: [patch, look], stream: true, stream_options: { include_usage: true } })
const whole = [
  { id: 'a', type: 'custom', custom: { name: 'patch', input: '+"x"' } },
  { id: 'b', type: 'function', function: { name: 'look', arguments: '{"x":1}' } }
]
const callsOf = ({ choices }: JsonObject): Json | undefined => {
  const [first] = isList(choices) ? choices.filter(isObject) : []
  const { message } = first as { message: JsonObject }
  return message['tool_calls']
}

describe.each([
  ['ended by the upstream', [chunkText([choice({}, 'tool_calls')])]], ['ended here', []],
  ['ended with its last words', [chunkText([choice(args(1, ' '), 'stop')])]]
])('called, %s', (_name, last) => {
  const { text, whole: sentWhole } = answer(inference, [...deltas.map(delta => chunkText([choice(delta)])), ...last])

  test('are calls of the client\'s own, whole or streamed', async () => {
    const client = new OpenAI({ apiKey: 'x', fetch: async () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })) })
    const stream = client.chat.completions.stream({ model: 'x', messages: [{ role: 'user', content: 'Hi' }] })
    const { choices: [folded] } = await stream.finalChatCompletion()
    expect(folded?.finish_reason).toBe('tool_calls')
    const sent = callsOf(sentWhole) as JsonObject[]
    expect(sent[0]).toEqual(whole[0])
    expect(folded?.message.tool_calls?.[0]).toMatchObject(whole[0]!)
    expect(folded?.message.tool_calls?.[1]).toMatchObject({ id: 'b', type: 'function', function: { name: 'look' } })
  })

  test('say their input once, and functions say their arguments as they come', () => {
    const said = chunksOf(text).flatMap(({ choices }) => isList(choices) ? choices.filter(isObject) : [])
      .flatMap(({ delta }) => isObject(delta) && isList(delta['tool_calls']) ? delta['tool_calls'].filter(isObject) : [])
    const custom = said.filter(each => each['custom'] !== undefined)
    expect(custom).toEqual([
      { index: 0, id: 'a', type: 'custom', custom: { name: 'patch', input: '' } }, { index: 0, custom: { input: '+"x"' } }
    ])
    expect(said.filter(each => each['function'] !== undefined).every(({ index }) => index === 1)).toBe(true)
    expect(text).not.toContain('"tool_calls":[]')
  })
})

test('without custom tools what comes is passed on byte for byte', () => {
  const raw = chunkText([choice(args(0, '{}'))], { usage: null })
  const begun = chunkText([choice({ role: 'assistant', ...call(0, 'a', 'patch') })], { usage: null })
  const { text } = answer(read({ tools: [look], stream: true, stream_options: { include_usage: true } }), [begun, raw])
  expect(text).toContain(`data: ${begun}\n\ndata: ${raw}\n\n`)
})
