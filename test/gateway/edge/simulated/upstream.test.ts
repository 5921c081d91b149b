import { request } from 'node:http'
import { once } from 'node:events'
import OpenAI from 'openai'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { BehaviourSettings } from '../../../../gateway/edge/simulated/behaviour.ts'
import { simulatedUpstream, type SimulatedUpstream, type UpstreamSettings } from '../../../../gateway/edge/simulated/upstream.ts'
import { countTokens, loadTokenizer } from '../../../../gateway/tokenizer/tokenizer.ts'

async function upstream (behaviour: BehaviourSettings = {}, more: UpstreamSettings = {}): Promise<SimulatedUpstream> {
  const started = await simulatedUpstream({ behaviour, ...more })
  onTestFinished(() => started.close())
  return started
}

const client = ({ url }: SimulatedUpstream): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'secret', maxRetries: 0 })
const hello = [{ role: 'user' as const, content: 'Hello there' }]
const post = (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body), headers })
const streamed = { model: 'm', messages: hello, stream: true }

test('answers whole and streamed alike, the same each time, each word a token', async () => {
  await loadTokenizer()
  const made = await upstream({ output_tokens: 40, reasoning_tokens: 5 })
  const whole = await client(made).chat.completions.create({ model: 'm', messages: hello })
  const text = whole.choices[0]!.message.content!
  expect(countTokens(` ${text}`)).toBe(40)
  expect(whole.usage).toMatchObject({ completion_tokens: 45, completion_tokens_details: { reasoning_tokens: 5 } })
  const stream = await client(made).chat.completions
    .create({ model: 'm', messages: hello, stream: true, stream_options: { include_usage: true } })
  let content = ''
  let usage: unknown = null
  for await (const chunk of stream) {
    content += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  expect(content).toBe(text)
  expect(usage).toEqual(whole.usage)
  const other = await client(made).chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Bye' }] })
  expect(other.choices[0]!.message.content).not.toBe(text)
})

test('keeps to a cap, reasoning inside it, and says that it was cut', async () => {
  const made = await upstream({ output_tokens: 10, reasoning_tokens: 4 })
  const { choices: [choice], usage } = await client(made).chat.completions
    .create({ model: 'm', messages: hello, max_completion_tokens: 6, n: 2 })
  expect(choice!.finish_reason).toBe('length')
  expect(choice!.message.content!.split(' ')).toHaveLength(2)
  expect(usage!.completion_tokens).toBe(12)
})

test('calls tools when told to, and answers in text after their results', async () => {
  const made = await upstream()
  const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } }, required: ['city', 'days'] }
  const tools = ['weather', 'news'].map(name => ({ type: 'function' as const, function: { name, parameters } }))
  const asked = [{ role: 'user' as const, content: 'Please use the tools.' }]
  const runner = client(made).chat.completions.stream({ model: 'm', messages: asked, tools })
  const { choices: [choice] } = await runner.finalChatCompletion()
  expect(choice!.finish_reason).toBe('tool_calls')
  const calls = choice!.message.tool_calls!.map(call => 'function' in call ? [call.function.name, call.function.arguments] : [])
  expect(calls).toEqual([['weather', '{"city":"","days":2}'], ['news', '{"city":"","days":2}']])
  const { id } = choice!.message.tool_calls![0]!
  const after = await client(made).chat.completions
    .create({ model: 'm', tools, messages: [...asked, choice!.message, { role: 'tool', tool_call_id: id, content: 'sun' }] })
  expect(after.choices[0]!.finish_reason).toBe('stop')
})

test('answers a schema with the least that it allows', async () => {
  const made = await upstream()
  const schema = {
    type: 'object',
    properties: { kind: { enum: ['a', 'b'] }, list: { type: 'array', minItems: 1, items: { $ref: '#/$defs/row' } }, more: { anyOf: [{ type: 'null' }] } },
    required: ['kind', 'list', 'more'],
    $defs: { row: { type: 'object', properties: { isIt: { type: 'boolean' } }, required: ['isIt'] } }
  }
  const { choices } = await client(made).chat.completions
    .create({ model: 'm', messages: hello, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })
  expect(JSON.parse(choices[0]!.message.content!)).toEqual({ kind: 'a', list: [{ isIt: false }], more: null })
})

test('is told how to behave by a header and by the first line of a prompt, each over what held before', async () => {
  const made = await upstream({ output_tokens: 3 })
  made.behave({ reasoning_tokens: 1 })
  const ask = async (content: string, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await post(made.url, { messages: [{ role: 'user', content }] }, headers)
    return (await answer.json() as { usage: { completion_tokens: number } }).usage.completion_tokens
  }
  expect(await ask('Hello')).toBe(4)
  expect(await ask('Hello', { 'x-simulate': '{"output_tokens": 5}' })).toBe(6)
  expect(await ask('#simulate {"output_tokens": 7}\nHello', { 'x-simulate': '{"output_tokens": 5}' })).toBe(8)
  const wrong = await post(made.url, streamed, { 'x-simulate': '{"output_token": 5}' })
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('output_token')])
})

const usages: [BehaviourSettings['usage'], unknown][] = [
  ['right', 16], ['early', 16], ['missing', undefined], ['zero', 0], ['wrong', 48]
]
test.each(usages)('reports usage that is %s', async (usage, expected) => {
  const made = await upstream({ usage })
  const text = await (await post(made.url, { ...streamed, stream_options: { include_usage: true } })).text()
  const chunks = text.split('\n\n').filter(line => line.startsWith('data: {'))
    .map(line => JSON.parse(line.slice(6)) as { choices: unknown[], usage: { completion_tokens: number } | null })
  const told = chunks.filter(chunk => chunk.usage !== null)
  expect(told[0]?.usage?.completion_tokens).toBe(expected)
  if (usage === 'early') expect(told[0]!.choices).toHaveLength(1)
})

test('fails before the headers: with a status, closed, refused', async () => {
  const made = await upstream({ fail: 'status', status: 429, retry_after: 7 })
  const answer = await post(made.url, streamed)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
  await answer.text()
  made.behave({ fail: 'close' })
  await expect(post(made.url, streamed)).rejects.toThrow()
  const refusing = await upstream({ fail: 'refuse' })
  await expect(post(refusing.url, streamed)).rejects.toThrow()
  const strict = await upstream({ rejects_stream_options: true })
  const rejected = await post(strict.url, { ...streamed, stream_options: {} })
  expect([rejected.status, await rejected.text()]).toEqual([400, expect.stringContaining('stream_options')])
})

const begun = (fail: BehaviourSettings['fail'], after = 3): Promise<SimulatedUpstream> => upstream({ fail, after })

test('fails in the midst of a stream: cut, with an error, with garbage', async () => {
  const cut = await post((await begun('cut')).url, streamed)
  const parts: string[] = []
  const reading = async (): Promise<void> => {
    for await (const part of cut.body!) parts.push(Buffer.from(part).toString())
  }
  await expect(reading()).rejects.toThrow()
  expect(parts.join('').match(/data: /g)).toHaveLength(3)
  const none = await post((await begun('cut', 0)).url, streamed)
  expect(none.status).toBe(200)
  await expect(none.text()).rejects.toThrow()
  expect(await (await post((await begun('error')).url, streamed)).text()).toMatch(/data: \{"error":.*\n\n$/)
  expect(await (await post((await begun('garbage')).url, streamed)).text()).toContain('<html>')
})

test.each(['hang', 'stall', 'endless'] as const)('waits for ever, or never ends: %s; a client that leaves is noticed', async fail => {
  const made = await begun(fail)
  const asking = request(`${made.url}/v1/chat/completions`, { method: 'POST' })
  asking.on('error', () => { /* It is destroyed below. */ })
  asking.end(JSON.stringify(streamed))
  if (fail !== 'hang') {
    const [answer] = await once(asking, 'response') as [AsyncIterable<Buffer>]
    let length = 0
    for await (const part of answer) {
      length += part.length
      if (length > (fail === 'endless' ? 100_000 : 100)) break
    }
  }
  await vi.waitFor(() => { expect(made.answers).toBe(1) })
  asking.destroy()
  await vi.waitFor(() => { expect(made.abandoned).toBe(1) })
})

test('writes in pieces that cut characters, and much of it at the pace of the reader', async () => {
  const cut = await upstream({ piece_bytes: 1, output_tokens: 30 })
  const plain = await upstream({ output_tokens: 30 })
  expect(await (await post(cut.url, streamed)).text()).toBe(await (await post(plain.url, streamed)).text())
  const large = await upstream({ output_bytes: 5_000_001 })
  const text = await (await post(large.url, streamed)).text()
  const contents = text.matchAll(/"content":"([^"]*)"/g).map(([, content]) => content!.length)
  expect(contents.reduce((sum, length) => sum + length, 0)).toBe(5_000_001)
})

test('keeps a pace, in order, to the end', async () => {
  const made = await upstream({ first_token_ms: 10, tokens_per_second: 2000, output_tokens: 50 })
  const plain = await upstream({ output_tokens: 50 })
  const [slow, fast] = await Promise.all([made, plain].map(async ({ url }) => await (await post(url, streamed)).text()))
  expect(slow).toBe(fast)
  const whole = await client(made).chat.completions.create({ model: 'm', messages: hello })
  expect(whole.usage!.completion_tokens).toBe(50)
})

test('keeps what it was sent only when told to, and wants its key', async () => {
  const made = await upstream({}, { isRecording: true, key: 'secret', models: ['a', 'b'] })
  expect((await post(made.url, streamed, { 'x-a': 'b', authorization: 'Bearer other' })).status).toBe(401)
  expect((await client(made).models.list()).data.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(made.requests[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions', headers: { 'x-a': 'b' }, body: JSON.stringify(streamed) })
  const asked = await fetch(`${made.url}/requests`, { headers: { authorization: 'Bearer secret' } })
  expect(await asked.json()).toHaveLength(2)
  const other = await upstream()
  expect((await fetch(`${other.url}/requests`)).status).toBe(404)
  expect(await (await fetch(`${other.url}/health`)).json()).toEqual({ status: 'ok' })
})

test('with a context, takes what fits into it, its cap included, and no more', async () => {
  const made = await upstream({ context_tokens: 100 })
  const content = 'word '.repeat(50)
  const ask = (fields: object): Promise<Response> => post(made.url, { messages: [{ role: 'user', content }], ...fields })
  // A token for each five bytes, and three for the message.
  expect((await ask({ max_completion_tokens: 47 })).status).toBe(200)
  const refused = await ask({ max_tokens: 48 })
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining('maximum context length is 100 tokens') as unknown } })
  expect((await ask({})).status).toBe(200)
  made.behave({ context_tokens: 53 })
  expect((await ask({})).status).toBe(400)
})
