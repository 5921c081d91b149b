// The HTTP server of a gateway: its limits, its start, its end.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { gateway } from '../app.ts'
import type { Consumption } from '../consumption/consumption.ts'
import type { Ports } from '../ports.ts'
import { answerUnreadable } from '../serving/unreadable.ts'

const headersMs = 60_000
/** The largest body at a slow line's pace. */
const requestMs = 10 * 60_000
const headerBytesMax = 16 * 1024

export type Address = { readonly HOST: string, readonly PORT: number }

export async function listen ({ HOST, PORT }: Address, ports: Ports, consumption: Consumption): Promise<Server> {
  const answer = gateway(ports, consumption).callback()
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    maxHeaderSize: headerBytesMax,
    keepAliveTimeout: 65_000
  }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  answerUnreadable(server, () => `req_${consumption.random(16).toString('base64url')}`)
  server.listen(PORT, HOST)
  await once(server, 'listening')
  ports.log.info({ address: server.address() }, 'listening')
  return server
}

export type Leaving = {
  /** Until streams under way have ended, or it is told to them that they have to. */
  readonly drained: () => Promise<void>
  /** Whoever still waits for an outcome is told that it is unknown. */
  readonly giveUp: () => void
}

const graceMs = 2000
const lastWordsMs = 200

/** Requests under way are answered: as they should be, then by what `giveUp` says, and then no more. */
export async function closed (server: Server, { drained, giveUp }: Leaving): Promise<void> {
  const ended = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await drained()
  server.closeIdleConnections()
  const timers = [
    setTimeout(giveUp, graceMs),
    setTimeout(() => { server.closeAllConnections() }, graceMs + lastWordsMs)
  ]
  await ended
  timers.forEach(timer => { clearTimeout(timer) })
}
