// What operators say of suppliers, over a log in memory.

import { describe, expect, test } from 'vitest'
import { NotDone } from '../../../pipelines/admin/stage-client.ts'
import { manageEndpoint, readSuppliers, removeEndpoint, standSupplier } from '../../../pipelines/admin/suppliers.ts'
import type { User } from '../../../schemas/identity/records.ts'
import { supplyKey, type SupplierEndpoint } from '../../../schemas/suppliers/records.ts'
import { topics } from '../../../schemas/topics.ts'
import { holderId, instant, instrumentId, microdollars, ownerId } from '../../../schemas/units.ts'
import { MemoryMarket } from '../memory-market.ts'

const prime = instrumentId('text-prime')

const sol: User = {
  kind: 'user',
  userId: holderId(21),
  owner: ownerId(21),
  parent: null,
  email: 'sol@example.com',
  name: 'Sol',
  roles: ['trader', 'supplier'],
  isActive: true,
  createdAt: instant(1),
  updatedAt: instant(1)
}

const endpoint: SupplierEndpoint = {
  kind: 'supplier-endpoint',
  endpointId: 'endpoint_1',
  supplier: sol.userId,
  instrumentId: prime,
  url: 'https://edge.example',
  publicUrl: null,
  models: ['m'],
  inFlightMax: 4,
  requestsPerMinute: null,
  tokensPerMinute: null,
  tlsPin: null,
  managedPrice: null,
  isActive: true,
  createdAt: instant(1),
  updatedAt: instant(1)
}

async function marketWithEndpoint (): Promise<MemoryMarket> {
  const market = new MemoryMarket()
  const { context } = market
  await context.log.send([{
    topic: context.topic(topics.suppliers.name),
    partition: 0,
    key: supplyKey(endpoint),
    value: context.binder.current.encode(endpoint),
    headers: {},
    timestamp: instant(1)
  }])
  return market
}

describe('a standing', () => {
  test('is written down, and keeps its weight where none is said', async () => {
    const { context } = await marketWithEndpoint()
    const first = await standSupplier(context, sol, { instrumentId: prime, standing: 'good', weight: null })
    expect(first).toMatchObject({ supplier: 21, standing: 'good', weight: 100 })
    await standSupplier(context, sol, { instrumentId: prime, standing: 'good', weight: 250 })
    await standSupplier(context, sol, { instrumentId: prime, standing: 'probation', weight: null })
    const directory = await readSuppliers(context)
    expect(directory.standing(sol.userId, prime)).toMatchObject({ standing: 'probation', weight: 250 })
    expect(directory.standing(sol.userId, instrumentId('code-max'))).toBeUndefined()
  })

  test('is a supplier\'s only', async () => {
    const { context } = await marketWithEndpoint()
    const trader = { ...sol, roles: ['trader'] } as const
    await expect(standSupplier(context, trader, { instrumentId: prime, standing: 'good', weight: null })).rejects.toThrow(NotDone)
  })
})

describe('an endpoint', () => {
  test('is made the fallback, and ends to be', async () => {
    const market = await marketWithEndpoint()
    const { context } = market
    await manageEndpoint(context, 'endpoint_1', microdollars(750_000))
    expect((await readSuppliers(context)).endpoint('endpoint_1')).toMatchObject({ managedPrice: 750_000, inFlightMax: 4 })
    const before = market.end(topics.suppliers.name, 0)
    await manageEndpoint(context, 'endpoint_1', microdollars(750_000))
    expect(market.end(topics.suppliers.name, 0)).toBe(before)
    expect((await manageEndpoint(context, 'endpoint_1', null)).managedPrice).toBeNull()
  })

  test('is taken away', async () => {
    const { context } = await marketWithEndpoint()
    await removeEndpoint(context, 'endpoint_1')
    expect((await readSuppliers(context)).endpoints()).toEqual([])
    await expect(removeEndpoint(context, 'endpoint_1')).rejects.toThrow('There is no endpoint endpoint_1')
    await expect(manageEndpoint(context, 'endpoint_1', null)).rejects.toThrow(NotDone)
  })
})
