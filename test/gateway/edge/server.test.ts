import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { longHeaders, noHttp, raw } from '../serving/raw.ts'
import { newFolder } from '../spool/folder.ts'
import { cert, key } from '../suppliers/certificate.ts'
import { chat, codeOf, direct, hop, started, ticketFor } from './support.ts'

test('a browser may ask: what it asks for is said back, and what it needs is shown to it', async () => {
  const { url, ...setup } = await started()
  const asked = await fetch(`${url}/r/v1/chat/completions?token=x`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-stainless-os' }
  })
  expect([asked.status, asked.headers.get('access-control-allow-origin'), asked.headers.get('access-control-allow-headers')])
    .toEqual([204, '*', 'authorization,x-stainless-os'])
  const answers = [await hop({ url, ...setup }), await hop({ url, ...setup }, { ticket: 'x' })]
  for (const answer of answers) {
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/x-grid-request-id.*retry-after/)
  }
})

test('nothing else is there, and only to be posted to', async () => {
  const setup = await started()
  for (const path of ['/', '/v1/models', '/v1/messages', '/r/v1/embeddings', '/r', '/v1/chat/completions/', '/r/r/v1/chat/completions']) {
    const answer = await fetch(`${setup.url}${path}`, { method: 'POST' })
    expect([answer.status, await codeOf(answer)], path).toEqual([404, 'not_found'])
  }
  expect((await fetch(`${setup.url}/r/v1/chat/completions`)).status).toBe(405)
  expect((await fetch(`${setup.url}/v1/chat/completions`, { method: 'OPTIONS' })).status).toBe(405)
})

test('neither tickets, queries, keys nor prompts are logged', async () => {
  const setup = await started({ behaviour: { fail: 'status', status: 400, echo: true } })
  const body = chat({ messages: [{ role: 'user', content: 'a secret of mine' }] })
  const ticket = ticketFor(setup.market, body)
  await (await hop(setup, { body, ticket })).text()
  await (await hop(setup, { body, ticket })).text()
  await (await fetch(`${setup.url}/nothing?token=${ticket}`)).text()
  await (await direct(setup, { body, headers: { authorization: 'Bearer of-a-client' } })).text()
  const logged = setup.logged.join('')
  expect(logged).toContain('rejected')
  for (const secret of [ticket, ticket.split('.')[2]!, 'secret of mine', 'of-a-client', 'the-suppliers-own-key', 'token=']) {
    expect(logged).not.toContain(secret)
  }
})

test('what it can\'t read it says so of', async () => {
  const { url } = await started()
  for (const [text, status] of [[longHeaders, 431], [noHttp, 400]] as const) {
    const answer = await raw(url, text)
    expect(answer.status).toBe(status)
    expect(answer.headers['x-grid-request-id']).toMatch(/^req_/)
    expect(answer.json).toMatchObject({ type: 'error', errors: { message: expect.any(String) as unknown } })
  }
})

test('health and metrics tell how it goes', async () => {
  const setup = await started()
  await (await hop(setup)).text()
  await (await direct(setup)).text()
  await (await direct(setup, { ticket: 'x' })).text()
  await setup.running.sent()
  const metrics = await (await fetch(`${setup.url}/metrics`)).text()
  expect(metrics).toContain('edge_requests_total{way="chat",outcome="completed"} 1')
  expect(metrics).toContain('edge_requests_total{way="direct",outcome="completed"} 1')
  expect(metrics).toContain('edge_requests_total{way="direct",outcome="ticket_invalid"} 1')
  expect(metrics).toContain('edge_first_token_seconds_count 2')
  expect(metrics).toContain('edge_readings_unsent 0')
  expect(await (await fetch(`${setup.url}/health`)).json()).toEqual({ status: 'ok', open: 0 })
})

test('no more requests are let in than it takes', async () => {
  const setup = await started({ behaviour: { fail: 'hang' }, environment: { IN_FLIGHT_MAX: '1' } })
  const stop = new AbortController()
  const first = direct(setup, { signal: stop.signal })
  await vi.waitFor(() => { expect(setup.upstream.answers).toBe(1) })
  const second = await direct(setup)
  expect([second.status, second.headers.get('retry-after'), await codeOf(second)]).toEqual([503, '1', 'overloaded'])
  stop.abort()
  await expect(first).rejects.toThrow()
})

test('on its way out it lets nobody in, finishes what it can, and ends the rest with a word', async () => {
  const setup = await started({ behaviour: { fail: 'stall', after: 3 }, environment: { DRAIN_MS: '3000' } })
  const [slow, stalled] = await Promise.all([hop(setup), direct(setup)])
  const texts = Promise.allSettled([slow.text(), stalled.text()])
  const closing = setup.running.close()
  const refused = await direct(setup)
  expect([refused.status, await codeOf(refused)]).toEqual([503, 'draining'])
  expect(await (await fetch(`${setup.url}/health`)).json()).toEqual({ status: 'draining', open: 2 })
  await closing
  const [client, gateway] = await texts
  expect(client).toMatchObject({ status: 'fulfilled', value: expect.stringContaining('"code":"draining"') as unknown })
  expect(gateway.status).toBe('rejected')
  expect(setup.market.events.at(-1)).toMatchObject({ type: 'market.usage.failed', data: { reason: 'draining' } })
})

test('with a certificate it speaks https', async () => {
  const folder = newFolder()
  const files = { TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') }
  writeFileSync(files.TLS_CERT, cert)
  writeFileSync(files.TLS_KEY, key)
  const { url, market } = await started({ environment: files })
  const asking = request(`${url}/v1/chat/completions`, {
    method: 'POST',
    rejectUnauthorized: false,
    agent: false,
    headers: { 'content-type': 'application/json', 'x-market-ticket': ticketFor(market, chat(), { recorder: 'gateway' }) }
  })
  asking.end(chat())
  const [answer] = await once(asking, 'response') as [AsyncIterable<Buffer>]
  let text = ''
  for await (const part of answer) text += part.toString()
  expect(url).toMatch(/^https:/)
  expect(text).toContain('[DONE]')
})
