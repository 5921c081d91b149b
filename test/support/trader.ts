// A trader's program, as small as it can be: keys, signatures, and requests over connections that stay open.

import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { Agent, request } from 'node:http'
import { holderId, type HolderId } from '../../schemas/units.ts'

/** Someone with an account and a key. */
export type Trader = {
  readonly holder: HolderId
  readonly privateKey: KeyObject
  /** base64 of the 32 bytes. */
  readonly publicKey: string
  readonly fingerprint: string
}

/** In front of the 32 bytes of a seed it makes a PrivateKeyInfo. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The same person for the same number and seed. */
export function traderOf (holder: number, seed: string): Trader {
  const secret = createHash('sha256').update(`${seed} ${holder}`).digest()
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, secret]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const raw = Buffer.from(x, 'base64url')
  const fingerprint = createHash('sha256').update(raw).digest('base64').replace(/=+$/, '')
  return { holder: holderId(holder), privateKey, publicKey: raw.toString('base64'), fingerprint }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export type Ask = {
  readonly method: Method
  /** With its prefix. */
  readonly path: string
  /** Without the question mark. */
  readonly query?: string
  readonly body?: object
}

export type Signed = Readonly<Record<'x-thegrid-signature' | 'x-thegrid-timestamp' | 'x-thegrid-fingerprint', string>>

/** The headers with which a request is somebody's. */
export function signatureOf ({ privateKey, fingerprint }: Trader, { method, path }: Ask, body: string): Signed {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = sign(null, Buffer.from(`${timestamp}${method}${path}${body}`), privateKey).toString('base64')
  return { 'x-thegrid-signature': signature, 'x-thegrid-timestamp': timestamp, 'x-thegrid-fingerprint': fingerprint }
}

export type Reply = {
  readonly status: number
  /** Undefined where there is none. */
  readonly body: unknown
}

/** Connections to one gateway. Rejects where there is no answer: then nothing is known. */
export class GatewayClient {
  readonly url: string
  readonly #host: string
  readonly #port: number
  readonly #agent: Agent
  readonly #timeoutMs: number

  constructor (url: string, { sockets = 64, timeoutMs = 15_000 } = {}) {
    const { hostname, port } = new URL(url)
    this.url = url
    this.#host = hostname
    this.#port = Number(port)
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets })
    this.#timeoutMs = timeoutMs
  }

  ask (trader: Trader, asked: Ask): Promise<Reply> {
    const body = asked.body === undefined ? '' : JSON.stringify(asked.body)
    return this.send(asked, body, signatureOf(trader, asked, body))
  }

  send ({ method, path, query }: Ask, body: string, headers: Partial<Signed> = {}): Promise<Reply> {
    const content = body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    return new Promise((resolve, reject) => {
      const sent = request({
        agent: this.#agent,
        host: this.#host,
        port: this.#port,
        method,
        path: query === undefined ? path : `${path}?${query}`,
        headers: { ...headers, ...content }
      }, response => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => { parts.push(part) })
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(parts).toString()
          const isJson = response.headers['content-type']?.startsWith('application/json') === true
          resolve({ status: response.statusCode ?? 0, body: text === '' ? undefined : isJson ? JSON.parse(text) as unknown : text })
        })
      })
      sent.setTimeout(this.#timeoutMs, () => { sent.destroy(new Error(`no answer within ${this.#timeoutMs} ms`)) })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  close (): void {
    this.#agent.destroy()
  }
}
