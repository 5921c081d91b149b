// What stands beside the gateway at the least: node:http in front, undici.dispatch behind, nothing between. It reads a
// request, sends it on, and passes the answer through. Run in a process of its own; says its port.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool, type Dispatcher } from 'undici'

const [, , origin = ''] = process.argv
const pool = new Pool(origin, { pipelining: 1 })

const passing = (response: ServerResponse): Dispatcher.DispatchHandler => ({
  onRequestStart: controller => { response.on('drain', () => { controller.resume() }) },
  onResponseStart: (_controller, status, { 'content-type': type, 'content-length': length }) => {
    const known = length === undefined ? {} : { 'content-length': String(length) }
    response.writeHead(status, { 'content-type': String(type), ...known })
  },
  onResponseData: (controller, chunk) => {
    if (!response.write(chunk)) controller.pause()
  },
  onResponseEnd: () => { response.end() },
  onResponseError: () => { response.destroy() }
})

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => { parts.push(part) })
  request.on('end', () => {
    const headers = { 'content-type': 'application/json' }
    pool.dispatch({ path: request.url ?? '', method: 'POST', headers, body: Buffer.concat(parts) }, passing(response))
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.once('disconnect', () => process.exit(0))
process.send?.((server.address() as AddressInfo).port)
