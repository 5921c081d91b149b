// What the real clients make of a stream of ours, when the upstream behind it gets most things wrong.

import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { answer, choice, chunkText, read } from './support.ts'
import { ChatOpenAI, createOpenAI, vercel } from './untyped-clients.ts'

const words = ['Hel', 'lo ', '👋'].map(content => chunkText([choice({ content })]))
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
const begin = (name: string): JsonObject => ({ index: 0, type: 'function', function: { name, arguments: '' } })
const more = (text: string): JsonObject => ({ index: 0, id: '', function: { arguments: text } })
const calls = (...deltas: JsonObject[]): string => chunkText([choice({ tool_calls: deltas })])

/** No role, no ids, one index for all, the wrong finish reason, usage before the last chunk, no `choices` in that. */
const poor = [
  ...words, calls(), calls(begin('weather')), calls(more('{"city":')), calls(more('"Bern"}')), calls(begin('clock'), more('{}')),
  chunkText([choice({ content: null }, 'stop')], { usage }), chunkText([], { choices: undefined })
]
const expected = [{ name: 'weather', input: { city: 'Bern' } }, { name: 'clock', input: {} }]

const tools = ['weather', 'clock'].map(name => ({ type: 'function' as const, function: { name, parameters: { type: 'object', properties: {} } } }))

/** Answers each request as the market would for this upstream. */
const fetchFor = (payloads: readonly string[]) => (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
  const inference = read(JSON.parse(String(init?.body)) as JsonObject)
  const { text, whole } = answer(inference, payloads)
  const body = inference.isStream ? text : JSON.stringify(whole)
  const type = inference.isStream ? 'text/event-stream' : 'application/json'
  return Promise.resolve(new Response(body, { headers: { 'content-type': type } }))
}

const baseURL = 'http://market.test/v1'

describe('openai', () => {
  const client = new OpenAI({ apiKey: 'k', baseURL, fetch: fetchFor(poor) })
  const asked = { model: 'text-prime', messages: [{ role: 'user' as const, content: 'Hello' }], tools }
  const said = {
    choices: [{
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: 'Hello 👋', tool_calls: expected.map(({ name }) => ({ type: 'function', function: { name } })) }
    }]
  }
  const argumentsOf = ({ choices }: OpenAI.ChatCompletion): unknown[] =>
    choices[0]!.message.tool_calls!.map(call => call.type === 'function' ? JSON.parse(call.function.arguments) as unknown : null)

  test('adds the stream up, with usage', async () => {
    const stream = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } })
    const completion = await stream.finalChatCompletion()
    expect(completion).toMatchObject(said)
    expect(argumentsOf(completion)).toEqual(expected.map(({ input }) => input))
    expect(await stream.totalUsage()).toMatchObject({ prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 })
  })
  test('adds the stream up to what it gets whole', async () => {
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion()
    const whole = await client.chat.completions.create(asked)
    expect(whole).toMatchObject(said)
    expect(argumentsOf(whole)).toEqual(argumentsOf(streamed))
    expect(whole.choices[0]!.message.content).toBe(streamed.choices[0]!.message.content)
    expect(whole.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 7 })
  })
  test('throws what a stream fails with', async () => {
    const failed = (): Promise<Response> => Promise.resolve(new Response(
      'data: {"error":{"message":"The supplier failed.","type":"server_error","code":"upstream_failed","param":null}}\n\n',
      { headers: { 'content-type': 'text/event-stream' } }
    ))
    const broken = new OpenAI({ apiKey: 'k', baseURL, fetch: failed, maxRetries: 0 })
    await expect(broken.chat.completions.stream(asked).finalChatCompletion()).rejects.toThrow('The supplier failed.')
  })
})

test('LangChain adds the stream up', async () => {
  const configuration = { baseURL, fetch: fetchFor(poor) as typeof fetch }
  const model = new ChatOpenAI({ model: 'text-prime', apiKey: 'k', configuration }).bindTools(tools)
  const chunks = []
  for await (const chunk of await model.stream('Hello')) chunks.push(chunk)
  const whole = chunks.reduce((sum, chunk) => sum.concat(chunk))
  expect(whole.text).toBe('Hello 👋')
  expect(whole.tool_calls.map(({ name, args }) => ({ name, input: args }))).toEqual(expected)
  expect(new Set(whole.tool_calls.map(({ id }) => id)).size).toBe(2)
  expect(whole.usage_metadata).toMatchObject({ input_tokens: 10, output_tokens: 7 })
})

test('Vercel\'s ai adds the stream up', async () => {
  const provider = createOpenAI({ apiKey: 'k', baseURL, fetch: fetchFor(poor) })
  const offered = vercel.tool({ inputSchema: vercel.jsonSchema({ type: 'object', properties: {} }) })
  const offers = { weather: offered, clock: offered }
  const result = vercel.streamText({ model: provider.chat('text-prime'), prompt: 'Hello', tools: offers })
  await result.consumeStream()
  expect(await result.text).toBe('Hello 👋')
  expect((await result.toolCalls).map(({ toolName, input }) => ({ name: toolName, input }))).toEqual(expected)
  expect(await result.finishReason).toBe('tool-calls')
  expect(await result.usage).toMatchObject({ inputTokens: 10, outputTokens: 7 })
})
