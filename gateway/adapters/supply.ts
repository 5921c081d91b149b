// `SupplyPort`: who is to serve, by this process's own picture of the suppliers, and how he is reached.

import { hash } from 'node:crypto'
import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import type { SupplyPort } from '../consumption/ports.ts'
import type { Routing } from '../routing/routing.ts'
import type { Upstreams } from '../suppliers/upstreams.ts'

export type SupplyOptions = {
  readonly routing: Routing
  readonly upstreams: Pick<Upstreams, 'agentFor'>
  readonly endpoints: () => readonly SupplierEndpoint[]
  /** For durations. */
  readonly elapsedMs: () => number
  /** From 0, below 1. */
  readonly draw: () => number
}

/** A conversation's place: 32 bits of a hash of what keeps it together. */
const placeOf = (stickyKey: string): number | null =>
  stickyKey === '' ? null : hash('sha256', stickyKey, 'buffer').readUInt32BE()

export function supplyPort ({ routing, upstreams, endpoints, elapsedMs, draw }: SupplyOptions): SupplyPort {
  return {
    choose ({ stickyKey, ...wish }) {
      const asked = { ...wish, stickyKey: placeOf(stickyKey), now: elapsedMs(), draws: [draw(), draw()] as const }
      const choice = routing.choose(asked)
      if (choice === null) return null
      return { endpoint: choice.endpoint, dispatcher: upstreams.agentFor(choice.endpoint) }
    },
    begin (endpointId, inputTokens) {
      const attempt = routing.begin(endpointId, { inputTokens, now: elapsedMs() })
      return { end: result => { if (attempt !== null) routing.end(attempt, result, elapsedMs()) } }
    },
    managedPrice (instrumentId) {
      const prices = endpoints().filter(each => each.isActive && each.instrumentId === instrumentId)
        .flatMap(({ managedPrice }) => managedPrice === null ? [] : [managedPrice])
      return prices.sort((a, b) => a - b)[0] ?? null
    }
  }
}
