import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect, test, vi } from 'vitest'
import { countTokens } from '../../../gateway/tokenizer/tokenizer.ts'
import { chat, codeOf, hop, readStream, started, ticketFor, type Setup, type UsageEvent } from './support.ts'

const said = ({ market }: Setup): [type: string, input: number, output: number][] => market.events
  .map(({ type, data }) => [type.replace('market.usage.', ''), data.input_tokens, data.output_tokens])

async function finals (setup: Setup): Promise<UsageEvent[]> {
  await setup.running.sent()
  return setup.market.events.filter(({ type }) => type !== 'market.usage.progress')
}

test('a client gets its answer, and the market its readings: one at the headers, one at the end', async () => {
  const setup = await started({ behaviour: { output_tokens: 30 } })
  const answer = await hop(setup, { sub: 'req_of_it', jti: 'nonce-1' })
  expect([answer.status, answer.headers.get('x-grid-request-id'), answer.headers.get('cache-control'), answer.headers.get('referrer-policy')])
    .toEqual([200, 'req_of_it', 'no-store', 'no-referrer'])
  const { content, usage, isDone } = readStream(await answer.text())
  expect([content.split(' ').length, usage, isDone]).toEqual([30, null, true])
  await setup.running.sent()
  const { events } = setup.market
  expect(events.map(({ type }) => type)).toEqual(['market.usage.progress', 'market.usage.final'])
  const [begun, final] = events.map(({ data }) => data)
  expect(final).toMatchObject({ request_id: 'req_of_it', nonce: 'nonce-1', output_tokens: 30 })
  expect(final!.sequence).toBe(begun!.sequence + 1)
  expect(events[1]!.firsttokenms).toBeGreaterThanOrEqual(0)
  expect(new Set(events.map(({ id, source }) => `${source} ${id}`)).size).toBe(2)
})

test('usage shows where it was asked for, whole answers are whole, and a request of another recorder is not reported', async () => {
  const setup = await started({ behaviour: { output_tokens: 12, reasoning_tokens: 4 } })
  const streamed = await hop(setup, { body: chat({ stream_options: { include_usage: true } }), recorder: 'gateway' })
  expect(readStream(await streamed.text()).usage).toMatchObject({ completion_tokens: 16 })
  const whole = await hop(setup, { body: chat({ stream: false }), recorder: 'gateway' })
  expect(await whole.json()).toMatchObject({ object: 'chat.completion', model: 'llama-of-mine', usage: { completion_tokens: 16 } })
  await setup.running.sent()
  expect(setup.market.events).toEqual([])
})

test('the other surfaces are spoken too, by their own SDKs', async () => {
  const setup = await started({ behaviour: { output_tokens: 9 } })
  // A redirect's second hop: the SDK's own bearer goes nowhere, its body is what the ticket is bound to.
  const redirected = (path: string) => async (_: unknown, init?: RequestInit): Promise<Response> =>
    await hop(setup, { path, body: init?.body as string })
  const anthropic = new Anthropic({ baseURL: setup.url, apiKey: 'mine', fetch: redirected('/v1/messages'), maxRetries: 0 })
  const message = await anthropic.messages
    .stream({ model: 'text-prime', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] }).finalMessage()
  expect([message.stop_reason, message.usage.output_tokens]).toEqual(['end_turn', 9])
  const openai = new OpenAI({ baseURL: `${setup.url}/v1`, apiKey: 'mine', fetch: redirected('/v1/responses'), maxRetries: 0 })
  const response = await openai.responses.create({ model: 'text-prime', input: 'Hi', store: false })
  expect([response.status, response.output_text.split(' ').length]).toEqual(['completed', 9])
  expect((await finals(setup)).map(({ data }) => data.output_tokens)).toEqual([9, 9])
  expect(setup.upstream.requests.map(({ headers }) => Object.values(headers).includes('mine'))).toEqual([false, false])
})

test('the cap is what is held, where that is less than what was asked', async () => {
  const setup = await started({ behaviour: { output_tokens: 500 } })
  const content = 'Go on and on'
  const body = JSON.stringify({ model: 'text-prime', max_tokens: 3000, messages: [{ role: 'user', content }] })
  const bound = content.length + 16
  const answer = await hop(setup, { body, input_held: bound, held: bound + 300, output_max: 3000 })
  expect(await answer.json()).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 300 } })
  expect(JSON.parse(setup.upstream.requests[0]!.body)).toMatchObject({ max_tokens: 300 })
})

test('no more is made than is held, for all answers together, whatever cap the ticket has', async () => {
  const setup = await started({ behaviour: { output_tokens: 20_000 } })
  const body = chat({ n: 2, stream: false, messages: [{ role: 'user', content: 'Go on' }] })
  const answer = await hop(setup, { body, held: 30_000, input_held: 10_000, output_max: 60_000 })
  expect(await answer.json()).toMatchObject({ choices: [{ finish_reason: 'length' }, { finish_reason: 'length' }] })
  const { max_tokens: cap } = JSON.parse(setup.upstream.requests[0]!.body) as { max_tokens: number }
  const [final] = await finals(setup)
  expect([final!.data.output_tokens, cap]).toEqual([2 * cap, Math.floor((30_000 - 'Go on'.length - 16) / 2)])
})

test('what the model server does not say is estimated, an explicit zero is zero, and too much is not believed', async () => {
  const setup = await started({ behaviour: { output_tokens: 40, usage: 'missing' } })
  const text = readStream(await (await hop(setup)).text()).content
  setup.upstream.behave({ usage: 'zero' })
  await (await hop(setup)).text()
  setup.upstream.behave({ usage: 'wrong' })
  await (await hop(setup)).text()
  const outputs = (await finals(setup)).map(({ data }) => data.output_tokens)
  expect(outputs).toEqual([countTokens(text), 0, 40])
})

test('a client that leaves pays for what it got, and the model server is stopped', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 11 } })
  const stop = new AbortController()
  const body = chat()
  const ticket = ticketFor(setup.market, body)
  const answer = await hop(setup, { body, ticket, signal: stop.signal })
  const reader = answer.body!.getReader()
  let text = ''
  while ((text.match(/"content":"[^"]/g) ?? []).length < 10) text += Buffer.from((await reader.read()).value).toString()
  stop.abort()
  await vi.waitFor(() => { expect(setup.upstream.abandoned).toBe(1) })
  await vi.waitFor(() => { expect(setup.running.edge.live.size).toBe(0) })
  const [final] = await finals(setup)
  expect([final!.type, final!.data.output_tokens]).toEqual(['market.usage.final', 10])
  expect(final!.data.input_tokens).toBeGreaterThan(0)
  expect((await hop(setup, { body, ticket })).status).toBe(409)
})

test('one that leaves before the first byte pays nothing and may come again with its ticket', async () => {
  const setup = await started({ behaviour: { fail: 'hang' } })
  const body = chat()
  const ticket = ticketFor(setup.market, body)
  const stop = new AbortController()
  const asked = hop(setup, { body, ticket, signal: stop.signal })
  await vi.waitFor(() => { expect(setup.upstream.answers).toBe(1) })
  stop.abort()
  await expect(asked).rejects.toThrow()
  await vi.waitFor(() => { expect(setup.running.edge.live.size).toBe(0) })
  expect(setup.market.events).toEqual([])
  setup.upstream.behave({ fail: 'none' })
  expect((await hop(setup, { body, ticket })).status).toBe(200)
  expect((await finals(setup)).map(({ type }) => type)).toEqual(['market.usage.final'])
})

test.each(['cut', 'error', 'garbage'] as const)('an answer that breaks off (%s) says so in its own words, and is not billed', async fail => {
  const setup = await started({ behaviour: { fail, after: 6 } })
  const text = await (await hop(setup)).text()
  expect(text).toMatch(/data: \{"error":.*\}\n\n$/)
  expect(text).not.toContain('[DONE]')
  const [failed] = await finals(setup)
  expect(failed).toMatchObject({ type: 'market.usage.failed', data: { fault: 'supplier', output_tokens: 5 } })
  expect(said(setup)[0]![0]).toBe('progress')
})

const before: [object, number, string, string][] = [
  [{ fail: 'status', status: 500 }, 502, 'upstream_failed', 'supplier'],
  [{ fail: 'status', status: 401 }, 502, 'upstream_failed', 'supplier'],
  [{ fail: 'status', status: 429, retry_after: 9 }, 503, 'overloaded', 'supplier'],
  [{ fail: 'status', status: 400 }, 400, 'rejected', 'client'],
  [{ fail: 'close' }, 502, 'upstream_failed', 'supplier']
]

test.each(before)('a failure before the first byte (%o) has a status, in the words of the surface, and gives back what is held', async (behaviour, status, code, fault) => {
  const setup = await started({ behaviour })
  const body = JSON.stringify({ model: 'text-prime', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] })
  const answer = await hop(setup, { path: '/v1/messages', body })
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ type: 'error', error: { code }, errors: { detail: code } })
  expect(await finals(setup)).toMatchObject([{ type: 'market.usage.failed', data: { fault, reason: code, output_tokens: 0 } }])
})

test('a request that can\'t be read, or goes on from what is not here, is told so', async () => {
  const setup = await started()
  const wrong = await hop(setup, { body: chat({ temperature: 9 }) })
  expect([wrong.status, await codeOf(wrong)]).toEqual([422, { temperature: expect.anything() as unknown }])
  const body = JSON.stringify({ model: 'text-prime', input: 'Hi', previous_response_id: 'resp_1' })
  const missing = await hop(setup, { path: '/v1/responses', body })
  expect([missing.status, await codeOf(missing)]).toEqual([404, 'response_not_found'])
})

test('a request that goes on is told to be alive, to the client and to the market', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 3 } })
  const stop = new AbortController()
  const answer = await hop(setup, { signal: stop.signal })
  const reader = answer.body!.getReader()
  let text = ''
  const readMore = async (): Promise<void> => { text += Buffer.from((await reader.read()).value).toString() }
  while ((text.match(/data: /g) ?? []).length < 3) await readMore()
  const { live, elapsedMs } = setup.running.edge
  live.tick(elapsedMs() + 16_000)
  await readMore()
  expect(text).toMatch(/: keep-alive\n\n$/)
  live.tick(elapsedMs() + 31_000)
  await setup.running.sent()
  expect(setup.market.events.map(({ type }) => type)).toEqual(['market.usage.progress', 'market.usage.progress'])
  stop.abort()
  await vi.waitFor(() => { expect(live.size).toBe(0) })
})

test('a model server that falls silent is given up, and the answer is not billed', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 3 }, environment: { UPSTREAM_IDLE_MS: '50' } })
  expect(await (await hop(setup)).text()).toContain('upstream_timeout')
  expect(await finals(setup)).toMatchObject([{ type: 'market.usage.failed', data: { reason: 'upstream_timeout' } }])
})

test('an answer that takes too long is ended, unbilled', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 3 } })
  const answer = await hop(setup)
  const { live, elapsedMs } = setup.running.edge
  live.tick(elapsedMs() + 91 * 60_000)
  expect(await answer.text()).toContain('upstream_timeout')
  expect(await finals(setup)).toMatchObject([{ type: 'market.usage.failed', data: { reason: 'upstream_timeout' } }])
})

test('how long all of it may take, and how soon a client hears that it lives, are settings', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 3 }, environment: { TOTAL_MS: '9000', HEARTBEAT_MS: '2000' } })
  const answer = await hop(setup)
  const { live, elapsedMs } = setup.running.edge
  live.tick(elapsedMs() + 3000)
  live.tick(elapsedMs() + 20_000)
  expect(await answer.text()).toMatch(/: keep-alive\n\n.*upstream_timeout/s)
})

test('what was told to live, and whose client does not come back, is given back at the latest when the edge ends', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 1 } })
  const stop = new AbortController()
  const asked = hop(setup, { body: chat({ stream: false }), jti: 'nonce-1', signal: stop.signal })
  await vi.waitFor(() => { expect(setup.market.events).toHaveLength(1) })
  stop.abort()
  await expect(asked).rejects.toThrow()
  await vi.waitFor(() => { expect(setup.running.edge.live.size).toBe(0) })
  expect(await finals(setup)).toEqual([])
  await setup.running.close()
  const data = { fault: 'client', reason: 'disconnected', nonce: 'nonce-1', output_tokens: 0 }
  expect(setup.market.events.slice(1)).toMatchObject([{ type: 'market.usage.failed', data }])
})
