import { request } from 'node:http'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { chat, codeOf, direct, readStream, started, ticketFor, upstreamKey } from './support.ts'

test('a gateway gets the model server\'s bytes as they are, usage included', async () => {
  const setup = await started({ behaviour: { output_tokens: 30, piece_bytes: 7 } })
  const answer = await direct(setup)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  expect(answer.headers.get('server-timing')).toMatch(/^upstream;dur=\d+$/)
  const { content, usage, isDone } = readStream(await answer.text())
  expect([content.split(' ').length, usage!.completion_tokens, isDone]).toEqual([30, 30, true])
  expect(setup.market.events).toEqual([])
})

test('only what the request says goes on, with this edge\'s model, key, cap and a trace', async () => {
  const setup = await started({ environment: { UPSTREAM_EXTRA: '{"top_k": 4, "model": "no"}' } })
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const options = { include_usage: false }
  const body = chat({ temperature: 0.5, max_completion_tokens: 9999, max_tokens: 5000, stream_options: options })
  const ofClient = { cookie: 'a=b', authorization: 'Bearer client', 'x-api-key': 'client' }
  const headers = { traceparent, 'x-forwarded-for': '203.0.113.9', ...ofClient }
  await (await direct(setup, { body, headers })).text()
  const [sent] = setup.upstream.requests
  expect(Object.keys(sent!.headers).sort()).toEqual([
    'accept', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'traceparent', 'user-agent'
  ])
  expect(sent!.headers).toMatchObject({ authorization: `Bearer ${upstreamKey}`, traceparent })
  expect(JSON.parse(sent!.body)).toEqual({
    messages: [expect.anything()],
    temperature: 0.5,
    top_k: 4,
    model: 'llama-of-mine',
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 4096
  })
})

test('the cap is the smaller one of what was asked and what the ticket allows, shared by all answers', async () => {
  const setup = await started({ environment: { UPSTREAM_CAP_FIELD: 'max_completion_tokens' } })
  const capOf = async (body: string, outputMax: number): Promise<unknown> => {
    await (await direct(setup, { body, output_max: outputMax })).text()
    const sent = JSON.parse(setup.upstream.requests.at(-1)!.body) as { max_completion_tokens: unknown }
    return sent.max_completion_tokens
  }
  expect(await capOf(chat({ max_completion_tokens: 100 }), 50)).toBe(50)
  expect(await capOf(chat({ max_tokens: 20 }), 50)).toBe(20)
  expect(await capOf(chat({ n: 3 }), 50)).toBe(16)
  expect(await capOf(chat(), 50)).toBe(50)
})

test('a model server that refuses stream_options is asked again without, once (conformance 5)', async () => {
  const setup = await started({ behaviour: { rejects_stream_options: true } })
  expect((await direct(setup)).status).toBe(200)
  expect(setup.upstream.requests).toHaveLength(2)
  expect((await direct(setup)).status).toBe(200)
  expect(setup.upstream.requests.map(({ body }) => body.includes('stream_options'))).toEqual([true, false, false])
})

test('what the model server holds against the request is passed on in its words; all else is the edge\'s own trouble', async () => {
  const setup = await started({ behaviour: { fail: 'status', status: 400 } })
  const blamed = await direct(setup)
  expect([blamed.status, await blamed.json()]).toMatchObject([400, { error: { message: 'The simulated upstream was told to fail.' } }])
  const told: [number, number, string | null][] = [[401, 502, '1'], [404, 502, '1'], [500, 502, '1'], [503, 502, '1']]
  for (const [status, expected, retryAfter] of told) {
    setup.upstream.behave({ status })
    const answer = await direct(setup)
    expect([answer.status, answer.headers.get('retry-after')], String(status)).toEqual([expected, retryAfter])
    await answer.text()
  }
  setup.upstream.behave({ status: 429, retry_after: 17 })
  const limited = await direct(setup)
  expect([limited.status, limited.headers.get('retry-after'), await codeOf(limited)]).toEqual([503, '17', 'overloaded'])
})

test('a model server that can\'t be reached, or closes, is 502; one that is silent is 504', async () => {
  const closing = await started({ behaviour: { fail: 'close' } })
  expect((await direct(closing)).status).toBe(502)
  const silent = await started({ behaviour: { fail: 'hang' }, environment: { UPSTREAM_HEADERS_MS: '50' } })
  expect((await direct(silent)).status).toBe(504)
  await silent.upstream.close()
  const away = await started()
  await away.upstream.close()
  expect((await direct(away)).status).toBe(502)
})

test('an answer that breaks off breaks the connection', async () => {
  const setup = await started({ behaviour: { fail: 'cut', after: 4 } })
  const answer = await direct(setup)
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
})

test('a gateway that leaves takes the model server with it; before the first byte its ticket is good again', async () => {
  const setup = await started({ behaviour: { fail: 'hang' } })
  const body = chat()
  const ticket = ticketFor(setup.market, body, { recorder: 'gateway' })
  const stop = new AbortController()
  const asked = direct(setup, { body, ticket, signal: stop.signal })
  await vi.waitFor(() => { expect(setup.upstream.answers).toBe(1) })
  expect((await direct(setup, { body, ticket })).status).toBe(409)
  stop.abort()
  await expect(asked).rejects.toThrow()
  await vi.waitFor(() => { expect(setup.upstream.abandoned).toBe(1) })
  await vi.waitFor(() => { expect(setup.running.edge.live.size).toBe(0) })
  setup.upstream.behave({ fail: 'none' })
  const again = await direct(setup, { body, ticket })
  expect(again.status).toBe(200)
  await again.text()
  expect((await direct(setup, { body, ticket })).status).toBe(409)
})

test('a slow reader slows the model server', async () => {
  const setup = await started({ behaviour: { fail: 'endless' } })
  const asking = request(`${setup.url}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-market-ticket': ticketFor(setup.market, chat()) }
  })
  asking.on('error', () => { /* It is destroyed below. */ })
  asking.end(chat())
  const [answer] = await once(asking, 'response') as [NodeJS.ReadableStream]
  answer.pause()
  // Buffers on the way fill up, and then nothing moves any more: memory does not grow with what an upstream could say.
  const heap = (): number => process.memoryUsage().arrayBuffers
  let last = -1
  await vi.waitFor(() => {
    const now = heap()
    const isStill = Math.abs(now - last) < 100_000
    last = now
    expect(isStill).toBe(true)
  }, { timeout: 10_000, interval: 200 })
  expect(setup.upstream.abandoned).toBe(0)
  asking.destroy()
  await vi.waitFor(() => { expect(setup.upstream.abandoned).toBe(1) })
})

test('a body that is no object is refused', async () => {
  const setup = await started()
  expect((await direct(setup, { body: '[]' })).status).toBe(400)
  expect((await direct(setup, { body: '{' })).status).toBe(400)
})
