// Free loopback ports, from a range below the one the kernel hands out to clients. A client that retries a dead broker
// on a port of that range may connect to itself and keep the port; here it can not.

import { once } from 'node:events'
import { createServer } from 'node:net'

const lowest = 20_000
const highest = 32_000

/** A port that could be bound a moment ago. Another program may take it first: who binds it must be ready to retry. */
export async function freePort (): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (await canBind(port)) return port
  }
  throw new Error(`No free port was found on 127.0.0.1 between ${lowest} and ${highest}.`)
}

/** Ports that differ from one another. */
export async function freePorts (count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}

/** Whether nobody listens there. */
export async function canBind (port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
