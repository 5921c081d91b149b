// Items of a conversation that was begun elsewhere, or with an instrument that sees.

import { describe, expect, test } from 'vitest'
import { responsesSurface } from '../../../../gateway/surfaces/responses/responses.ts'
import type { Inference, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { contextOf, faultsOf } from '../answers.ts'

const hi = { role: 'user', content: 'Hi' }
const read = (input: readonly JsonObject[], symbol = 'text-prime'): Inference =>
  responsesSurface.read({ model: symbol, input }, contextOf(symbol))

const png = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' }
const call = { type: 'function_call', call_id: 'a', name: 'view_image', arguments: '{}' }
const output = (...parts: JsonObject[]): JsonObject => ({ type: 'function_call_output', call_id: 'a', output: parts })

describe('an output that the model can\'t look at', () => {
  test('is told in words, in every turn in which it comes back, and listed', () => {
    const { chat, ignored, size } = read([hi, call, output({ type: 'input_text', text: 'a.png' }, png), hi])
    expect(chat.messages[2]).toEqual({ role: 'tool', tool_call_id: 'a', content: 'a.png\n[image left out: text-prime can\'t look at it]' })
    expect([ignored, size.images]).toEqual([['tool_result.image'], 0])
  })

  test('may be a file, or an image that is kept elsewhere', () => {
    const { chat, ignored } = read([hi, call, output({ type: 'input_file', file_id: 'f' }, { type: 'input_image', file_id: 'f' })], 'text-max')
    expect(chat.messages[2]).toMatchObject({
      content: '[document left out: only its text could be read here]\n[image left out: text-max can\'t look at it]'
    })
    expect(ignored).toEqual(['tool_result.document', 'tool_result.image'])
  })

  test('is refused all the same where a user says it', () => {
    expect(Object.keys(faultsOf(() => read([{ role: 'user', content: [png] }])))).toEqual(['input.0.content.0.image_url'])
  })

  test('goes along where the model can', () => {
    const { chat, ignored } = read([hi, call, output(png)], 'text-max')
    expect(chat.messages[3]).toMatchObject({ role: 'user', content: [{ type: 'image_url' }] })
    expect(ignored).toEqual([])
  })
})

describe('calls of tools that the vendor defines', () => {
  const shell = { commands: ['ls'], timeout_ms: 1000 }
  const local = { type: 'exec', command: ['ls'], env: {} }
  const patch = { type: 'update_file', path: 'a.txt', diff: '+a' }
  const ran = [{ stdout: 'a.txt', stderr: '', outcome: { type: 'exit', exit_code: 0 } }]

  test.each<[name: string, call: JsonObject, output: JsonObject, given: JsonObject, gave: string]>([
    ['shell', { call_id: 'c', action: shell }, { call_id: 'c', output: ran }, shell, JSON.stringify(ran)],
    ['local_shell', { call_id: 'c', action: local }, { id: 'c', output: 'a.txt' }, local, 'a.txt'],
    ['apply_patch', { call_id: 'c', operation: patch }, { call_id: 'c', status: 'completed', output: 'Done' }, patch, 'Done'],
    ['apply_patch', { call_id: 'c', operation: patch }, { call_id: 'c', status: 'failed' }, patch, 'failed']
  ])('%s are calls and results', (name, called, gave, given, text) => {
    const { chat, ignored } = read([hi, { type: `${name}_call`, ...called }, { type: `${name}_call_output`, ...gave }])
    expect(chat.messages.slice(1)).toEqual([
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: JSON.stringify(given) } }] },
      { role: 'tool', tool_call_id: 'c', content: text }
    ])
    expect(ignored).toEqual([])
  })

  test('need what they were given, and an id', () => {
    expect(Object.keys(faultsOf(() => read([hi, { type: 'shell_call' }])))).toEqual(['input.1.id', 'input.1.action'])
    expect(Object.keys(faultsOf(() => read([hi, { type: 'computer_call' }])))).toEqual(['input.1.type'])
  })
})

test('what was compacted for its vendor alone is dropped, and listed', () => {
  const { chat, ignored } = read([{ type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAAA' }, hi])
  expect([chat.messages, ignored]).toEqual([[hi], ['compaction']])
})
