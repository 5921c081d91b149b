import { describe, expect, test } from 'vitest'
import { Suppliers, type SuppliersOptions } from '../../../gateway/adapters/suppliers.ts'
import { supplyKey, type Supply } from '../../../schemas/suppliers/records.ts'
import { MemoryMarket } from '../../pipelines/memory-market.ts'
import { followMirror } from '../../../pipelines/process/mirror.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant, microdollars } from '../../../schemas/units.ts'
import { asked, endpointOf, standingOf } from '../routing/places.ts'

type Known = { readonly suppliers: Suppliers, readonly forgotten: string[] }

function known (changes: Partial<SuppliersOptions> = {}): Known {
  const forgotten: string[] = []
  const suppliers = new Suppliers({
    resolve: () => Promise.resolve([]),
    networks: [],
    topic: 'suppliers-1',
    encode: () => Buffer.from('encoded'),
    log: { send: () => Promise.resolve() },
    now: () => instant(1),
    elapsedMs: () => 1000,
    upstreams: { forget: id => { forgotten.push(id) } },
    ...changes
  })
  return { suppliers, forgotten }
}

const apply = (suppliers: Suppliers, supply: Supply): boolean => suppliers.apply(supplyKey(supply), supply)
const chosen = ({ routing }: Suppliers): string | undefined => routing.choose(asked())?.endpoint.endpointId

describe('what is followed', () => {
  test('is what is routed to', () => {
    const { suppliers, forgotten } = known()
    apply(suppliers, standingOf(1, 'suspended'))
    apply(suppliers, endpointOf(1))
    expect(chosen(suppliers)).toBeUndefined()
    suppliers.apply('standing/1/text-prime', null)
    expect(chosen(suppliers)).toBe('endpoint_1')
    apply(suppliers, endpointOf(1, { isActive: false }))
    expect([chosen(suppliers), suppliers.port.endpoint('endpoint_1')?.isActive]).toEqual([undefined, false])
    suppliers.apply('endpoint/endpoint_1', null)
    expect([suppliers.routing.view(0), suppliers.port.endpoint('endpoint_1'), forgotten]).toEqual([[], undefined, ['endpoint_1']])
    suppliers.routing.validate()
  })

  test('is not what stands under another\'s key', () => {
    const { suppliers } = known()
    expect(suppliers.apply('endpoint/endpoint_2', endpointOf(1))).toBe(false)
    expect(chosen(suppliers)).toBeUndefined()
  })
})

describe('a write', () => {
  test('is answered once the mirror has applied it, and not by another\'s', async () => {
    const { suppliers } = known()
    let isDone = false
    const written = suppliers.port.write(endpointOf(1)).then(() => { isDone = true })
    apply(suppliers, endpointOf(2))
    apply(suppliers, endpointOf(1, { isActive: false }))
    await Promise.resolve()
    await Promise.resolve()
    expect(isDone).toBe(false)
    apply(suppliers, endpointOf(1))
    await written
    expect(suppliers.port.endpoint('endpoint_1')?.isActive).toBe(true)
  })

  test('that the log rejects, or that nobody sees in time, is to be sent again', async () => {
    const told: unknown[] = []
    const send = () => Promise.reject(new Error('no broker'))
    const rejecting = known({ log: { send }, rejected: error => { told.push(error) } })
    const late = known({ deadlineMs: 1 })
    for (const { suppliers } of [rejecting, late]) {
      await expect(suppliers.port.write(endpointOf(1))).rejects
        .toMatchObject({ code: 'unavailable', headers: { 'retry-after': '1' } })
      await expect(suppliers.port.remove('endpoint_1')).rejects.toMatchObject({ code: 'unavailable' })
    }
    expect(told).toHaveLength(2)
  })

  test('goes through the log, and comes back as it was', async () => {
    const { context } = new MemoryMarket()
    const { suppliers } = known({
      log: context.log,
      topic: context.topic(topics.suppliers.name),
      encode: supply => context.binder.current.encode(supply)
    })
    const reading = await followMirror(context, topics.suppliers, (key, value) =>
      suppliers.apply(key, value as Supply | null))
    const changes = { managedPrice: microdollars(750_000), inFlightMax: 4, publicUrl: 'https://p.example' }
    const endpoint = endpointOf(1, changes)
    await suppliers.port.write(endpoint)
    expect(suppliers.port.endpoints(endpoint.supplier)).toEqual([endpoint])
    await suppliers.port.remove('endpoint_1')
    expect(suppliers.port.endpoints(endpoint.supplier)).toEqual([])
    await reading.close()
  })
})
