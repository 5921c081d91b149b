// One call of an upstream, in each way that it can go.

import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { logger } from '../../../gateway/log.ts'
import { Attempt, saidBy, UpstreamFailure } from '../../../gateway/relay/attempt.ts'
import { readNetworks } from '../../../gateway/suppliers/addresses.ts'
import { safeConnector } from '../../../gateway/suppliers/connector.ts'
import { scriptedUpstream, streamHead, type ScriptedUpstream } from './scripted-upstream.ts'

let upstream: ScriptedUpstream
let agent: Agent

beforeEach(async () => {
  upstream = await scriptedUpstream()
  agent = new Agent({ connections: 1, pipelining: 1 })
})

afterEach(async () => {
  await agent.destroy()
  await upstream.close()
})

const longMs = 60_000
const call = (
  { dispatcher = agent, origin = upstream.url, headersTimeoutMs = longMs, idleTimeoutMs = longMs } = {}
) => new Attempt({
  dispatcher, origin, path: '/v1/chat/completions', headers: { 'content-type': 'application/json' }, body: '{}', headersTimeoutMs, idleTimeoutMs
})

async function kindOf (failed: Promise<unknown>): Promise<string> {
  const error = await failed.then(() => null, (thrown: unknown) => thrown)
  return error instanceof UpstreamFailure ? error.kind : `no failure: ${String(error)}`
}

describe('an answer', () => {
  test('comes in the pieces in which it was written, to whoever reads', async () => {
    const attempt = call()
    const { response, body, path } = await upstream.next()
    expect({ body, path }).toEqual({ body: '{}', path: '/v1/chat/completions' })
    response.writeHead(200, { ...streamHead, 'x-two': ['a', 'b'] })
    response.write('one')
    expect(await attempt.headers).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream', 'x-two': 'a, b' } })
    const seen: string[] = []
    const first = Promise.withResolvers<undefined>()
    const read = attempt.read(bytes => {
      seen.push(bytes.toString())
      first.resolve(undefined)
      return true
    })
    await first.promise
    expect(seen).toEqual(['one'])
    response.end('two')
    await read
    expect(seen.join('')).toBe('onetwo')
  })

  test('waits for its reader', async () => {
    const attempt = call()
    const { response } = await upstream.next()
    response.writeHead(200)
    response.write('a')
    await attempt.headers
    const parts: string[] = []
    const first = Promise.withResolvers<undefined>()
    const read = attempt.read(bytes => {
      parts.push(bytes.toString())
      first.resolve(undefined)
      return false
    })
    await first.promise
    response.write('b')
    response.end('c')
    await new Promise(resolve => { setImmediate(resolve) })
    expect(parts).toEqual(['a'])
    const resuming = setInterval(() => { attempt.resume() }, 1)
    await read
    clearInterval(resuming)
    expect(parts.join('')).toBe('abc')
  })

  test('leaves its connection to the next one', async () => {
    const ports: (number | undefined)[] = []
    for (const body of ['first', 'second']) {
      const attempt = call()
      const { response } = await upstream.next()
      ports.push(response.socket?.remotePort)
      response.end(body)
      await attempt.headers
      await attempt.read(() => true)
    }
    expect(new Set(ports).size).toBe(1)
  })
})

describe('a failure', () => {
  test('nobody listens', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise(resolve => { server.close(resolve) })
    expect(await kindOf(call({ origin: `http://127.0.0.1:${port}` }).headers)).toBe('connect')
  })

  test.each([
    ['leads where nothing may be connected to', [], null],
    ['is somebody else', readNetworks('127.0.0.1'), Buffer.alloc(32, 7).toString('base64')]
  ])('the address %s', async (_name, networks, tlsPin) => {
    const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1'])
    const dispatcher = new Agent({ connect: safeConnector({ resolve, networks, tlsPin }) })
    expect(await kindOf(call({ dispatcher }).headers)).toBe('refused_address')
    expect(upstream.waiting).toBe(0)
    await dispatcher.destroy()
  })

  test('it hangs up before its headers', async () => {
    const attempt = call()
    ;(await upstream.next()).response.destroy()
    expect(await kindOf(attempt.headers)).toBe('reset')
    expect(await kindOf(attempt.read(() => true))).toBe('reset')
  })

  test('it says nothing', async () => {
    const attempt = call({ headersTimeoutMs: 50 })
    await upstream.next()
    expect(await kindOf(attempt.headers)).toBe('headers_timeout')
  })

  test('it stops in the middle', async () => {
    const attempt = call({ idleTimeoutMs: 50 })
    const { response } = await upstream.next()
    response.writeHead(200)
    response.write('a')
    await attempt.headers
    expect(await kindOf(attempt.read(() => true))).toBe('idle')
  })

  test('it breaks off in the middle', async () => {
    const attempt = call()
    const { response } = await upstream.next()
    response.writeHead(200)
    response.write('a')
    await attempt.headers
    const read = attempt.read(() => {
      response.destroy()
      return true
    })
    expect(await kindOf(read)).toBe('reset')
  })

  test('a reader that throws ends it', async () => {
    const attempt = call()
    const { response, closed } = await upstream.next()
    response.writeHead(200)
    response.write('a')
    await attempt.headers
    expect(await kindOf(attempt.read(() => { throw new Error('what is this') }))).toBe('malformed')
    await closed
  })
})

describe('aborted', () => {
  test('before its headers, the upstream notices', async () => {
    const attempt = call()
    const { closed } = await upstream.next()
    attempt.abort()
    expect(await kindOf(attempt.headers)).toBe('aborted')
    await closed
  })

  test('in the middle, the upstream notices', async () => {
    const attempt = call()
    const { response, closed } = await upstream.next()
    response.writeHead(200)
    response.write('a')
    await attempt.headers
    const read = attempt.read(() => true)
    attempt.abort(new UpstreamFailure('total_timeout'))
    expect(await kindOf(read)).toBe('total_timeout')
    await closed
  })

  test('before it was sent: nothing is sent', async () => {
    const first = call()
    const { response } = await upstream.next()
    const second = call() // Waits for the one connection there is.
    second.abort()
    expect(await kindOf(second.headers)).toBe('aborted')
    response.end('x')
    await first.headers
    await first.read(() => true)
    expect(upstream.waiting).toBe(0)
  })
})

describe('what an answer that is no success says', () => {
  test('is read to its end', async () => {
    const attempt = call()
    ;(await upstream.next()).response.writeHead(500).end('out of memory')
    await attempt.headers
    expect(await saidBy(attempt)).toBe('out of memory')
  })

  test('is cut where it is long', async () => {
    const attempt = call()
    ;(await upstream.next()).response.writeHead(500).end('x'.repeat(1_000_000))
    await attempt.headers
    expect(await saidBy(attempt)).toHaveLength(4096)
  })

  test('is in no log', () => {
    const failure = new UpstreamFailure('status', { status: 500, said: 'your prompt was: hello' })
    expect(failure.said).toContain('hello')
    const lines: string[] = []
    logger('info', { write: line => { lines.push(line) } }).warn({ err: failure }, 'failed')
    expect(lines.join('')).toContain('upstream failed: status 500')
    expect(lines.join('')).not.toContain('hello')
  })
})
