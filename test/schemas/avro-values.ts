// Arbitrary values of an Avro schema, drawn from the schema itself, so that a new field is tested before anyone thinks
// of it.

import fc from 'fast-check'

export type AvroSchema = string | AvroSchema[] | {
  readonly type: AvroSchema
  readonly name?: string
  readonly fields?: readonly { readonly name: string, readonly type: AvroSchema, readonly default?: unknown }[]
  readonly symbols?: readonly string[]
  readonly items?: AvroSchema
}

// The library's own range: it refuses 2^53 - 1, and takes for positive what lies below -2^52 (schemas/README.md).
const isExact = (value: number): boolean => value >= -(2 ** 52) && value < 2 ** 53 - 1

const primitives: Record<string, fc.Arbitrary<unknown>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.integer(),
  long: fc.oneof(fc.integer(), fc.maxSafeInteger().filter(isExact)),
  string: fc.string({ unit: 'grapheme', maxLength: 30 }),
  bytes: fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes))
}

export function valuesOf (schema: AvroSchema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema)) return fc.oneof(...schema.map(valuesOf))
  if (typeof schema === 'string') {
    const primitive = primitives[schema]
    if (primitive === undefined) throw new Error(`no values of ${schema} are known here`)
    return primitive
  }
  if (schema.type === 'record') {
    return fc.record(Object.fromEntries((schema.fields ?? []).map(field => [field.name, valuesOf(field.type)])))
  }
  if (schema.type === 'enum') return fc.constantFrom(...schema.symbols ?? [])
  if (schema.type === 'array') return fc.array(valuesOf(schema.items ?? 'null'), { maxLength: 5 })
  return valuesOf(schema.type)
}

/** The schema and all within it that have fields or symbols. */
export function * named (schema: AvroSchema): Generator<Exclude<AvroSchema, string | AvroSchema[]>> {
  if (typeof schema === 'string') return
  if (Array.isArray(schema)) {
    for (const branch of schema) yield * named(branch)
    return
  }
  if (schema.name !== undefined) yield schema
  yield * named(schema.type)
  for (const field of schema.fields ?? []) yield * named(field.type)
  if (schema.items !== undefined) yield * named(schema.items)
}
