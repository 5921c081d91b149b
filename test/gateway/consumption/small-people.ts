// Who is on a small market: ben, who has a key and buys what he consumes; ada, who sells; and suppliers.

import { unbounded, type ConsumptionKey, type User } from '../../../schemas/identity/records.ts'
import type { SupplierEndpoint } from '../../../schemas/suppliers/records.ts'
import { holderId, instant, microdollars, ownerId, units } from '../../../schemas/units.ts'
import { ada, ben, orderOf, prime, type SmallMarket } from '../adapters/small-market.ts'

export const benKey = 'b'.repeat(43)

export const secretNamed = (name: string, byte: number): string => `${name}:${Buffer.alloc(32, byte).toString('base64')}`

export const user: User = {
  kind: 'user',
  userId: ben,
  owner: ownerId(19),
  parent: null,
  email: 'ben@example.org',
  name: 'Ben',
  roles: ['trader'],
  isActive: true,
  createdAt: instant(0),
  updatedAt: instant(0)
}

export const consumptionKey: ConsumptionKey = {
  kind: 'consumption-key',
  keyId: 'api_key_ben',
  userId: ben,
  name: 'ben',
  keyPrefix: 'bbbbbbbb',
  keyHash: '',
  isActive: true,
  expiresAt: null,
  createdAt: instant(0),
  ...unbounded
}

export const endpointOf = (url: string, index: number): SupplierEndpoint => ({
  kind: 'supplier-endpoint',
  endpointId: `endpoint_${index}`,
  supplier: holderId(101 + index),
  instrumentId: prime.instrumentId,
  url,
  publicUrl: null,
  models: ['simulated'],
  inFlightMax: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  tlsPin: null,
  managedPrice: null,
  isActive: true,
  createdAt: instant(0),
  updatedAt: instant(0)
})

/** Ada sells to ben what he may consume. */
export function give (market: SmallMarket, quantity: number): void {
  const terms = { quantity: units(quantity), price: microdollars(100_000) }
  market.say(orderOf('ask', { ...terms, holder: ada, side: 'sell' }))
  market.settle()
  market.say(orderOf('bid', { ...terms, holder: ben, autoTransfer: true }))
  market.settle()
}
