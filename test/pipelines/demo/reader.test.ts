// The reader against a server that stands in for the gateway.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { chanceOf } from '../../../pipelines/demo/chance.ts'
import { Reader } from '../../../pipelines/demo/reader.ts'

type Said = { readonly url: string, readonly headers: IncomingMessage['headers'], readonly body: Record<string, unknown> }
type Told = { readonly status: number, readonly body: string, readonly headers?: Record<string, string> }

async function gatewayThat (tell: (path: string) => Told | null) {
  const said: Said[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => { text += String(chunk) }).on('end', () => {
      said.push({ url: request.url!, headers: request.headers, body: JSON.parse(text) as Said['body'] })
      const told = tell(request.url!)
      if (told === null) request.socket.destroy()
      else response.writeHead(told.status, told.headers).end(told.body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, said }
}

function readerAt (gateway: string) {
  const outcomes: string[] = []
  const count = (outcome: string): void => { outcomes.push(outcome) }
  return { outcomes, reader: new Reader({ gateway, key: 'k', models: ['text-prime', 'code-max'], chance: chanceOf(7), count }) }
}

test('it asks on every surface, in every mode, and follows where it is sent', async () => {
  const { url, said } = await gatewayThat(path => path.startsWith('/r/')
    ? { status: 200, body: '{}' }
    : { status: 307, body: '', headers: { location: `/r${path}` } })
  const { reader, outcomes } = readerAt(url)
  for (let asked = 0; asked < 40; asked++) await reader.ask()
  expect(new Set(outcomes)).toEqual(new Set(['done']))
  const first = said.filter(({ url: path }) => !path.startsWith('/r/'))
  expect(new Set(first.map(({ url: path }) => path))).toEqual(new Set(['/v1/chat/completions', '/v1/messages', '/v1/responses']))
  expect(new Set(first.map(({ headers }) => headers['x-grid-delivery']))).toEqual(new Set(['redirect', 'supplier', 'direct']))
  expect(new Set(first.map(({ body }) => `${String(body['model'])} ${String(body['stream'])}`)).size).toBe(4)
  expect(new Set(first.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer k']))
})

test('what it was refused is counted by its code, a proxy\'s page by its status', async () => {
  const answers: (Told | null)[] = [
    { status: 402, body: '{"error":{"code":"insufficient_credits"}}' }, { status: 502, body: '<html>' }, null
  ]
  const { url } = await gatewayThat(() => answers.shift()!)
  const { reader, outcomes } = readerAt(url)
  for (let asked = 0; asked < 3; asked++) await reader.ask()
  expect(outcomes).toEqual(['insufficient_credits', '502', 'unanswered'])
})

test('at its end it breaks off what it asks, and counts nothing', async () => {
  const arrived = Promise.withResolvers<undefined>()
  const server = createServer(() => { arrived.resolve(undefined) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { reader, outcomes } = readerAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  reader.start()
  const asking = reader.ask()
  await arrived.promise
  await reader.stop()
  await asking
  expect(outcomes).toEqual([])
  server.close()
})
