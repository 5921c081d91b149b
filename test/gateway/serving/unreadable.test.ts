// What no server can read: told with a status, an id, and in fields that clients of each vendor know.

import { once } from 'node:events'
import { createServer, type Server, type ServerOptions, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answerUnreadable } from '../../../gateway/serving/unreadable.ts'
import { longHeaders, noHttp, raw } from './raw.ts'

let server: Server

afterEach(async () => {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
})

async function serving (options: ServerOptions = {}, listener: RequestListener = (_request, response) => { response.end('fine') }): Promise<string> {
  server = createServer(options, listener)
  answerUnreadable(server, () => 'req_new')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const connections = async (): Promise<number> => await new Promise((resolve, reject) => {
  server.getConnections((error, count) => {
    if (error === null) resolve(count)
    else reject(error)
  })
})

test.each([
  ['headers that are too long', longHeaders, 431, 'headers_too_large'],
  ['what is no HTTP', noHttp, 400, 'malformed'],
  ['a header without a name', 'GET / HTTP/1.1\r\nhost: a\r\n: b\r\n\r\n', 400, 'malformed'],
  ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400, 'malformed']
])('%s', async (_name, text, status, code) => {
  const { headers, json, ...answer } = await raw(await serving(), text)
  expect(answer.status).toBe(status)
  expect(json).toMatchObject({ type: 'error', error: { code, type: 'invalid_request_error' }, errors: { detail: code }, request_id: 'req_new' })
  expect(json['errors']!['message']).toBe(json['error']!['message'])
  expect(headers).toMatchObject({
    'x-grid-request-id': 'req_new',
    'x-request-id': 'req_new',
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    connection: 'close'
  })
})

test('headers that don\'t come to their end', async () => {
  const answer = await raw(await serving({ headersTimeout: 20, connectionsCheckingInterval: 10 }), 'GET / HTTP/1.1\r\nhost: a\r\n')
  expect(answer).toMatchObject({ status: 408, json: { error: { code: 'body_timeout', type: 'timeout_error' } } })
})

test('a body that does not come to its end, before its answer is begun', async () => {
  const options = { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 }
  // Who waits for the body hears of its end, and has something to say as well, too late.
  const url = await serving(options, (request, response) => {
    request.resume()
    request.on('close', () => { response.writeHead(400).end('late') })
    request.on('error', () => { /* Cut. */ })
  })
  const answer = await raw(url, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nabc')
  expect(answer).toMatchObject({ status: 408, json: { error: { code: 'body_timeout' } } })
})

test('who reads it and does not hang up is cut', async () => {
  const socket = connect({ port: Number(new URL(await serving()).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.write(noHttp)
  let said = ''
  socket.on('data', part => { said += String(part) })
  await once(socket, 'end')
  expect(said).toContain('malformed')
  while (await connections() > 0) await new Promise(resolve => { setImmediate(resolve) })
  socket.destroy()
})

test('in the middle of an answer there is no place for another', async () => {
  const url = await serving({}, (_request, response) => { response.writeHead(200).write('half') })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  let said = ''
  socket.on('data', part => {
    said += String(part)
    if (said.includes('half')) socket.write(noHttp)
  })
  socket.on('error', () => { /* Cut, which is what is looked for. */ })
  await once(socket, 'close')
  expect(said).toContain('half')
  expect(said).not.toContain('malformed')
})

test('who is not there any more is told nothing, and others are served', async () => {
  const url = await serving()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(server, 'clientError')
  socket.write('GET / HT')
  socket.resetAndDestroy()
  await closed
  expect(await (await fetch(url)).text()).toBe('fine')
})
