// A process that has to go: it takes nothing more, waits for what it has, and tells the rest that it is over, unbilled.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerOf, content, role, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, asJson, bodyOf, codeOf, connect, paths, until } from './asking.ts'
import { benKey, smallConsumption, type SmallConsumption } from './small-consumption.ts'

let upstream: ScriptedUpstream
let small: SmallConsumption & { readonly url: string }

beforeEach(async () => {
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url] })
})

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })
const body = bodyOf('chat')
const long = 60_000

/** A request whose last byte is not sent yet. */
async function uploading (location = new URL(paths.chat, small.url).href): Promise<ClientRequest> {
  const request = httpRequest(location, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${benKey}`, 'content-length': String(body.length) }
  })
  request.write(body.slice(0, -1))
  await until(() => small.consumption.live.size === 1)
  return request
}

async function answerTo (request: ClientRequest): Promise<string> {
  const [response] = await once(request, 'response') as [IncomingMessage]
  let text = ''
  for await (const part of response) text += String(part)
  const json = asJson(text)
  const { code } = (json?.['error'] ?? {}) as { code?: string }
  return `${response.statusCode} ${code} ${response.headers['retry-after']} ${response.headers.connection}`
}

async function nothingBilled (): Promise<void> {
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  expect(small.captures).toEqual([])
}

describe('while it drains', () => {
  test('what comes is refused, so that it is sent elsewhere', async () => {
    await small.consumption.live.drain(long)
    const answer = await ask(small.url)
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 503, code: 'draining' })
    expect(answer.headers.get('retry-after')).toBe('1')
    await nothingBilled()
  })

  test('a body that is on its way is waited for, and refused', async () => {
    const request = await uploading()
    let isDrained = false
    const drained = small.consumption.live.drain(long).then(() => { isDrained = true })
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => { setImmediate(resolve) })
    expect(isDrained).toBe(false)
    request.end(body.slice(-1))
    expect(await answerTo(request)).toBe('503 draining 1 close')
    await drained
    expect(upstream.waiting).toBe(0)
    await nothingBilled()
  })

  test('a body that does not come to its end is told in the end', async () => {
    const request = await uploading()
    const drained = small.consumption.live.drain(0)
    expect(await answerTo(request)).toBe('503 draining 1 close')
    await drained
    request.destroy()
    await nothingBilled()
  })

  test('so is one of a second hop, whose ticket is as good as before', async () => {
    const { headers } = await ask(small.url, { redirect: 'manual', headers: { 'x-grid-delivery': 'redirect' } })
    const location = headers.get('location')!
    const other = await smallConsumption({ upstreams: [upstream.url], market: small.market })
    await small.settled()
    const request = await uploading(location)
    const drained = small.consumption.live.drain(long)
    request.end(body.slice(-1))
    expect(await answerTo(request)).toBe('503 draining 1 close')
    await drained
    const following = ask(other.url, { path: location.slice(small.url.length), key: null, body })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
    await other.settled()
    expect(other.tokens()).toMatchObject({ held: 0, drawn: 7 })
    await other.close()
  })

  test('an answer under way comes to its end, and is billed', async () => {
    const { answered } = connect(small.url, { fields: { stream: true } })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('Hello'))
    const { reading } = await answered
    const drained = small.consumption.live.drain(long)
    response.end(fine.slice(role.length + content('Hello').length))
    expect(await reading.rest()).toContain('[DONE]')
    await drained
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
  })

  test('an answer that takes too long is ended with a word, and billed to nobody', async () => {
    const { answered } = connect(small.url, { fields: { stream: true } })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('Hello'))
    const { reading } = await answered
    await reading.next()
    await small.consumption.live.drain(0)
    expect(await reading.rest()).toContain('"code":"draining"')
    await closed
    await nothingBilled()
    expect(small.reports).toMatchObject([{ outcome: 'failed', reason: 'draining' }])
  })
})
