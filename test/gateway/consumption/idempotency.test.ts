// The same request, sent twice under one name: answered once, whichever gateways it reaches.

import { afterEach, expect, test } from 'vitest'
import { answerOf, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, codeOf, until } from './asking.ts'
import { smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

const opened: { close (): Promise<void> }[] = []
let upstream: ScriptedUpstream

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function gateways (options: Partial<SmallOptions> = {}): Promise<[Small, Small]> {
  upstream = await scriptedUpstream()
  const first = await smallConsumption({ upstreams: [upstream.url], ...options })
  const second = await smallConsumption({ upstreams: [upstream.url], market: first.market, ...options })
  opened.push(upstream, first, second)
  return [first, second]
}

const headers = { 'idempotency-key': 'order-1' }
const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })

test('while it is open: 409 that may be repeated; captured: 409 that may not', async () => {
  const [first, second] = await gateways()
  const answering = ask(first.url, { headers })
  const { response } = await upstream.next()
  await first.settled()
  for (const { url } of [first, second]) {
    const answer = await ask(url, { headers })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 409, code: 'request_open' })
    expect(answer.headers.get('x-should-retry')).toBe('true')
  }
  response.writeHead(200, streamHead).end(fine)
  const id = (await answering).headers.get('x-grid-request-id')
  await first.settled()
  for (const { url } of [first, second]) {
    const answer = await ask(url, { headers })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 409, code: 'request_done' })
    expect(answer.headers.get('x-should-retry')).toBe('false')
  }
  expect(id).toMatch(/^req_/)
  expect(first.captures).toHaveLength(1)
  expect(first.tokens()).toMatchObject({ held: 0, drawn: 7 })
})

test('at two gateways at once: one answers, and is not disturbed by the other', async () => {
  const [first, second] = await gateways()
  first.isHeldUp = second.isHeldUp = true
  const answering = [ask(first.url, { headers }), ask(second.url, { headers })]
  const calls = [await upstream.next(), await upstream.next()]
  first.isHeldUp = second.isHeldUp = false
  await first.settled()
  for (const { response } of calls) response.writeHead(200, streamHead).end(fine)
  const answers = await Promise.all(answering)
  await first.settled()
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(first.captures).toHaveLength(1)
  expect(first.tokens()).toMatchObject({ held: 0, drawn: 7 })
})

test('with another body, at a gateway that has not seen the first: who was first is answered', async () => {
  const [first, second] = await gateways()
  first.isHeldUp = second.isHeldUp = true
  const answering = ask(first.url, { headers })
  const call = await upstream.next()
  const other = ask(second.url, { headers, fields: { max_tokens: 7 } })
  const otherCall = await upstream.next()
  first.isHeldUp = second.isHeldUp = false
  await first.settled()
  for (const { response } of [call, otherCall]) response.writeHead(200, streamHead).end(fine)
  expect((await answering).status).toBe(200)
  expect((await other).status).toBe(409)
  await first.settled()
  expect(first.captures).toHaveLength(1)
  expect(first.tokens()).toMatchObject({ held: 0, drawn: 7 })
})

test('of two accounts, or two names, they are two requests', async () => {
  const [first] = await gateways()
  const answering = ['a', 'b'].map(name => ask(first.url, { headers: { 'idempotency-key': name } }))
  for (const each of [await upstream.next(), await upstream.next()]) each.response.writeHead(200, streamHead).end(fine)
  const ids = (await Promise.all(answering)).map(answer => answer.headers.get('x-grid-request-id'))
  expect(new Set(ids).size).toBe(2)
  await until(() => first.reports.length === 2)
})

test('what came to nothing is tried again under its name, and billed once', async () => {
  const [first, second] = await gateways({ settings: { attemptsMax: 1 } })
  const failing = ask(first.url, { headers })
  const failed = await upstream.next()
  failed.response.writeHead(500).end('{}')
  expect((await failing).status).toBe(502)
  await first.settled()
  const again = ask(second.url, { headers })
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
  expect((await again).status).toBe(200)
  await first.settled()
  expect(codeOf(await ask(first.url, { headers }))).toBe('request_done')
  expect(first.captures).toHaveLength(1)
  expect(first.tokens()).toMatchObject({ held: 0, drawn: 7 })
})
