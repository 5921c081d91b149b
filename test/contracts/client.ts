// A client of the Trading API as the published documents describe one, and from them alone: nothing of the product is
// imported here. It signs with tweetnacl, which the product verifies with something else.

import { createHash } from 'node:crypto'
import nacl from 'tweetnacl'

export type Answer = {
  readonly status: number
  readonly headers: Headers
  /** Undefined where there was none. */
  readonly body: unknown
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type KeyPair = { readonly publicKey: Uint8Array, readonly secretKey: Uint8Array }

export const keyPairOf = (seed: Uint8Array): KeyPair => nacl.sign.keyPair.fromSeed(seed)

/** base64 of the SHA-256 of the raw public key, its padding stripped. */
export const fingerprintOf = ({ publicKey }: KeyPair): string =>
  createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')

export type Signable = {
  /** Unix seconds. */
  readonly timestamp: string
  readonly method: string
  /** As requested, prefix and all, without its query. */
  readonly path: string
  /** As sent; empty when there is none. */
  readonly body: string
}

/** base64 of the signature over timestamp, METHOD, path and body, one after the other. */
export function signatureOf ({ timestamp, method, path, body }: Signable, { secretKey }: KeyPair): string {
  const message = new TextEncoder().encode(`${timestamp}${method.toUpperCase()}${path}${body}`)
  return Buffer.from(nacl.sign.detached(message, secretKey)).toString('base64')
}

export class Client {
  readonly #base: URL
  readonly #keys: KeyPair | null
  /** Every request that was answered, for whoever keeps account. */
  readonly answered: Array<{ readonly method: Method, readonly path: string, readonly answer: Answer }> = []

  /** `base` with its prefix, such as http://127.0.0.1:4040/v1. Without keys nothing is signed. */
  constructor (base: string, keys: KeyPair | null) {
    this.#base = new URL(base.replace(/\/$/, ''))
    this.#keys = keys
  }

  get (path: string): Promise<Answer> {
    return this.ask('GET', path)
  }

  post (path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', path, JSON.stringify(body), headers)
  }

  patch (path: string, body: object): Promise<Answer> {
    return this.ask('PATCH', path, JSON.stringify(body))
  }

  put (path: string, body: object): Promise<Answer> {
    return this.ask('PUT', path, JSON.stringify(body))
  }

  delete (path: string): Promise<Answer> {
    return this.ask('DELETE', path)
  }

  async ask (method: Method, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
    const url = new URL(`${this.#base.href}${path}`)
    const signed = this.#keys === null ? {} : this.#signed(this.#keys, { method, path: url.pathname, body })
    const response = await fetch(url, {
      method,
      headers: { ...signed, ...(body === '' ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === '' ? {} : { body })
    })
    const text = await response.text()
    const answer = { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) as unknown }
    this.answered.push({ method, path, answer })
    return answer
  }

  #signed (keys: KeyPair, request: Omit<Signable, 'timestamp'>): Record<string, string> {
    const timestamp = String(Math.floor(Date.now() / 1000))
    return {
      'x-thegrid-timestamp': timestamp,
      'x-thegrid-fingerprint': fingerprintOf(keys),
      'x-thegrid-signature': signatureOf({ ...request, timestamp }, keys)
    }
  }
}
