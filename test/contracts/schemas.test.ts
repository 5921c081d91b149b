// Whether this release reads what any other wrote, and any other what this one writes: by the library's own resolution
// of a writer's schema to a reader's. The registry's judgement is in schemas.stack.test.ts.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { schemaSet, type Schema } from '../../schemas/schema-set.ts'
import { valuesOf, type AvroSchema } from '../schemas/avro-values.ts'
import { edited, released } from './schemas.ts'

const resolves = (reader: Schema, writer: Schema): boolean => {
  try {
    reader.type.createResolver(writer.type)
    return true
  } catch {
    // What the library says of it differs from case to case; that it refuses is the answer.
    return false
  }
}

const current = (name: string): Schema | undefined => schemaSet.find(schema => schema.name === name)

describe.each(released.map(({ version, schema }) => [version, schema.kind, schema] as const))('%s %s', (_, __, schema) => {
  test('is still there', () => {
    expect(current(schema.name)?.kind).toBe(schema.kind)
  })

  test('is read by this release, and reads what this one writes', () => {
    const now = current(schema.name)!
    expect(resolves(now, schema)).toBe(true)
    expect(resolves(schema, now)).toBe(true)
  })

  test('has the same meaning for what both releases have', () => {
    const now = current(schema.name)!
    const resolver = now.type.createResolver(schema.type)
    const names = (JSON.parse(schema.text) as { fields: { name: string }[] }).fields.map(({ name }) => name).filter(name => now.text.includes(`"${name}"`))
    fc.assert(fc.property(valuesOf(JSON.parse(schema.text) as AvroSchema), value => {
      const read = now.type.fromBuffer(schema.type.toBuffer(value), resolver) as Record<string, unknown>
      for (const name of names) expect(read[name]).toEqual((value as Record<string, unknown>)[name])
    }), { seed: 1, numRuns: 30 })
  })
})

test('the version of this release has its schemas released, as they are, or is not out yet', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  const mine = released.filter(candidate => candidate.version === version)
  // Once released, a schema changes with the version only.
  for (const { schema } of mine) expect(current(schema.name)?.fingerprint, schema.name).toBe(schema.fingerprint)
  const names = schemaSet.map(({ name }) => name).sort()
  if (mine.length > 0) expect(mine.map(({ schema }) => schema.name).sort()).toEqual(names)
  expect(released.length).toBeGreaterThan(0)
})

describe('the check finds', () => {
  const fill = schemaSet.find(({ kind }) => kind === 'fill')!
  const feeTier = { name: 'feeTier', type: 'string' }

  test('no fault in a new field with a default', () => {
    const next = edited(fill, ({ fields }) => { fields.push({ ...feeTier, default: 'standard' }) })
    expect([resolves(next, fill), resolves(fill, next)]).toEqual([true, true])
  })

  test.each<[string, (fields: { name: string, type: unknown }[]) => void]>([
    ['a new field without a default', fields => { fields.push(feeTier) }],
    ['a field that is gone', fields => { fields.splice(4, 1) }],
    ['a field with another name', fields => { fields[4]!.name = 'size' }],
    ['another type', fields => { fields[4]!.type = 'string' }],
    ['a wider type, which older releases can not read', fields => { fields[3]!.type = 'double' }],
    ['a symbol that is gone', fields => { fields[2]!.type = { type: 'enum', name: 'Side', symbols: ['buy'] } }],
    ['a new symbol, which older releases can not read', fields => { fields[2]!.type = { type: 'enum', name: 'Side', symbols: ['buy', 'sell', 'both'] } }]
  ])('%s', (_, edit) => {
    const next = edited(fill, ({ fields }) => { edit(fields) })
    expect(resolves(next, fill) && resolves(fill, next)).toBe(false)
  })
})
