// Delivery without a redirect, through the engine: what is served, held, drawn and told.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { ask } from './asking.ts'
import { benKey, smallConsumption, type SmallConsumption } from './small-consumption.ts'

let upstream: SimulatedUpstream
let small: SmallConsumption & { readonly url: string }

beforeEach(async () => {
  upstream = await simulatedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url] })
})

afterEach(async () => {
  await small.close()
  await upstream.close()
})

async function chat (body: object, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${small.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${benKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'text-prime', messages: [{ role: 'user', content: 'Say something.' }], ...body })
  })
}

describe('what is left out of a request', () => {
  test.each([true, false])('is named to its client, on every surface; streamed: %s', async stream => {
    const asked = { chat: { metadata: { a: 'b' } }, messages: { metadata: { user_id: 'a' } }, responses: { metadata: { a: 'b' } } }
    for (const surface of ['chat', 'messages', 'responses'] as const) {
      for (const delivery of ['direct', 'redirect']) {
        const headers = { 'x-grid-delivery': delivery }
        const answer = await ask(small.url, { surface, fields: { ...asked[surface], stream }, headers })
        expect([surface, answer.status, answer.headers.get('x-grid-ignored')]).toEqual([surface, 200, 'metadata'])
        expect(answer.headers.get('access-control-expose-headers')).toContain('x-grid-ignored')
      }
      expect((await ask(small.url, { surface, fields: { stream } })).headers.has('x-grid-ignored')).toBe(false)
    }
  })
})

describe('a request that is answered', () => {
  test('whole: the tokens that the supplier reports are drawn, and the rest goes back', async () => {
    const response = await chat({ max_tokens: 100 })
    type Usage = { prompt_tokens: number, completion_tokens: number }
    const body = await response.json() as { usage: Usage, choices: { message: { content: string } }[] }
    expect(response.status).toBe(200)
    expect(body.choices[0]!.message.content).not.toBe('')
    await small.settled()
    const { drawn, held } = small.tokens()
    expect({ drawn, held }).toEqual({ drawn: body.usage.prompt_tokens + body.usage.completion_tokens, held: 0 })
    expect(small.captures).toHaveLength(1)
    expect(small.reports).toMatchObject([{ outcome: 'completed', servedModel: expect.any(String) as unknown, attempts: 1 }])
  })

  test('streamed: in chunks, with the usage at the end only where it was asked for', async () => {
    const response = await chat({ stream: true })
    const text = await response.text()
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(text).not.toContain('usage')
    const asked = await (await chat({ stream: true, stream_options: { include_usage: true } })).text()
    expect(asked).toContain('"choices":[]')
    await small.settled()
    expect(small.captures).toHaveLength(2)
  })
})
