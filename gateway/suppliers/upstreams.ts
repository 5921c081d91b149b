// The connections to each endpoint: a pool of its own, for as long as it is where it is.

import { lookup } from 'node:dns/promises'
import { Pool, type Dispatcher } from 'undici'
import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import { safeConnector } from './connector.ts'
import type { Resolve, Surroundings } from './urls.ts'

/** As everything on this machine resolves names, with its hosts file and search domains. */
export const systemResolve: Resolve = async host => (await lookup(host, { all: true })).map(({ address }) => address)

export type UpstreamsOptions = Surroundings & {
  /** Until the headers of an answer are there. */
  readonly headersTimeoutMs: number
  /** Between two pieces of its body. */
  readonly bodyTimeoutMs: number
  readonly connectTimeoutMs?: number
}

type Place = Pick<SupplierEndpoint, 'endpointId' | 'url' | 'tlsPin'>
type Opened = { readonly pool: Pool, readonly url: string, readonly tlsPin: string | null }

export class Upstreams {
  readonly #options: UpstreamsOptions
  readonly #opened = new Map<string, Opened>()
  /** Pools that end with what is under way in them. */
  readonly #closing = new Set<Promise<void>>()

  constructor (options: UpstreamsOptions) {
    this.#options = options
  }

  agentFor ({ endpointId, url, tlsPin }: Place): Dispatcher {
    const known = this.#opened.get(endpointId)
    if (known?.url === url && known.tlsPin === tlsPin) return known.pool
    this.forget(endpointId)
    const { headersTimeoutMs, bodyTimeoutMs, connectTimeoutMs, ...surroundings } = this.#options
    const timeout = connectTimeoutMs === undefined ? {} : { timeoutMs: connectTimeoutMs }
    const pool = new Pool(new URL(url).origin, {
      connect: safeConnector({ ...surroundings, tlsPin, ...timeout }),
      pipelining: 1,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: bodyTimeoutMs
    })
    this.#opened.set(endpointId, { pool, url, tlsPin })
    return pool
  }

  /** Its endpoint has gone, or is elsewhere. */
  forget (endpointId: string): void {
    const known = this.#opened.get(endpointId)
    if (known === undefined) return
    this.#opened.delete(endpointId)
    const closing = known.pool.close().finally(() => { this.#closing.delete(closing) })
    this.#closing.add(closing)
  }

  /** How many pools there are. */
  get size (): number {
    return this.#opened.size
  }

  /** Resolves once nothing is under way any more. */
  async close (): Promise<void> {
    for (const endpointId of [...this.#opened.keys()]) this.forget(endpointId)
    await Promise.all(this.#closing)
  }
}
