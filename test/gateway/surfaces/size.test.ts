import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { sizeOf } from '../../../gateway/surfaces/size.ts'
import type { ChatBody, Json, JsonObject } from '../../../gateway/surfaces/surface.ts'
import { countTokens, loadTokenizer } from '../../../gateway/tokenizer/tokenizer.ts'

beforeAll(loadTokenizer)

const chat = (messages: ChatBody['messages'], more: JsonObject = {}): ChatBody => ({ messages, ...more })

const fixed = { seed: 6, numRuns: 300 }
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.constantFrom('', '👩‍👩‍👧‍👦', '<|endoftext|>', 'ꦏ', '\ud800', 'a\n"b'))
const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('image_url'), image_url: fc.record({ url: fc.constant(`data:image/png;base64,${'A'.repeat(5000)}`) }) })
)
const call = fc.record({ id: text, type: fc.constant('function'), function: fc.record({ name: text, arguments: text }) })
const message = fc.record({
  role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
  content: fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 3 }), fc.constant(null)),
  name: text,
  tool_call_id: text,
  reasoning_content: text,
  tool_calls: fc.array(call, { maxLength: 2 })
}, { requiredKeys: ['role', 'content'] })
const tool = fc.record({ type: fc.constant('function'), function: fc.record({ name: text, description: text, parameters: fc.constant({ type: 'object' }) }) })
const body = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 4 }),
  tools: fc.array(tool, { maxLength: 2 }),
  response_format: fc.record({ type: fc.constant('json_schema'), json_schema: fc.record({ name: text }) })
}, { requiredKeys: ['messages'] }) as fc.Arbitrary<ChatBody>

/** Every text of the body, wherever it is: what a model may be shown. */
function textsOf (value: Json | undefined): string[] {
  if (typeof value === 'string') return value.startsWith('data:image/') ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return (Array.isArray(value) ? value as Json[] : Object.values(value)).flatMap(textsOf)
}

const naiveBytes = (sent: ChatBody): number => {
  const once = sent.messages.flatMap(({ role: _role, tool_calls: calls, content, ...rest }) => [
    ...(calls === undefined ? [] : [JSON.stringify(calls)]),
    ...(typeof content === 'string' ? [content] : []),
    ...(Array.isArray(content) ? (content as JsonObject[]).map(each => each['type'] === 'text' ? each['text'] as string : '') : []),
    ...textsOf(rest)
  ])
  const whole = [sent['tools'], sent['response_format']].filter(each => each !== undefined).map(each => JSON.stringify(each))
  return [...once, ...whole].reduce((sum, each) => sum + new TextEncoder().encode(each).length, 0)
}

describe('the size of a request', () => {
  test('agrees with a walk that is slow and obvious', () => {
    fc.assert(fc.property(body, sent => {
      const images = JSON.stringify(sent.messages).split('data:image/png').length - 1
      expect(sizeOf(sent)).toEqual({ bytes: naiveBytes(sent), messages: sent.messages.length, images })
    }), fixed)
  })

  test('is never below what the reference tokenizer makes of all its texts', () => {
    fc.assert(fc.property(body, sent => {
      const roles = sent.messages.length * 16
      const tokens = textsOf(sent).reduce((sum, each) => sum + countTokens(each), 0)
      expect(sizeOf(sent).bytes + roles).toBeGreaterThanOrEqual(tokens)
    }), fixed)
  })

  test('leaves out the pixels of images, and counts the images', () => {
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(100_000)}` } }
    const sent = chat([{ role: 'user', content: [{ type: 'text', text: 'äb' }, picture, picture] }])
    expect(sizeOf(sent)).toEqual({ bytes: 3, messages: 1, images: 2 })
  })

  test('counts fields that nobody knows, because an upstream may show them to its model', () => {
    const documents = [{ text: 'x'.repeat(1000) }]
    expect(sizeOf(chat([{ role: 'user', content: '' }], { documents })).bytes).toBeGreaterThan(1000)
    expect(sizeOf(chat([{ role: 'user', content: '', thoughts: 'x'.repeat(1000) }])).bytes).toBe(1000)
    expect(sizeOf(chat([{ role: 'user', content: [{ type: 'text', text: '', note: 'abc' }] }])).bytes).toBe(3)
  })

  test('leaves out what only steers the answer', () => {
    const steering = { temperature: 1, stop: ['x'.repeat(100)], logit_bias: { 1: 1 }, prediction: { type: 'content', content: 'x' }, tools: null }
    expect(sizeOf(chat([{ role: 'user', content: 'ab' }], steering))).toEqual({ bytes: 2, messages: 1, images: 0 })
  })
})
