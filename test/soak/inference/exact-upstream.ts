// A model server that takes exactly what is held: its usage is the bound on the input, and as many words as it may
// make, one by one, at four paces in turn: so answers that began together end one after the other.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Of a message beyond its text, as the market bounds it. */
const messageTokens = 16

export type ExactUpstream = {
  readonly url: string
  /** Answers begun, and of those the ones that nobody waited for any more. */
  readonly begun: number
  readonly abandoned: number
  close (): Promise<void>
}

/** Whoever asks writes the cap under one of its two names. */
type Body = {
  readonly messages: readonly { readonly content: string }[]
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
}

const event = (choices: object[], more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'exact', choices, ...more })}\n\n`
const delta = (of: object, finish: string | null = null): object => ({ index: 0, delta: of, finish_reason: finish })

async function play (response: ServerResponse, { messages, ...caps }: Body, wordMs: number): Promise<void> {
  const output = caps.max_completion_tokens ?? caps.max_tokens ?? 0
  const input = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + messageTokens, 0)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(event([delta({ role: 'assistant', content: '' })]))
  for (let word = 0; word < output && !response.destroyed; word++) {
    response.write(event([delta({ content: ' word' })]))
    await new Promise(resolve => { setTimeout(resolve, wordMs) })
  }
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
  response.end(event([delta({}, 'stop')]) + event([], { usage }) + 'data: [DONE]\n\n')
}

export async function exactUpstream (wordMs: number): Promise<ExactUpstream> {
  const counts = { begun: 0, abandoned: 0 }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    response.on('error', () => { /* Who asked has gone; that is counted at the close. */ })
    response.on('close', () => { if (!response.writableFinished) counts.abandoned++ })
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      if (request.url !== '/v1/chat/completions') {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[{"id":"exact","object":"model"}]}')
        return
      }
      counts.begun++
      play(response, JSON.parse(Buffer.concat(parts).toString()) as Body, wordMs * (1 + counts.begun % 4))
        .catch((error: unknown) => { response.destroy(error as Error) })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get begun () { return counts.begun },
    get abandoned () { return counts.abandoned },
    async close () {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}
