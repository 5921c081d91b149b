// Endpoints on their way into the log, and back: a write is answered once this gateway's own mirror has applied it, so
// that who asks next sees it.

import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../../pipelines/runtime/log.ts'
import { SupplierDirectory } from '../../pipelines/suppliers/directory.ts'
import { supplyKey, type Supply, type SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import type { SuppliersPort } from '../ports.ts'
import { Routing } from '../routing/routing.ts'
import type { Upstreams } from '../suppliers/upstreams.ts'
import { destinationFault, type Surroundings } from '../suppliers/urls.ts'

export type SuppliersOptions = Surroundings & {
  readonly log: Pick<Log, 'send'>
  /** The topic on the broker. */
  readonly topic: string
  readonly encode: (supply: Supply) => Buffer
  readonly now: () => Instant
  readonly elapsedMs: () => number
  readonly upstreams: Pick<Upstreams, 'forget'>
  readonly deadlineMs?: number
  /** A send was rejected: for the log of operators. */
  readonly rejected?: (error: unknown) => void
}

const deadlineMsDefault = 5000
const waitingMax = 1000

type Waiting = { readonly key: string, readonly supply: Supply | null, readonly done: () => void }

const unknown = (): ApiError => new ApiError(
  'unavailable', 'The log did not confirm this in time. Send it again: that does no harm.', { headers: { 'retry-after': '1' } }
)

/** What this gateway knows of suppliers; feeds its routing. */
export class Suppliers {
  readonly routing = new Routing()
  readonly directory: SupplierDirectory
  readonly #options: SuppliersOptions
  readonly #waiting = new Set<Waiting>()

  constructor (options: SuppliersOptions) {
    this.#options = options
    this.directory = new SupplierDirectory((before, after) => { this.#follow(before, after) })
  }

  #follow (before: Supply | null, after: Supply | null): void {
    if (after?.kind === 'supplier-endpoint') this.routing.setEndpoint(after)
    else if (before?.kind === 'supplier-endpoint') this.#forget(before)
    if (after?.kind === 'supplier-standing') this.routing.setStanding(after)
    else if (before?.kind === 'supplier-standing') this.routing.removeStanding(before)
  }

  #forget ({ endpointId }: SupplierEndpoint): void {
    this.routing.removeEndpoint(endpointId)
    this.#options.upstreams.forget(endpointId)
  }

  /** Takes a record of the topic; false where it does not belong there. */
  apply (key: string, supply: Supply | null): boolean {
    const isTaken = this.directory.apply(key, supply)
    const now = supply === null ? null : { ...supply, kind: supply.kind }
    for (const each of this.#waiting) {
      if (each.key === key && isDeepStrictEqual(now, each.supply)) each.done()
    }
    return isTaken
  }

  get port (): SuppliersPort {
    const { directory, routing } = this
    const { elapsedMs, resolve, networks } = this.#options
    return {
      endpoint: id => directory.endpoint(id),
      endpoints: supplier => directory.endpointsOf(supplier),
      standing: (supplier, instrumentId) => directory.standing(supplier, instrumentId),
      seen: id => routing.viewOf(id, elapsedMs()),
      destinationFault: url => destinationFault(url, { resolve, networks }),
      write: endpoint => this.#write(supplyKey(endpoint), endpoint),
      remove: id => this.#write(`endpoint/${id}`, null)
    }
  }

  async #write (key: string, supply: Supply | null): Promise<void> {
    const { log, topic, encode, now, rejected, deadlineMs = deadlineMsDefault } = this.#options
    if (this.#waiting.size >= waitingMax) throw unknown()
    const value = supply === null ? null : encode(supply)
    const applied = Promise.withResolvers<undefined>()
    const waiting: Waiting = { key, supply, done: () => { applied.resolve(undefined) } }
    const timer = setTimeout(() => { applied.reject(unknown()) }, deadlineMs)
    // Before it is sent: the mirror may be faster than the acknowledgement.
    this.#waiting.add(waiting)
    const record = { topic, partition: 0, key, value, headers: {}, timestamp: now() }
    log.send([record]).catch((error: unknown) => {
      rejected?.(error)
      applied.reject(unknown())
    })
    try {
      await applied.promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(waiting)
    }
  }
}
