// From the bytes of an upstream to a client's socket.

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Attempt, UpstreamFailure } from '../../../gateway/relay/attempt.ts'
import { Delivered } from '../../../gateway/relay/delivered.ts'
import { Out } from '../../../gateway/relay/out.ts'
import { pump, type Pumped } from '../../../gateway/relay/pump.ts'
import type { AnswerWriter } from '../../../gateway/surfaces/surface.ts'
import { Reading } from './reading.ts'
import {
  answerOf, content, done, failure, finish, role, scriptedUpstream, streamHead, usage, type Call, type ScriptedUpstream
} from './scripted-upstream.ts'

/** The words, a line each. */
const lines: AnswerWriter = {
  write: ({ choices }) => choices.map(({ delta }) => typeof delta.content === 'string' && delta.content !== '' ? `${delta.content}\n` : '').join(''),
  heartbeat: () => '',
  end: () => 'end',
  fail: () => 'fail'
}

type Running = {
  readonly call: Call
  readonly client: Reading
  readonly hangUp: () => void
  readonly pumped: Promise<Pumped>
  readonly delivered: Delivered
}

let upstream: ScriptedUpstream
let agent: Agent
let server: Server
let isSpent: () => boolean

beforeEach(async () => {
  upstream = await scriptedUpstream()
  agent = new Agent()
  isSpent = () => false
})

afterEach(async () => {
  await agent.destroy()
  server.closeAllConnections()
  server.close()
  await upstream.close()
})

/** A client asks, the upstream has begun its answer. */
async function begin (first = role): Promise<Running> {
  const pumping = Promise.withResolvers<{ pumped: Promise<Pumped>, delivered: Delivered }>()
  server = createServer((_request, response) => {
    const out = new Out(response, () => ({ status: 200, headers: {} }))
    const attempt = new Attempt({
      dispatcher: agent, origin: upstream.url, path: '/', headers: {}, body: '{}', headersTimeoutMs: 60_000, idleTimeoutMs: 60_000
    })
    const delivered = new Delivered()
    out.write('> ', 0)
    attempt.headers.then(() => {
      const pumped = pump({ requestId: 'r', attempt, delivered, out, writer: lines, collector: null, elapsedMs: () => 1, isSpent: () => isSpent() })
      pumped.then(() => { out.end('end') }, () => { response.destroy() })
      pumping.resolve({ pumped, delivered })
    }, pumping.reject)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const request = httpRequest({ port: (server.address() as AddressInfo).port, method: 'POST', agent: false })
  request.on('error', () => { /* A test hung up. */ })
  const answered = once(request, 'response')
  request.end()
  const call = await upstream.next()
  call.response.writeHead(200, streamHead)
  call.response.write(first)
  const [answer] = await answered as [IncomingMessage]
  const client = new Reading(answer)
  expect(await client.next()).toBe('> ')
  return { call, client, hangUp: () => { answer.destroy() }, ...await pumping.promise }
}

const kindOf = (failed: Promise<unknown>): Promise<unknown> =>
  failed.then(value => value, (error: unknown) => error instanceof UpstreamFailure ? error.kind : error)

describe('passing on', () => {
  test('each event is with the client before the next one is written', async () => {
    const { call: { response }, client, pumped } = await begin()
    for (const word of ['one', 'two', 'three']) {
      response.write(content(word))
      expect(await client.next()).toBe(`${word}\n`)
    }
    response.end(finish + done)
    expect(await pumped).toBe('ended')
    expect(await client.rest()).toBe('end')
  })

  test('pieces of any length come to the same', async () => {
    const words = ['España ', '東京 ', 'über ', 'мир ', '🙂🙂 ', 'café']
    const bytes = Buffer.from(answerOf(words, { input: 5, output: 9 }))
    for (let length = 1; length <= 7; length++) {
      const { call: { response }, client, pumped, delivered } = await begin('')
      for (let at = 0; at < bytes.length; at += length) {
        response.write(bytes.subarray(at, at + length))
        if (at % 70 < length) await new Promise(resolve => { setImmediate(resolve) })
      }
      response.end()
      expect(await pumped).toBe('ended')
      expect(await client.rest()).toBe(`${words.join('\n')}\nend`)
      expect(delivered.usage).toMatchObject({ input: 5, output: 9 })
      server.close()
    }
  })

  test('what comes after the end is not passed on', async () => {
    const { call: { response }, client, pumped } = await begin()
    response.end(content('a') + finish + done + content('b'))
    expect(await pumped).toBe('ended')
    expect(await client.rest()).toBe('a\nend')
  })
})

describe('an upstream', () => {
  test('that ends before its finish reason has cut its answer', async () => {
    const { call: { response }, pumped } = await begin()
    response.end(content('a'))
    expect(await kindOf(pumped)).toBe('truncated')
  })

  test('that says it is done without a finish reason has, too', async () => {
    const { call: { response }, pumped } = await begin()
    response.end(content('a') + done)
    expect(await kindOf(pumped)).toBe('truncated')
  })

  test.each([
    ['breaks off', content('a')],
    ['breaks off within an event', content('a') + content('b').slice(0, 20)]
  ])('that %s is told as broken', async (_name, text) => {
    const { call: { response }, client, pumped } = await begin()
    response.write(text)
    expect(await client.next()).toBe('a\n')
    response.destroy()
    expect(await kindOf(pumped)).toBe('reset')
  })

  test('that says that it failed is believed', async () => {
    const { call: { response }, pumped } = await begin()
    response.end(content('a') + failure)
    expect(await kindOf(pumped)).toBe('reported')
  })

  test.each([['no JSON', 'data: {"choices":[{\n\n'], ['no chunk', 'data: <html>\n\n']])('that sends %s has failed', async (_name, text) => {
    const { call: { response }, pumped } = await begin()
    response.end(text)
    expect(await kindOf(pumped)).toBe('reported')
  })

  test('that breaks off behind its finish reason has said all there is', async () => {
    const { call: { response }, client, pumped } = await begin()
    response.write(content('a') + finish)
    expect(await client.next()).toBe('a\n')
    response.destroy()
    expect(await pumped).toBe('ended')
  })

  test('that never closes what it has ended is left', async () => {
    const { call: { response, closed }, client, pumped } = await begin()
    response.write(content('a') + finish + usage({ input: 1, output: 1 }) + done)
    expect(await pumped).toBe('ended')
    expect(await client.rest()).toBe('a\nend')
    await closed
  })
})

describe('the other ends', () => {
  test('a client that leaves takes the upstream with it', async () => {
    const { call: { response, closed }, client, hangUp, pumped } = await begin()
    response.write(content('a'))
    await client.next()
    hangUp()
    expect(await kindOf(pumped)).toBe('aborted')
    await closed
  })

  test('for want of tokens the answer ends where it is', async () => {
    const { call: { response, closed }, client, pumped, delivered } = await begin()
    isSpent = () => delivered.textLength > 3
    response.write(content('one'))
    expect(await client.next()).toBe('one\n')
    response.write(content('two'))
    expect(await pumped).toBe('spent')
    expect(await client.rest()).toBe('two\nend')
    await closed
  })
})
