// One request on a connection of its own. `fetch` keeps its connections, and a server that shall stop waits for them.

import { request } from 'node:http'

export type Question = { method?: string, headers?: Record<string, string>, body?: string }
export type Reply = { status: number, body: string }

/** The reply, or nothing when there is no server, no reply in time, or half of one. */
export async function ask (url: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Reply | undefined> {
  const { promise, resolve } = Promise.withResolvers<Reply | undefined>()
  const nothing = () => resolve(undefined)
  const asked = request(url, { method, headers, agent: false, timeout: 2000 }, reply => {
    const chunks: Buffer[] = []
    reply.on('data', (chunk: Buffer) => chunks.push(chunk))
    reply.on('error', nothing)
    reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
  })
  asked.on('timeout', () => asked.destroy())
  asked.on('error', nothing)
  asked.on('close', nothing)
  asked.end(body)
  return await promise
}
