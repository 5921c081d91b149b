// The keys that the market signs tickets with, as it publishes them. They are kept while the market is away, and asked
// for anew when a ticket names one that is not among them: gateways make new ones every day.

import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '../surfaces/fault.ts'
import { readJwk, type Jwk } from '../tickets/ticket-keys.ts'

const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })).max(10_000) })

/** Anybody can name a key that does not exist: so often the market is asked about those, and no more. */
const unknownMs = 5_000
const freshMs = 10 * 60_000

export type MarketKeysOptions = {
  /** The set as JSON; throws where the market does not answer. */
  readonly fetch: () => Promise<unknown>
  readonly elapsedMs: () => number
  readonly failed?: (error: unknown) => void
}

export class MarketKeys {
  readonly #options: MarketKeysOptions
  #keys: ReadonlyMap<string, KeyObject> = new Map()
  /** When the set was fetched, and when that was tried. */
  #fetchedAt = -Infinity
  #triedAt = -Infinity
  #fetching: Promise<void> | null = null

  constructor (options: MarketKeysOptions) {
    this.#options = options
  }

  /** A `Fault` for a key that the market does not have, or where it can't be asked. */
  async key (keyId: string): Promise<KeyObject> {
    const known = this.#keys.get(keyId)
    const now = this.#options.elapsedMs()
    if (known !== undefined) {
      // What is known serves while the set is fetched again: nobody waits, and a key that was withdrawn is gone then.
      if (now - this.#fetchedAt > freshMs && now - this.#triedAt > unknownMs) this.#start(now)
      return known
    }
    if (this.#fetching === null && now - this.#triedAt > unknownMs) this.#start(now)
    await this.#fetching
    const found = this.#keys.get(keyId)
    if (found !== undefined) return found
    if (this.#fetchedAt >= this.#triedAt) throw new Fault('ticket_invalid', 'This ticket is not signed by the market.')
    throw new Fault('unavailable', 'The market\'s keys can\'t be had at the moment.', { headers: { 'retry-after': '5' } })
  }

  /** As far as the market answers. */
  async refresh (): Promise<void> {
    this.#start(this.#options.elapsedMs())
    await this.#fetching
  }

  #start (now: number): void {
    if (this.#fetching !== null) return
    this.#triedAt = now
    this.#fetching = this.#fetch(now).finally(() => { this.#fetching = null })
  }

  async #fetch (now: number): Promise<void> {
    try {
      const { keys } = keySet.parse(await this.#options.fetch())
      const read = keys.map(jwk => readJwk(jwk as Partial<Jwk>)).filter(key => key !== null)
      this.#keys = new Map(read.map(({ keyId, key }) => [keyId, key]))
      this.#fetchedAt = now
    } catch (error) {
      this.#options.failed?.(error)
    }
  }
}
