// The client against a server that is not always kind.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import nacl from 'tweetnacl'
import { expect, onTestFinished, test } from 'vitest'
import { Client } from '../../../pipelines/demo/client.ts'
import { Signer } from '../../../pipelines/demo/keys.ts'

type Answer = { readonly status: number, readonly body?: string, readonly headers?: Record<string, string> }
type Request = { readonly method: string, readonly url: string, readonly headers: IncomingMessage['headers'], readonly body: string }

const signer = new Signer(randomBytes(32))

/** Answers in turn, the last one for ever. `hangUp`: no answer at all. */
async function server (...answers: (Answer | 'hangUp')[]): Promise<{ gateway: string, requests: Request[] }> {
  const requests: Request[] = []
  const listening = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]!
    text(request).then(body => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers, body })
      if (answer === 'hangUp') request.socket.destroy()
      else response.writeHead(answer.status, answer.headers).end(answer.body)
    }, () => {})
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => { listening.close() })
  return { gateway: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, requests }
}

function clientOf (gateway: string) {
  const waits: number[] = []
  const sleep = (ms: number) => Promise.resolve(waits.push(ms))
  return { waits, client: new Client({ gateway, signer, sleep, now: () => 1_706_500_000_900 }) }
}

const order = { market_id: 'text-prime', side: 'buy' }

test('a request is signed as it is sent, without its query', async () => {
  const { gateway, requests } = await server({ status: 201, body: '{"data":{"order_id":"a"}}' })
  const { client } = clientOf(gateway)
  const reply = await client.ask({ method: 'POST', path: '/v1/orders?x=1', body: order, idempotencyKey: 'k' })
  expect(reply).toEqual({ status: 201, body: { data: { order_id: 'a' } }, data: { order_id: 'a' }, code: null })
  const [{ method, url, headers, body }] = requests as [Request]
  expect([method, url, body]).toEqual(['POST', '/v1/orders?x=1', JSON.stringify(order)])
  expect(headers).toMatchObject({
    'x-thegrid-timestamp': '1706500000', 'x-thegrid-fingerprint': signer.fingerprint, 'idempotency-key': 'k', 'content-type': 'application/json'
  })
  const signature = Buffer.from(String(headers['x-thegrid-signature']), 'base64')
  const message = Buffer.from(`1706500000POST/v1/orders${JSON.stringify(order)}`)
  expect(nacl.sign.detached.verify(message, signature, Buffer.from(signer.publicKey, 'base64'))).toBe(true)
})

test('a read has no body and no content type', async () => {
  const { gateway, requests } = await server({ status: 200, body: '{"data":[]}' })
  await clientOf(gateway).client.get('/v1/orders')
  expect(requests[0]!.body).toBe('')
  expect(requests[0]!.headers).not.toHaveProperty('content-type')
})

test('what is not answered, or may be tried again, is sent again as it was', async () => {
  const { gateway, requests } = await server('hangUp', { status: 503, headers: { 'retry-after': '2' } }, { status: 204 })
  const { client, waits } = clientOf(gateway)
  expect(await client.ask({ method: 'POST', path: '/v1/orders', body: order })).toMatchObject({ status: 204, body: null })
  expect(new Set(requests.map(({ body }) => body)).size).toBe(1)
  expect(waits).toEqual([500, 2000])
})

test('three times are enough, and the last answer stands', async () => {
  const { gateway, requests } = await server({ status: 504, body: '{"error":{"code":"outcome_unknown"}}' })
  const { client } = clientOf(gateway)
  expect(await client.ask({ method: 'POST', path: '/v1/orders', body: order })).toMatchObject({ status: 504, code: 'outcome_unknown' })
  expect(requests).toHaveLength(3)
})

test('a refusal is an answer; a page that is no JSON is one as well', async () => {
  const { gateway, requests } = await server({ status: 400, body: '{"error":{"code":"INSUFFICIENT_BALANCE"}}' }, { status: 403, body: '<html>' })
  const { client } = clientOf(gateway)
  expect(await client.get('/v1/me')).toMatchObject({ status: 400, code: 'INSUFFICIENT_BALANCE' })
  expect(await client.get('/v1/me')).toMatchObject({ status: 403, code: null })
  expect(requests).toHaveLength(2)
})

test('nobody there is status 0, without an exception', async () => {
  const { gateway } = await server('hangUp')
  expect(await clientOf(gateway).client.get('/v1/me')).toEqual({ status: 0, body: null, data: null, code: null })
})

test('a client that is told to end tries no more', async () => {
  const { gateway, requests } = await server({ status: 503 })
  expect(await new Client({ gateway, signer, signal: AbortSignal.abort() }).get('/v1/me')).toMatchObject({ status: 0 })
  expect(requests).toHaveLength(0)
})
