// Stands between a tool that knows no Ed25519 and a gateway. A request whose signature headers all say `sign` is
// signed for the user; any other goes on as it came, so that the tool sees what becomes of requests without one.

import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fingerprintOf, signatureOf, type KeyPair } from './client.ts'

export const signMe = 'sign'
export const signed = ['x-thegrid-signature', 'x-thegrid-timestamp', 'x-thegrid-fingerprint']

export type SigningProxy = { readonly address: string, close (): Promise<void> }

async function bytesOf (incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

function signedHeaders (incoming: IncomingMessage, body: Buffer, keys: KeyPair): Record<string, string> {
  if (signed.some(name => incoming.headers[name] !== signMe)) return {}
  const timestamp = String(Math.floor(Date.now() / 1000))
  const [path = ''] = (incoming.url ?? '').split('?')
  const signable = { timestamp, method: incoming.method ?? '', path, body: body.toString() }
  return {
    'x-thegrid-timestamp': timestamp,
    'x-thegrid-fingerprint': fingerprintOf(keys),
    'x-thegrid-signature': signatureOf(signable, keys)
  }
}

type To = { readonly address: URL, readonly keys: KeyPair }

async function pass (incoming: IncomingMessage, reply: ServerResponse, to: To): Promise<void> {
  const body = await bytesOf(incoming)
  const { hostname, port } = to.address
  const headers = { ...incoming.headers, ...signedHeaders(incoming, body, to.keys) }
  const outgoing = request({ hostname, port, method: incoming.method, path: incoming.url, headers })
  outgoing.end(body)
  const [answer] = await once(outgoing, 'response') as [IncomingMessage]
  reply.writeHead(answer.statusCode ?? 502, answer.headers)
  answer.pipe(reply)
}

export async function signingProxy (address: string, keys: KeyPair): Promise<SigningProxy> {
  const to = { address: new URL(address), keys }
  const server = createServer((incoming, reply) => {
    pass(incoming, reply, to).catch((error: unknown) => reply.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close () {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }
}
