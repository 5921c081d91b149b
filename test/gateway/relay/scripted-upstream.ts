// A model server that does what a test tells it, request by request: each is handed out when it has arrived whole, and
// nothing is answered by itself.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Call = {
  readonly headers: IncomingHttpHeaders
  readonly path: string
  readonly body: string
  readonly response: ServerResponse
  /** Resolves when who asked is gone, or has all of it. */
  readonly closed: Promise<unknown>
}

export type ScriptedUpstream = {
  readonly url: string
  /** The next request, once it is there. */
  next (): Promise<Call>
  /** Requests that nobody has taken. */
  readonly waiting: number
  close (): Promise<void>
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'scripted' }
const event = (chunk: object): string => `data: ${JSON.stringify(chunk)}\n\n`

export type Usage = { readonly input: number, readonly output: number, readonly reasoning?: number }

/** Events of a stream, as a model server writes them. */
export const role = event({ ...head, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] })
export const content = (text: string): string =>
  event({ ...head, choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })
export const finish = event({ ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
export const failure = event({ error: { message: 'out of memory', type: 'server_error' } })
export const done = 'data: [DONE]\n\n'
export const usage = ({ input, output, reasoning = 0 }: Usage): string => event({
  ...head,
  choices: [],
  usage: {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    completion_tokens_details: { reasoning_tokens: reasoning }
  }
})

export const streamHead = { 'content-type': 'text/event-stream' }

/** A whole answer of these words. */
export const answerOf = (words: readonly string[], { input, output }: Usage): string =>
  [role, ...words.map(content), finish, usage({ input, output }), done].join('')

export async function scriptedUpstream (): Promise<ScriptedUpstream> {
  const arrived: Call[] = []
  const wanted: ((call: Call) => void)[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    response.on('error', () => { /* Who asked is gone; `closed` says so. */ })
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      const closed = once(response, 'close')
      const call: Call = { headers: request.headers, path: request.url ?? '', body: Buffer.concat(parts).toString(), response, closed }
      const first = wanted.shift()
      if (first === undefined) arrived.push(call)
      else first(call)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: async () => {
      const first = arrived.shift()
      if (first !== undefined) return first
      const { promise, resolve } = Promise.withResolvers<Call>()
      wanted.push(resolve)
      return await promise
    },
    get waiting () { return arrived.length },
    async close () {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}
