// The schemas for the wire and the types that the stages see say the same; here the two are held together.

import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { kindOf, parseSchema, schemaOf, schemaSet } from '../../schemas/schema-set.ts'
import * as commands from '../../schemas/ledger/commands.ts'
import * as ledger from '../../schemas/ledger/records.ts'
import * as matching from '../../schemas/matching/records.ts'
import * as units from '../../schemas/units.ts'
import * as usage from '../../schemas/usage/records.ts'
import { named, type AvroSchema } from './avro-values.ts'

type Field = { readonly name: string, readonly isNullable: boolean, readonly isArray: boolean }

const sources = [
  'schemas/matching/records.ts', 'schemas/ledger/commands.ts', 'schemas/ledger/records.ts',
  'schemas/ledger/usage-commands.ts', 'schemas/ledger/usage-records.ts', 'schemas/usage/records.ts',
  'schemas/identity/records.ts', 'schemas/instruments/records.ts', 'schemas/suppliers/records.ts',
  'pipelines/runtime/control.ts', 'pipelines/runtime/dead-letters.ts', 'schemas/codec.ts'
]

/** By name: the fields of each object type that a source exports. */
function typesOf (source: string): Map<string, Field[]> {
  const file = ts.createSourceFile(source, readFileSync(new URL(`../../${source}`, import.meta.url), 'utf8'), ts.ScriptTarget.Latest)
  const types = new Map<string, Field[]>()
  for (const statement of file.statements) {
    if (!ts.isTypeAliasDeclaration(statement) || !ts.isTypeLiteralNode(statement.type)) continue
    const fields = statement.type.members.filter(ts.isPropertySignature).map(({ name, type }) => {
      const text = type?.getText(file) ?? ''
      return { name: name.getText(file), isNullable: / \| null$/.test(text), isArray: /^readonly \w+\[\]$/.test(text) }
    })
    types.set(statement.name.text, fields)
  }
  return types
}

const types = new Map(sources.flatMap(source => [...typesOf(source)]))
const parsed = schemaSet.map(({ text }) => JSON.parse(text) as AvroSchema)
const all = parsed.flatMap(schema => [...named(schema)])

function fieldsOf (schema: typeof all[number]): Field[] {
  return (schema.fields ?? []).map(({ name, type }) => ({
    name,
    isNullable: Array.isArray(type) && type[0] === 'null',
    isArray: typeof type === 'object' && 'type' in type && type.type === 'array'
  }))
}

const constants = { ...units, ...matching, ...commands, ...ledger, ...usage } as Record<string, unknown>
const lower = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

describe('each record', () => {
  // What the clock role sends, the machine reads field by field: no type says it a second time.
  const typed = all.filter(({ type, name }) => type === 'record' && name !== 'Clock')

  test.each(typed.map(schema => [schema.name!, schema] as const))('%s has the fields of its type, in the same order', (name, schema) => {
    const fields = types.get(name)
    expect(fields?.filter(field => field.name !== 'kind')).toEqual(fieldsOf(schema))
  })

  test.each(schemaSet.filter(({ kind }) => kind !== 'clock').map(({ kind, name }) => [kind, name]))('%s has its kind in its type', (kind, name) => {
    const text = sources.map(source => readFileSync(new URL(`../../${source}`, import.meta.url), 'utf8')).join('\n')
    expect(text).toMatch(new RegExp(`type ${name.split('.').at(-1)} = \\{\\s+readonly kind: '${kind}'`))
  })
})

test('each list of symbols is that of its type, in the same order', () => {
  const enums = all.filter(({ type }) => type === 'enum')
  expect(enums.length).toBeGreaterThan(8)
  for (const { name, symbols } of enums) expect(symbols, name).toEqual(constants[lower(name!)])
})

test('a name means the same wherever it is used', () => {
  for (const { name, symbols, fields } of all) {
    const others = all.filter(candidate => candidate.name === name)
    for (const other of others) expect([other.symbols, other.fields]).toEqual([symbols, fields])
  }
})

describe('a schema', () => {
  test('is found by its kind, which its name gives', () => {
    expect(kindOf('market.matching.PlaceOrder')).toBe('place-order')
    expect(kindOf('Fill')).toBe('fill')
    expect(schemaOf('place-order').name).toBe('market.matching.PlaceOrder')
    expect(() => schemaOf('order')).toThrow('no schema for order')
  })

  test('has a name, a kind and a fingerprint of its own', () => {
    for (const key of ['name', 'kind', 'fingerprint'] as const) {
      expect(new Set(schemaSet.map(schema => schema[key])).size).toBe(schemaSet.length)
    }
  })

  test('lies in the folder of its namespace, under its kind', () => {
    for (const { name, kind, text } of schemaSet) {
      const [, folder] = name.split('.')
      expect(readFileSync(new URL(`../../schemas/${folder!}/${kind}.avsc`, import.meta.url), 'utf8')).toBe(text)
    }
  })

  test('says what it is, and what each field means but where the name does', () => {
    for (const schema of parsed) {
      const { doc, fields } = schema as unknown as { doc: string, fields: { name: string, doc?: string }[] }
      expect(doc).toMatch(/^[A-Z].*\.$/)
      for (const field of fields) expect(field.doc, field.name).toMatch(/^\S.*\.$/)
    }
  })

  test('has no float anywhere, and a default wherever it may be null', () => {
    for (const { text } of schemaSet) expect(text).not.toMatch(/"(float|double)"/)
    for (const { fields } of all) {
      for (const { name, type, default: value } of fields ?? []) {
        if (Array.isArray(type)) expect(value, name).toBeNull()
      }
    }
  })

  test('that is no named record is refused', () => {
    expect(() => parseSchema('"string"')).toThrow('a schema must be a named record')
  })

  test('gives its kind to what it decodes, without adding a field', () => {
    const { type } = parseSchema('{"type":"record","name":"some.OtherThing","fields":[{"name":"a","type":"int"}]}')
    const value = type.fromBuffer(Buffer.of(2)) as { kind: string }
    expect(value.kind).toBe('other-thing')
    expect(Object.keys(value)).toEqual(['a'])
  })
})
