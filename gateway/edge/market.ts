// What this edge says to the market: signed with the supplier's key, as every call of the trading API is.

import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'

/** In front of the seed it makes a PKCS #8 document. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const seedBytes = 32

export class SigningKey {
  readonly #key: KeyObject
  readonly publicKey: Buffer
  readonly fingerprint: string

  /** Throws where it is none; its message has nothing of the seed. */
  constructor (seed: Buffer) {
    if (seed.length !== seedBytes) throw new Error(`a signing key's seed has ${seedBytes} bytes, not ${seed.length}`)
    this.#key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
    const { x = '' } = createPublicKey(this.#key).export({ format: 'jwk' })
    this.publicKey = Buffer.from(x, 'base64url')
    this.fingerprint = createHash('sha256').update(this.publicKey).digest('base64').replace(/=+$/, '')
  }

  sign (text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64')
  }
}

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Below the market's address. */
  readonly path: string
  readonly body?: string
  readonly type?: string
  readonly signal?: AbortSignal
}

export type Answered = { readonly status: number, readonly body: unknown }

export type MarketOptions = {
  readonly url: URL
  readonly key: SigningKey
  readonly now: () => number
  readonly timeoutMs: number
}

export class Market {
  readonly #options: MarketOptions
  readonly #base: string

  constructor (options: MarketOptions) {
    this.#options = options
    this.#base = options.url.href.replace(/\/+$/, '')
  }

  /** Rejects where there was no answer. */
  async call ({ method, path, body = '', type = 'application/json', signal }: Call): Promise<Answered> {
    const { key, now, timeoutMs, url } = this.#options
    const timestamp = String(Math.floor(now() / 1000))
    const signedPath = `${url.pathname.replace(/\/+$/, '')}${path}`
    const headers = {
      'x-thegrid-timestamp': timestamp,
      'x-thegrid-fingerprint': key.fingerprint,
      'x-thegrid-signature': key.sign(`${timestamp}${method}${signedPath}${body}`)
    }
    const timeout = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: { ...headers, ...(body === '' ? {} : { 'content-type': type }) },
      ...(body === '' ? {} : { body }),
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal])
    })
    return { status: answer.status, body: parsed(await answer.text()) }
  }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text.slice(0, 200)
  }
}
