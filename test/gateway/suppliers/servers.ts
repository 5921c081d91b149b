// Servers that stand for edges, on the loopback, for the length of one test.

import { once } from 'node:events'
import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createEncrypted } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { cert, key } from './certificate.ts'

export type Edge = {
  readonly port: number
  /** Requests that it heard. */
  readonly heard: string[]
  /** Connections that were made to it. */
  readonly connections: () => number
}

async function listening (make: (listener: RequestListener) => Server, address: string): Promise<Edge> {
  const heard: string[] = []
  let connections = 0
  const server = make((request, response) => {
    heard.push(`${request.method ?? ''} ${request.url ?? ''}`)
    response.end('served')
  })
  server.on('connection', () => { connections++ })
  server.listen(0, address)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { port, heard, connections: () => connections }
}

export const plainEdge = (address = '127.0.0.1'): Promise<Edge> => listening(createPlain, address)

export const encryptedEdge = (): Promise<Edge> =>
  listening(listener => createEncrypted({ cert, key }, listener), '127.0.0.1')
