// The server of a gateway: what it can't read it says so of, and when it goes, who is with it is told.

import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closed, listen } from '../../../gateway/process/serve.ts'
import { bodyOf, until } from '../consumption/asking.ts'
import { benKey, smallConsumption, type SmallConsumption } from '../consumption/small-consumption.ts'
import { longHeaders, noHttp, raw } from '../serving/raw.ts'
import { fakePorts } from '../support.ts'

let small: SmallConsumption
let server: Server
let url: string

beforeEach(async () => {
  small = await smallConsumption({ upstreams: [] })
  server = await listen({ HOST: '127.0.0.1', PORT: 0 }, fakePorts(), small.consumption)
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await small.close()
})

const body = bodyOf('chat')

async function uploading (): Promise<ClientRequest> {
  const request = httpRequest(`${url}/v1/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${benKey}`, 'content-length': String(body.length) }
  })
  request.write(body.slice(0, -1))
  await until(() => small.consumption.live.size === 1)
  return request
}

test('headers that are too long, and what is no HTTP, are refused with an id', async () => {
  for (const [text, status] of [[longHeaders, 431], [noHttp, 400]] as const) {
    const answer = await raw(url, text)
    expect(answer.status).toBe(status)
    expect(answer.headers['x-grid-request-id']).toMatch(/^req_/)
    expect(answer.json).toMatchObject({ type: 'error', errors: { message: expect.any(String) as unknown } })
  }
})

test.each([['comes to its end', 60_000, body.slice(-1)], ['does not', 0, '']])(
  'when it goes, a body that %s has its answer before the connection is cut', async (_name, graceMs, rest) => {
    const { live } = small.consumption
    const request = await uploading()
    const answered = once(request, 'response')
    const closing = closed(server, { drained: () => live.drain(graceMs), giveUp: () => {} })
    request.write(rest)
    const [response] = await answered as [IncomingMessage]
    response.resume()
    expect({ status: response.statusCode, retry: response.headers['retry-after'] }).toEqual({ status: 503, retry: '1' })
    request.end()
    await closing
    expect(small.reports).toEqual([])
  }
)
