// Stands between a client and a gateway: passes all of it on, sees what comes on each hop, and spoils the first answer
// on the second hop where it is told to.

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A number: it answers with that status. `cut`: the answer begins and is broken off. */
export type Mishap = 'reset' | 'cut' | 408 | 409 | 503 | null

export type Seen = {
  readonly method: string
  readonly isSecond: boolean
  readonly body: Buffer
  /** What would show the key: the names of the headers that do. */
  readonly auth: readonly string[]
}

export type Front = {
  readonly url: string
  readonly seen: readonly Seen[]
  /** Forgets what was seen; the next answer on the second hop is spoilt so. */
  begin (mishap: Mishap): void
  close (): Promise<void>
}

const authNames = ['authorization', 'x-api-key']

async function bodyOf (request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Half of what is whole, the first events of what is streamed. */
function cut (answer: IncomingMessage, response: ServerResponse): void {
  const { 'content-length': length } = answer.headers
  answer.once('data', (part: Buffer) => {
    const some = length === undefined ? part : part.subarray(0, Number(length) >> 1)
    response.write(some, () => { setImmediate(() => { response.destroy() }) })
    answer.destroy()
  })
}

export async function frontOf (gateway: string): Promise<Front> {
  const { hostname, port } = new URL(gateway)
  let seen: Seen[] = []
  let mishap: Mishap = null

  type Passed = { readonly body: Buffer, readonly isCut: boolean }

  function passOn (request: IncomingMessage, response: ServerResponse, { body, isCut }: Passed): void {
    // The host stays as the client has it: a redirect leads back here.
    const { method, url: path, headers } = request
    const sent = httpRequest({ hostname, port, method, path, headers, agent: false }, answer => {
      answer.on('error', () => { response.destroy() })
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      if (isCut) cut(answer, response)
      else answer.pipe(response)
    })
    sent.on('error', () => { response.destroy() })
    sent.end(body)
  }

  async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const isSecond = request.url?.startsWith('/r/') === true
    const auth = authNames.filter(name => request.headers[name] !== undefined)
    seen.push({ method: request.method ?? '', isSecond, body, auth })
    const now = isSecond ? mishap : null
    if (isSecond) mishap = null
    if (now === null || now === 'cut') passOn(request, response, { body, isCut: now === 'cut' })
    else if (now === 'reset') request.socket.resetAndDestroy()
    else {
      response.writeHead(now, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: 'spoilt', type: 'spoilt', code: 'spoilt' } }))
    }
  }

  const server = createServer((request, response) => {
    // A client that breaks off its own body is the client's affair.
    answer(request, response).catch(() => { response.destroy() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen () { return seen },
    begin (next) {
      seen = []
      mishap = next
    },
    async close () {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}
