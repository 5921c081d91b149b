// Endpoints and questions for tests of routing.

import { Routing, type Asked } from '../../../gateway/routing/routing.ts'
import type { SupplierEndpoint, SupplierStanding } from '../../../schemas/suppliers/records.ts'
import { holderId, instant, instrumentId } from '../../../schemas/units.ts'

export const prime = instrumentId('text-prime')

/** Of a supplier of its own, by the same number. */
export const endpointOf = (number: number, changes: Partial<SupplierEndpoint> = {}): SupplierEndpoint => ({
  kind: 'supplier-endpoint',
  endpointId: `endpoint_${number}`,
  supplier: holderId(number),
  instrumentId: prime,
  url: `https://edge-${number}.example`,
  publicUrl: null,
  models: ['model'],
  inFlightMax: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  tlsPin: null,
  managedPrice: null,
  isActive: true,
  createdAt: instant(1),
  updatedAt: instant(1),
  ...changes
})

export const standingOf = (number: number, standing: string, weight = 100): SupplierStanding =>
  ({ kind: 'supplier-standing', supplier: holderId(number), instrumentId: prime, standing, weight, updatedAt: instant(1) })

export const asked = (changes: Partial<Asked> = {}): Asked => ({
  instrumentId: prime,
  stickyKey: null,
  tried: new Set(),
  needsPublicUrl: false,
  isManaged: false,
  inputTokens: 10,
  now: 1000,
  draws: [0, 0],
  ...changes
})

export function routingOf (...endpoints: readonly SupplierEndpoint[]): Routing {
  const routing = new Routing()
  for (const endpoint of endpoints) routing.setEndpoint(endpoint)
  return routing
}

/** Chances that come out the same on each run, and are spread as chance is. */
export function chances (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const a = Math.imul(state ^ (state >>> 15), 1 | state)
    const b = (a + Math.imul(a ^ (a >>> 7), 61 | a)) ^ a
    return ((b ^ (b >>> 14)) >>> 0) / 2 ** 32
  }
}
