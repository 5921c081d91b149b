// What agents bring back of their conversations: results that can't be looked at, system's turns, and what another of
// the vendor's models left.

import { describe, expect, test } from 'vitest'
import { messagesSurface } from '../../../../gateway/surfaces/messages/messages.ts'
import type { Inference, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { contextOf, faultsOf, withoutEfforts } from '../answers.ts'

const hi = { role: 'user', content: 'Hi' }
const read = (messages: readonly JsonObject[], symbol = 'text-prime', more: JsonObject = {}): Inference =>
  messagesSurface.read({ model: symbol, max_tokens: 10, messages, ...more }, contextOf(symbol))

const png = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }
const pdf = { type: 'document', title: 'Plan', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } }
const called = { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'Read', input: {} }] }
const result = (...content: JsonObject[]): JsonObject => ({ type: 'tool_result', tool_use_id: 't', content })
const user = (...content: JsonObject[]): JsonObject => ({ role: 'user', content })

test('documents within documents may have any number of blocks', () => {
  const document = (content: readonly JsonObject[]): JsonObject => ({ type: 'document', source: { type: 'content', content } })
  const many = Array.from({ length: 60_000 }, () => ({ type: 'text', text: '' }))
  const { chat } = read([user(document([document(many), document(many), document(many), document(many)]))])
  expect(chat.messages[0]!['content']).toHaveLength(240_000)
})

describe('a result that the model can\'t look at', () => {
  test('is told in words, in every turn in which it comes back, and listed', () => {
    const turns = [hi, called, user(result({ type: 'text', text: 'a.png' }, png)), { role: 'assistant', content: 'Hm.' }, hi]
    const { chat, ignored, size } = read(turns)
    expect(chat.messages[2]).toEqual({ role: 'tool', tool_call_id: 't', content: 'a.png\n[image left out: text-prime can\'t look at it]' })
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user'])
    expect([ignored, size.images]).toEqual([['tool_result.image'], 0])
  })

  test.each([['within it', [result(pdf)]], ['beside it', [result({ type: 'text', text: 'Read.' }), pdf]]])('may be a PDF %s', (_where, blocks) => {
    const { chat, ignored } = read([hi, called, user(...blocks)], 'text-max')
    const [, , tool, more] = chat.messages
    expect(JSON.stringify([tool, more])).toContain('[document left out: only its text could be read here]')
    expect(JSON.stringify([tool, more])).toContain('Plan')
    expect(ignored).toEqual(['tool_result.document'])
  })

  test('may be an image that is kept elsewhere, or within a document', () => {
    const file = { type: 'image', source: { type: 'file', file_id: 'f' } }
    expect(read([hi, called, user(result(file))], 'text-max').ignored).toEqual(['tool_result.image'])
    const within = { type: 'document', source: { type: 'content', content: [png] } }
    expect(read([hi, called, user(result(within))]).ignored).toEqual(['tool_result.image'])
  })

  test('is refused all the same where a user says it', () => {
    expect(Object.keys(faultsOf(() => read([user(png, pdf)])))).toEqual(['messages.0.content.0.source', 'messages.0.content.1.source'])
    const turns = [user(png), called, user(result(png))]
    expect(Object.keys(faultsOf(() => read(turns)))).toEqual(['messages.0.content.0.source'])
  })

  test('goes along where the model can', () => {
    const { chat, ignored } = read([hi, called, user(result(png))], 'text-max')
    expect(chat.messages[3]).toMatchObject({ role: 'user', content: [{ type: 'image_url' }] })
    expect(ignored).toEqual([])
  })
})

describe('a system\'s turn', () => {
  const turn = (content: JsonObject['content'], more: JsonObject = {}): JsonObject => ({ role: 'system', content, ...more })

  test('that says nothing is no message, and its effort counts from there on', () => {
    const turns = [hi, turn([], { output_config: { effort: 'low' } })]
    const { chat, ignored } = read(turns, 'text-max', { output_config: { effort: 'high' } })
    expect([chat.messages, chat['reasoning_effort'], ignored]).toEqual([[hi], 'low', []])
    expect(read([hi, { role: 'system', output_config: { effort: 'low' } }]).chat.messages).toEqual([hi])
    const { ignored: listed } = messagesSurface.read({ model: 'x', max_tokens: 1, messages: turns }, withoutEfforts())
    expect(listed).toEqual(['output_config.effort'])
  })

  test('that changes tools says only its texts', () => {
    const removal = { type: 'tool_removal', tool: { type: 'tool_reference', name: 'a' } }
    const { chat } = read([hi, turn([removal, { type: 'text', text: 'Go on.' }])])
    expect(chat.messages).toEqual([hi, { role: 'system', content: 'Go on.' }])
    expect(Object.keys(faultsOf(() => read([hi], 'text-prime', { system: [removal] })))).toContain('system.0.type')
  })
})

test('a summary of what was compacted is read, one that nobody else can read is listed, and so is a change of models', () => {
  const compaction = (content: string | null): JsonObject => ({ type: 'compaction', content, encrypted_content: 'x' })
  const fallback = { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } }
  const content = [compaction('They met.'), compaction(null), fallback, { type: 'text', text: 'Hello.' }]
  const { chat, ignored } = read([{ role: 'assistant', content }, hi])
  expect(chat.messages[0]).toEqual({ role: 'assistant', content: 'They met.Hello.' })
  expect(ignored).toEqual(['compaction', 'fallback'])
})
