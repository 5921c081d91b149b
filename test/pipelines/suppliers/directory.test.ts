import { expect, test } from 'vitest'
import { SupplierDirectory } from '../../../pipelines/suppliers/directory.ts'
import { endpointIdOf } from '../../../pipelines/suppliers/endpoint-ids.ts'
import { supplyKey, type Supply, type SupplierEndpoint, type SupplierStanding } from '../../../schemas/suppliers/records.ts'
import { holderId, instant, instrumentId } from '../../../schemas/units.ts'

const prime = instrumentId('text-prime')

const endpoint = (id: string, changes: Partial<SupplierEndpoint> = {}): SupplierEndpoint => ({
  kind: 'supplier-endpoint',
  endpointId: id,
  supplier: holderId(21),
  instrumentId: prime,
  url: 'https://edge.example',
  publicUrl: null,
  models: ['m'],
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

const standing = (changes: Partial<SupplierStanding> = {}): SupplierStanding => ({
  kind: 'supplier-standing',
  supplier: holderId(21),
  instrumentId: prime,
  standing: 'good',
  weight: 250,
  updatedAt: instant(1),
  ...changes
})

function directory (...supplies: readonly Supply[]): SupplierDirectory {
  const made = new SupplierDirectory()
  for (const supply of supplies) expect(made.apply(supplyKey(supply), supply)).toBe(true)
  return made
}

test('the last record under a key holds, until a null value takes it away', () => {
  const made = directory(endpoint('a'), endpoint('a', { isActive: false }), standing(), standing({ weight: 1 }))
  expect(made.endpoint('a')?.isActive).toBe(false)
  expect(made.standing(holderId(21), prime)?.weight).toBe(1)
  made.apply('endpoint/a', null)
  made.apply('standing/21/text-prime', null)
  expect([made.endpoints(), made.standings(), made.endpoint('a'), made.standing(holderId(21), prime)])
    .toEqual([[], [], undefined, undefined])
})

test('endpoints are a supplier\'s own, the oldest first', () => {
  const made = directory(
    endpoint('c'), endpoint('b', { createdAt: instant(0) }), endpoint('a'), endpoint('d', { supplier: holderId(22) })
  )
  expect(made.endpointsOf(holderId(21)).map(({ endpointId }) => endpointId)).toEqual(['b', 'a', 'c'])
  expect(made.endpoints()).toHaveLength(4)
})

test('a record under a key that is not its own is passed over', () => {
  const made = directory(endpoint('a'))
  expect(made.apply('endpoint/b', endpoint('a'))).toBe(false)
  expect(made.apply('standing/21/code-max', standing())).toBe(false)
  expect(made.endpoints()).toEqual([endpoint('a')])
})

test('each change is told, once the directory has it, and nothing that is none', () => {
  const told: unknown[] = []
  const made = new SupplierDirectory((before, after) => { told.push([before, after, made.endpoint('a') ?? null]) })
  const [first, second] = [endpoint('a'), endpoint('a', { isActive: false })]
  for (const supply of [first, second, null, null]) made.apply('endpoint/a', supply)
  made.apply('endpoint/a', standing())
  expect(told).toEqual([[null, first, first], [first, second, second], [second, null, null]])
})

test('what was decoded keeps its kind when it is copied', () => {
  const decoded = Object.create({ kind: 'supplier-standing' }) as SupplierStanding
  const { kind, ...fields } = standing()
  Object.assign(decoded, fields)
  const made = directory(decoded)
  expect({ ...made.standing(holderId(21), prime)! }).toEqual(standing())
})

test('an id is of supplier, instrument and URL together', () => {
  const place = { supplier: holderId(21), instrumentId: prime, url: 'https://edge.example' }
  const ids = [
    place, { ...place, supplier: holderId(2) }, { ...place, instrumentId: instrumentId('code-max') }, { ...place, url: 'https://e' }
  ].map(endpointIdOf)
  expect(new Set(ids).size).toBe(4)
  expect(ids[0]).toMatch(/^endpoint_[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/)
  expect(endpointIdOf({ ...place })).toBe(ids[0])
})
