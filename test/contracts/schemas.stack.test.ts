// The registry's own judgement on our schemas: what was released, what is new, and what it must refuse.

import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { RegistryBinder } from '../../pipelines/runtime/registry-binder.ts'
import { Undecodable } from '../../schemas/codec.ts'
import { Registry } from '../../schemas/registry.ts'
import { parseSchema, schemaSet, type Schema } from '../../schemas/schema-set.ts'
import { stackEnv } from '../support/stack.ts'
import { edited, released } from './schemas.ts'

// A namespace is a subject: what is tried here must not be a version of the market's own.
const namespace = `t${randomBytes(5).toString('hex')}`
let registry: Registry

/** The schema under a subject of this test. */
function aside (schema: Schema, run: string): Schema {
  const record = JSON.parse(schema.text) as { name: string, namespace: string }
  return parseSchema(JSON.stringify({ ...record, namespace: `${namespace}.${run}` }))
}

beforeAll(() => {
  registry = new Registry(readConfig(stackEnv()).registry)
})

test('takes every release in turn, and this one after them', async () => {
  const versions = [...new Set(released.map(({ version }) => version))]
  for (const version of versions) {
    const schemas = released.filter(candidate => candidate.version === version).map(({ schema }) => aside(schema, 'releases'))
    expect(await registry.register(schemas)).toHaveLength(schemas.length)
  }
  const current = await registry.register(schemaSet.map(schema => aside(schema, 'releases')))
  expect(current.map(({ id }) => Number.isInteger(id) && id > 0)).toEqual(schemaSet.map(() => true))
})

test('gives a schema one id, however often and by however many it is registered', async () => {
  const schemas = schemaSet.map(schema => aside(schema, 'twice'))
  const another = new Registry(readConfig(stackEnv()).registry)
  const [first, second] = await Promise.all([registry.register(schemas), another.register(schemas)])
  expect(second).toEqual(first)
  expect(await registry.register(schemas)).toEqual(first)
  expect(new Set(first.map(({ id }) => id)).size).toBe(schemas.length)
})

describe('an incompatible change', () => {
  const fill = schemaSet.find(({ kind }) => kind === 'fill')!

  test.each<[string, (fields: { name: string, type: unknown }[]) => void]>([
    ['a new field without a default', fields => { fields.push({ name: 'feeTier', type: 'string' }) }],
    ['a field that is gone', fields => { fields.splice(4, 1) }],
    ['another type', fields => { fields[4]!.type = 'string' }]
  ])('is refused, by a message that names the schema: %s', async (what, edit) => {
    const run = `refused${what.length}`
    const [first] = await registry.register([aside(fill, run)])
    const next = aside(edited(fill, ({ fields }) => { edit(fields) }), run)
    await expect(registry.register([next])).rejects.toThrow(/incompatible/i)
    await expect(registry.register([next])).rejects.toThrow(next.name)
    expect(await registry.register([aside(fill, run)])).toEqual([first])
  })

  test('is refused with regard to every earlier version, not only the last', async () => {
    const second = edited(fill, ({ fields }) => { fields.push({ name: 'feeTier', type: 'string', default: 'a' }) })
    const third = edited(fill, ({ fields }) => { fields.push({ name: 'feeTier', type: 'long', default: 0 }) })
    await registry.register([aside(second, 'transitive')])
    await registry.register([aside(fill, 'transitive')])
    await expect(registry.register([aside(third, 'transitive')])).rejects.toThrow(/incompatible/i)
  })
})

describe('a reader that is no stage', () => {
  const fillValue = {
    kind: 'fill', instrumentId: 'a', sequence: 7, takerSide: 'buy', price: 1, quantity: 2, makerOrderId: 3, takerOrderId: 4, makerHolder: 5, takerHolder: 6, matchedAt: 8
  }
  const framed = (id: number, body: Uint8Array): Buffer => {
    const prefix = Buffer.alloc(5)
    prefix.writeInt32BE(id, 1)
    return Buffer.concat([prefix, body])
  }
  const reasonOf = async (binder: RegistryBinder, bytes: Buffer): Promise<string> => {
    try {
      return `decoded ${(await binder.read(bytes)).kind}`
    } catch (error) {
      expect(error).toBeInstanceOf(Undecodable)
      return (error as Undecodable).reason
    }
  }

  test('learns what a release to come has registered', async () => {
    const binder = await RegistryBinder.open(registry)
    const next = edited(schemaSet.find(({ kind }) => kind === 'fill')!, ({ fields }) => {
      fields.push({ name: 'feeTier', type: 'string', default: 'standard' })
    })
    const { id } = (await registry.register([next]))[0]!
    const read = await binder.read(framed(id, next.type.toBuffer({ ...fillValue, feeTier: 'gold' })))
    expect({ ...read, kind: read.kind }).toEqual(fillValue)
    expect(binder.read(framed(id, next.type.toBuffer({ ...fillValue, feeTier: 'gold' })))).not.toBeInstanceOf(Promise)
  })

  test('is told of ids that there are none of, and of what is no record of ours', async () => {
    const binder = await RegistryBinder.open(registry)
    for (const id of [0, -1, -(2 ** 31), 2 ** 31 - 1, 999_999]) expect(await reasonOf(binder, framed(id, Buffer.alloc(9))), String(id)).toBe('unknown_schema')
    const [foreign] = await registry.register([aside(schemaSet[0]!, 'foreign')])
    expect(await reasonOf(binder, framed(foreign!.id, Buffer.alloc(40)))).toBe('unknown_schema')
  })

  test.each([
    ['a string', 'AVRO', '"string"'],
    ['a list of records', 'AVRO', '{"type":"array","items":"long"}'],
    ['a JSON schema', 'JSON', '{"type":"object","properties":{"a":{"type":"string"}}}'],
    ['a message of Protocol Buffers', 'PROTOBUF', 'syntax = "proto3"; message Thing { string a = 1; }']
  ])('is told of what another has registered, and is not ours: %s', async (_, schemaType, schema) => {
    const { url } = readConfig(stackEnv()).registry
    const subject = `${namespace}-${schemaType}-${schema.length}`
    const response = await fetch(`${url}/subjects/${subject}/versions`, {
      method: 'POST', headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' }, body: JSON.stringify({ schemaType, schema })
    })
    const { id } = await response.json() as { id: number }
    expect(response.status).toBe(200)
    expect(await reasonOf(await RegistryBinder.open(registry), framed(id, Buffer.alloc(9)))).toBe('unknown_schema')
  })
})
