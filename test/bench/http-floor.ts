// What stands beside the gateway: node:http, which reads a request's body and answers with as many bytes as ours does.
// Run by orders.ts, in a process of its own; says its port.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [, , bytes] = process.argv
const body = JSON.stringify({ data: 'x'.repeat(Math.max(0, Number(bytes) - 11)) })

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(201, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length }).end(body)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.once('disconnect', () => process.exit(0))
process.send?.((server.address() as AddressInfo).port)
