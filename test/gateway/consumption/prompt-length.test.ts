// A prompt beyond the context is told, on each surface, so that the clients that speak it shorten the conversation.

import { afterEach, describe, expect, test } from 'vitest'
import { scriptedUpstream, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { eventsOf } from '../surfaces/answers.ts'
import { ask, codeOf, expectForm, type Answer, type SurfaceName } from './asking.ts'
import { smallConsumption, type SmallConsumption } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let upstream: ScriptedUpstream
let small: Small

async function market (): Promise<Small> {
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], account: { delivery: null } })
  return small
}

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const long = 'word '.repeat(130_000)
const messages = [{ role: 'user', content: long }]
const tooMuch = { chat: { messages }, messages: { messages }, responses: { input: long } }
const words = {
  chat: /^This model's maximum context length is 120000 tokens\. However, your messages resulted in \d{6} tokens or more\.$/,
  messages: /^prompt is too long: \d{6} tokens > 120000 maximum$/,
  responses: /^This model's maximum context length is 120000 tokens\./
}
const messageOf = ({ json }: Answer): string => (json as { error: { message: string } }).error.message
const codex = { 'user-agent': 'codex_cli_rs/0.169.0 (Linux; x86_64) xterm', originator: 'codex_cli_rs' }

const cases = (['chat', 'messages', 'responses'] as const)
  .flatMap(surface => [true, false].map(stream => [surface, stream] as const))

describe('found out here', () => {
  test.each(cases)('%s, streamed: %s: 422 with the field, its limit and the vendor\'s words', async (surface, stream) => {
    const { url } = await market()
    const answer = await ask(url, { surface, fields: { ...tooMuch[surface], stream }, redirect: 'manual' })
    expect([answer.status, codeOf(answer)]).toEqual([422, 'context_length_exceeded'])
    expectForm(surface, answer)
    expect(messageOf(answer)).toMatch(words[surface])
    const field = surface === 'responses' ? 'input' : 'messages'
    expect(answer.json).toMatchObject({ errors: { detail: { [field]: [expect.stringContaining('text-prime takes 120000')] } } })
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })
})

/** As vLLM says it. */
const said = 'This model\'s maximum context length is 8192 tokens. However, you requested 9000 tokens.'

async function refusedUpstream (surface: SurfaceName, headers: Record<string, string> = {}): Promise<Answer> {
  const { url } = await market()
  const answering = ask(url, { surface, fields: { stream: true }, headers: { 'x-grid-delivery': 'direct', ...headers } })
  const { response } = await upstream.next()
  response.writeHead(400, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ object: 'error', message: said, type: 'BadRequestError', code: 400 }))
  const answer = await answering
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  expect(small.reports).toMatchObject([{ outcome: 'failed', reason: 'context_length_exceeded' }])
  return answer
}

describe('found out by the server of models', () => {
  test.each([
    ['chat', said], ['messages', `prompt is too long: ${said}`], ['responses', said]
  ] as const)('%s: the same in the same words', async (surface, message) => {
    const answer = await refusedUpstream(surface)
    expect([answer.status, codeOf(answer), messageOf(answer)]).toEqual([422, 'context_length_exceeded', message])
    expectForm(surface, answer)
  })
})

function expectFailed (answer: Answer): void {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(answer.headers.get('x-grid-request-id')).toMatch(/^req_/)
  const events = eventsOf(answer.text)
  expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed'])
  expect(events.map(event => event['sequence_number'])).toEqual([0, 1, 2])
  expect(events[2]).toMatchObject({
    response: { status: 'failed', error: { code: 'context_length_exceeded', message: expect.stringMatching(words.responses) as unknown } }
  })
}

describe('Codex, which acts on events alone', () => {
  test.each([[codex], [{ 'user-agent': codex['user-agent'] }], [{ originator: 'Codex Desktop' }]])('is told in events: %j', async headers => {
    const { url } = await market()
    expectFailed(await ask(url, { surface: 'responses', fields: { input: long, stream: true }, headers, redirect: 'manual' }))
  })

  test('is told so, too, of what the server of models found out', async () => {
    const { status, text } = await refusedUpstream('responses', codex)
    expect(status).toBe(200)
    expect(eventsOf(text).at(-1)).toMatchObject({ type: 'response.failed', response: { error: { code: 'context_length_exceeded', message: said } } })
  })

  test('is told everything else as others are', async () => {
    const { url } = await market()
    const answer = await ask(url, { surface: 'responses', fields: { model: 'gpt-4o', stream: true }, headers: codex, redirect: 'manual' })
    expect([answer.status, codeOf(answer)]).toEqual([404, 'model_not_found'])
  })
})
