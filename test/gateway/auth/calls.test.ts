// Signed requests over the wire: what is signed is what was sent, byte for byte.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import Koa from 'koa'
import { expect, describe, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { calls } from '../../../gateway/auth/calls.ts'
import { CommandRates } from '../../../gateway/http/command-rates.ts'
import { aliases } from '../../../gateway/http/aliases.ts'
import { jsonBody } from '../../../gateway/http/body.ts'
import type { Call } from '../../../gateway/http/call.ts'
import { request, type RequestState } from '../../../gateway/http/request.ts'
import { command, mount, ownResource, resource } from '../../../gateway/http/route.ts'
import { fakePorts, now } from '../support.ts'
import { headersOf, identitiesOf, signedRequest, testKey, userOf } from './keys.ts'

const ada = testKey(1)
const ben = testKey(2)
const key = testKey(3)
const identities = identitiesOf([ada, userOf(1, { roles: ['trader', 'supplier'] })], [ben, userOf(2)])

type Heard = { readonly port: number, readonly heard: Call[] }

/** A gateway with a few routes that write down what they were called with. */
async function listening (): Promise<Heard> {
  const ports = fakePorts({ identities })
  const heard: Call[] = []
  const answer = (call: Call) => {
    heard.push(call)
    return { body: { data: call.caller?.holder ?? null } }
  }
  const routes = [
    command({ method: 'POST', path: '/orders', summary: '', body: z.looseObject({}), answer }),
    command({ method: 'DELETE', path: '/orders/:order', summary: '', answer }),
    command({ method: 'POST', path: '/supply', summary: '', access: ['supplier', 'admin'], answer }),
    ownResource({ path: '/me', summary: '', query: {}, answer }),
    resource({ path: '/health', summary: '', query: {}, answer: () => ({ body: { data: 'ok' } }) })
  ]
  const app = new Koa<RequestState>()
  app.use(request(ports))
  app.use(jsonBody())
  app.use(aliases)
  app.use(mount(routes, '/v1', { callOf: calls(ports), rates: new CommandRates(ports) }).routes())
  const respond = app.callback()
  const server = createServer((incoming, response) => {
    respond(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, heard }
}

/** Sends bytes as they are, and returns the status and the body of what comes back. */
async function raw (port: number, head: readonly string[], body: Buffer | string = ''): Promise<[number, string]> {
  const socket = connect(port, '127.0.0.1')
  socket.write(Buffer.from(`${[...head, 'host: market', 'connection: close'].join('\r\n')}\r\n\r\n`, 'latin1'))
  socket.write(Buffer.from(body))
  let answer = ''
  for await (const part of socket.setEncoding('utf8')) answer += part as string
  return [Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]), answer.slice(answer.indexOf('\r\n\r\n') + 4)]
}

type Asked = { readonly method?: string, readonly target: string, readonly body?: Buffer | string }

/** Signed with Ada's key unless it says otherwise. */
function lines ({ method = 'GET', target, body = '' }: Asked, by = ada): string[] {
  const signed = signedRequest(by, { method, target, body, at: now })
  const length = Buffer.from(body).length
  const type = length === 0 ? [] : [`content-length: ${length}`, 'content-type: application/json']
  return [`${method} ${target} HTTP/1.1`, ...Object.entries(headersOf(signed)).map(line => line.join(': ')), ...type]
}

async function ask (port: number, asked: Asked, by = ada): Promise<number> {
  return (await raw(port, lines(asked, by), asked.body))[0]
}

describe('a signed request', () => {
  test('is its user\'s, under any prefix, with a query that is not signed', async () => {
    const { port, heard } = await listening()
    for (const prefix of ['/v1', '/v1/trading', '/api/v1', '/api/v1/trading']) expect(await ask(port, { target: `${prefix}/me` })).toBe(200)
    expect(await ask(port, { target: '/v1/me' }, ben)).toBe(200)
    expect(heard.map(({ caller }) => caller?.holder)).toEqual([1, 1, 1, 1, 2])
  })

  test('is held against the path that was asked for, not the one it is an alias of', async () => {
    const { port } = await listening()
    const [first, ...rest] = lines({ target: '/v1/trading/me' })
    expect(first).toBe('GET /v1/trading/me HTTP/1.1')
    expect((await raw(port, ['GET /v1/me HTTP/1.1', ...rest]))[0]).toBe(401)
  })

  test('may have a path in any encoding', async () => {
    const { port, heard } = await listening()
    for (const target of ['/v1/orders/a%20b', '/v1/orders/a%2fb', '/v1/orders/a%2Fb', '/v1/orders/~.!']) {
      expect(await ask(port, { method: 'DELETE', target })).toBe(200)
    }
    expect(heard.map(({ params }) => params['order'])).toEqual(['a b', 'a/b', 'a/b', '~.!'])
  })

  test('covers a body in the spelling in which it was sent', async () => {
    const { port, heard } = await listening()
    const spelled = ['{"a":1}', ' {"a" : 1.0}\n', '{"n":"né"}', '{"n":"n\\u00e9"}', '{"a":1,"a":2}', '[]']
    const statuses = await Promise.all(spelled.map(body => ask(port, { method: 'POST', target: '/v1/orders', body })))
    expect(statuses).toEqual([200, 200, 200, 200, 200, 422])
    expect(heard.map(({ body }) => body)).toEqual(expect.arrayContaining([{ a: 1 }, { n: 'né' }, { a: 2 }]))
    const other = await raw(port, lines({ method: 'POST', target: '/v1/orders', body: '{"a":1}' }), '{"a":2}')
    expect(other[0]).toBe(401)
  })

  test('covers a body that comes in pieces', async () => {
    const { port, heard } = await listening()
    const signed = lines({ method: 'POST', target: '/v1/orders', body: '{"price":"1"}' }).filter(line => !line.startsWith('content-length'))
    const [status] = await raw(port, [...signed, 'transfer-encoding: chunked'], '7\r\n{"price\r\n6\r\n":"1"}\r\n0\r\n\r\n')
    expect([status, heard[0]?.body]).toEqual([200, { price: '1' }])
  })

  test('without a body where one may be is one of nothing', async () => {
    const { port, heard } = await listening()
    expect(await ask(port, { method: 'POST', target: '/v1/orders' })).toBe(200)
    expect(heard[0]?.body).toBeUndefined()
  })

  test('covers a body that nobody has use for', async () => {
    const { port, heard } = await listening()
    const target = '/v1/orders/x'
    expect(await ask(port, { method: 'DELETE', target, body: '{"reason":"late"}' })).toBe(200)
    expect(await ask(port, { method: 'GET', target: '/v1/me', body: '{}' })).toBe(200)
    const unsigned = [...lines({ method: 'DELETE', target }), 'content-length: 2']
    expect((await raw(port, unsigned, '{}'))[0]).toBe(401)
    expect(heard).toHaveLength(2)
  })

  test('can not be turned into another by sending the end of its path as a body', async () => {
    const { port, heard } = await listening()
    const [, ...signed] = lines({ method: 'DELETE', target: '/v1/orders/order_1/of' })
    const turned = ['DELETE /v1/orders/order_1 HTTP/1.1', ...signed, 'content-length: 3', 'content-type: application/json']
    expect((await raw(port, turned, '/of'))[0]).toBe(400)
    expect(heard).toEqual([])
  })

  test('of bytes that are no UTF-8 is 400 before anything is asked of its signature', async () => {
    const { port, heard } = await listening()
    for (const body of [Buffer.from('{"n":"\xe9"}', 'latin1'), Buffer.from('\ufeff{"a":1}'), Buffer.from('{"a":1}\0')]) {
      expect(await ask(port, { method: 'POST', target: '/v1/orders', body })).toBe(400)
    }
    expect(heard).toEqual([])
  })

  test('with a header twice is refused, even when both are the same', async () => {
    const { port } = await listening()
    const once = lines({ target: '/v1/me' })
    for (const name of ['x-thegrid-signature', 'x-thegrid-timestamp', 'x-thegrid-fingerprint']) {
      const twice = [...once, once.find(line => line.startsWith(name))!]
      expect((await raw(port, twice))[0]).toBe(401)
    }
  })
})

describe('who may not', () => {
  test('signs with another\'s key, or not at all, or is unknown: 401 and one code', async () => {
    const { port } = await listening()
    const signed = lines({ target: '/v1/me' })
    const foreign = lines({ target: '/v1/me' }, ben).filter(line => !line.startsWith('x-thegrid-fingerprint'))
    const others = [[...foreign, `x-thegrid-fingerprint: ${ada.fingerprint}`], lines({ target: '/v1/me' }, key)]
    for (const head of others) {
      const [status, body] = await raw(port, head)
      expect([status, JSON.parse(body)]).toMatchObject([401, { errors: { detail: 'invalid_signature', message: 'Signature verification failed.' } }])
    }
    const [status, body] = await raw(port, signed.slice(0, 1))
    expect([status, JSON.parse(body)]).toMatchObject([401, { error: { code: 'unauthorized' } }])
  })

  test('has not the role: 403, after it is known who asks', async () => {
    const { port, heard } = await listening()
    expect(await ask(port, { method: 'POST', target: '/v1/supply' })).toBe(200)
    const [status, body] = await raw(port, lines({ method: 'POST', target: '/v1/supply' }, ben))
    expect([status, JSON.parse(body)]).toMatchObject([403, { errors: { detail: 'insufficient_role', message: 'This needs the role supplier or admin.' } }])
    expect(await ask(port, { method: 'POST', target: '/v1/supply' }, key)).toBe(401)
    expect(heard).toHaveLength(1)
  })

  test('needs nothing for what is public', async () => {
    const { port } = await listening()
    expect((await raw(port, ['GET /v1/health HTTP/1.1', 'x-thegrid-signature: nonsense']))[0]).toBe(200)
  })
})
