// Two small servers that see what a program sends: one in front of the gateway, which passes everything on, and a proxy
// that leads nowhere, for what is meant for anybody else.

import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Exchange = {
  /** Method and path; of a query only its names, since tickets travel there. */
  readonly asked: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  status: number
  /** From the first byte of the request to the last of the answer. */
  answer: string
}

export type Front = { readonly url: string, readonly seen: Exchange[], close (): Promise<void> }
export type DeadEnd = { readonly url: string, readonly wanted: string[], close (): Promise<void> }

async function listening (server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function closed (server: Server): Promise<void> {
  const ended = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await ended
}

function askedOf ({ method, url = '' }: IncomingMessage): string {
  const [path, query] = url.split('?', 2)
  const names = query === undefined ? '' : `?${query.split('&').map(each => each.split('=', 1)[0]).join('&')}`
  return `${method} ${path}${names}`
}

async function passOn (to: URL, seen: Exchange[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const body = Buffer.concat(parts)
  const exchange: Exchange = { asked: askedOf(request), headers: request.headers, body: body.toString('latin1'), status: 0, answer: '' }
  seen.push(exchange)
  const { method, url, headers } = request
  // The host stays as it was asked for: redirects lead back here.
  const onward = ask({ host: to.hostname, port: to.port, method, path: url, headers })
  onward.on('error', error => response.destroy(error))
  onward.on('response', reply => {
    exchange.status = reply.statusCode ?? 0
    response.writeHead(exchange.status, reply.headers)
    reply.on('data', (part: Buffer) => { exchange.answer += part.toString() })
    reply.on('error', error => response.destroy(error))
    reply.pipe(response)
  })
  response.on('close', () => { if (!response.writableFinished) onward.destroy() })
  onward.end(body)
}

export async function front (gateway: string): Promise<Front> {
  const seen: Exchange[] = []
  const server = createServer((request, response) => {
    passOn(new URL(gateway), seen, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  return { url: await listening(server), seen, close: () => closed(server) }
}

export async function deadEnd (): Promise<DeadEnd> {
  const wanted: string[] = []
  const server = createServer((request, response) => {
    wanted.push(String(request.headers.host))
    response.writeHead(502).end()
  })
  server.on('connect', ({ url = '' }, socket) => {
    wanted.push(url)
    socket.on('error', () => { /* Nobody waits for an answer. */ })
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  return { url: await listening(server), wanted, close: () => closed(server) }
}
