// A client's response, as a relay sees it.

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Out } from '../../../gateway/relay/out.ts'
import { Reading } from './reading.ts'

let server: Server
let response: ServerResponse
let out: Out
let headsAsked: number
let answered: Promise<IncomingMessage>
let hangUp: () => void

beforeEach(async () => {
  const arrived = Promise.withResolvers<ServerResponse>()
  server = createServer((_request, given) => { arrived.resolve(given) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const request = httpRequest({ port: (server.address() as AddressInfo).port, agent: false })
  request.on('error', () => { /* Hung up by a test. */ })
  answered = once(request, 'response').then(([message]: IncomingMessage[]) => message!)
  answered.catch(() => {})
  hangUp = () => { request.destroy() }
  request.end()
  response = await arrived.promise
  headsAsked = 0
  out = new Out(response, () => {
    headsAsked++
    return { status: 200, headers: { 'x-head': 'yes' } }
  })
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('nothing is sent', () => {
  test('before the first text: the status can still be another', () => {
    out.write('', 1)
    expect({ headsAsked, hasBegun: out.hasBegun, sent: response.headersSent })
      .toEqual({ headsAsked: 0, hasBegun: false, sent: false })
  })

  test('to a client that has gone', async () => {
    const gone = new Promise<undefined>(resolve => { out.onGone = () => { resolve(undefined) } })
    hangUp()
    await gone
    expect(out.write('text', 1)).toBe(true)
    out.end('more')
    expect({ isGone: out.isGone, hasBegun: out.hasBegun, headsAsked })
      .toEqual({ isGone: true, hasBegun: false, headsAsked: 0 })
  })

  test('to one that had gone before anybody looked', async () => {
    const closed = once(response, 'close')
    hangUp()
    await closed
    expect(new Out(response, () => ({ status: 200, headers: {} })).isGone).toBe(true)
  })
})

describe('text', () => {
  test('takes the head with it, once', async () => {
    out.write('one', 5)
    out.write('two', 6)
    out.end('three')
    const message = await answered
    expect(await new Reading(message).rest()).toBe('onetwothree')
    expect({ headsAsked, head: message.headers['x-head'], at: out.lastWriteAt }).toEqual({ headsAsked: 1, head: 'yes', at: 6 })
    expect(message.headers['transfer-encoding']).toBe('chunked')
  })

  test('that is all has its length', async () => {
    out.end('東京')
    const message = await answered
    expect(await new Reading(message).rest()).toBe('東京')
    expect(message.headers['content-length']).toBe('6')
    expect(out.isGone).toBe(false)
  })

  test('beyond what a client takes is held against, until it reads', async () => {
    const drained = new Promise<undefined>(resolve => { out.onDrain = () => { resolve(undefined) } })
    const text = 'x'.repeat(1 << 20)
    while (out.write(text, 1));
    const reading = new Reading(await answered)
    await reading.next()
    await drained
    hangUp()
  })
})
