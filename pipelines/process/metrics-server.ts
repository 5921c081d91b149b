// What a process measures, for Prometheus, and whether it answers: on the loopback, for those who run it.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { collectDefaultMetrics } from 'prom-client'
import type { Context } from './context.ts'

/** Returns how to stop it. */
export async function serveMetrics ({ metrics, logger }: Pick<Context, 'metrics' | 'logger'>, port: number): Promise<() => Promise<void>> {
  collectDefaultMetrics({ register: metrics })
  const answer = async ({ url }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (url === '/health') {
      response.setHeader('content-type', 'application/json').end('{"status":"ok"}')
    } else if (url === '/metrics') {
      const text = await metrics.metrics()
      response.setHeader('content-type', metrics.contentType).end(text)
    } else {
      response.writeHead(404).end()
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      logger.warn({ error: String(error) }, 'metrics could not be read')
      response.destroy()
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return async () => {
    server.close()
    server.closeAllConnections()
    await Promise.resolve()
  }
}
