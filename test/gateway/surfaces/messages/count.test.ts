import { expect, test } from 'vitest'
import { inputTokens } from '../../../../gateway/surfaces/messages/count.ts'
import { bodyOf, contextOf, faultsOf } from '../answers.ts'

// A token a character, so that the sum can be seen.
const counting = { tokensOf: (text: string) => text.length, imageTokens: 1000 }

test('counts text, tools and images, and what surrounds messages', () => {
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'abc' }, { type: 'image', source: { type: 'url', url: 'https://a/b.png' } }] },
    { role: 'assistant', content: 'de' }
  ]
  expect(inputTokens({ model: 'm', messages }, contextOf('text-max'), counting)).toEqual({ input_tokens: 3 + 1000 + 2 + 2 * 4 })
  const tools = [{ name: 'a', input_schema: {} }]
  const asTools = '[{"type":"function","function":{"name":"a","parameters":{}}}]'
  expect(inputTokens({ model: 'm', messages: [messages[1]], tools }, contextOf('text-max'), counting))
    .toEqual({ input_tokens: 2 + 4 + asTools.length })
})

test('calls of tools, their results and reasoning count', () => {
  const tokens = inputTokens(bodyOf('claude-code-turn'), contextOf('text-max'), counting)['input_tokens']
  expect(tokens).toBeGreaterThan(JSON.stringify(bodyOf('claude-code-turn')['tools']).length)
})

test('no cap is needed, a conversation is', () => {
  expect(Object.keys(faultsOf(() => inputTokens({ model: 'm' }, contextOf('text-max'), counting)))).toEqual(['messages'])
})
