import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyCheck } from '../../schemas/bounds.ts'
import { schemaSet } from '../../schemas/schema-set.ts'
import { valuesOf, type AvroSchema } from './avro-values.ts'

// Everything that Avro has and a schema of ours could one day have.
const everything = {
  type: 'record',
  name: 'Everything',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'small', type: 'int' },
    { name: 'list', type: { type: 'array', items: { type: 'record', name: 'Item', fields: [{ name: 'a', type: ['null', 'string'] }, { name: 'b', type: 'long' }] } } },
    { name: 'nested', type: { type: 'array', items: { type: 'array', items: 'bytes' } } },
    { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['buy', 'sell'] } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }
  ]
}
const withMap = { type: 'record', name: 'WithMap', fields: [{ name: 'by', type: { type: 'map', values: 'double' } }, { name: 'sum', type: { type: 'fixed', name: 'Sum', size: 4 } }, { name: 'f', type: 'float' }] }

const check = (schema: unknown): ((bytes: Buffer, from: number) => boolean) => bodyCheck(JSON.stringify(schema))!

describe('a body', () => {
  test('that is whole ends where its schema says; any other end is wrong', () => {
    const type = avro.Type.forSchema(everything as avro.Schema)
    fc.assert(fc.property(valuesOf(everything as AvroSchema), fc.nat(), (value, at) => {
      const bytes = type.toBuffer(value)
      expect(check(everything)(bytes, 0)).toBe(true)
      expect(check(everything)(Buffer.concat([Buffer.alloc(3), bytes]), 3)).toBe(true)
      expect(check(everything)(bytes.subarray(0, at % bytes.length), 0)).toBe(false)
      expect(check(everything)(Buffer.concat([bytes, Buffer.of(0)]), 0)).toBe(false)
    }), { seed: 1 })
  })

  test('with a map, a fixed and floats is measured too', () => {
    const type = avro.Type.forSchema(withMap as avro.Schema)
    const bytes = type.toBuffer({ by: { a: 1, bc: 2 }, sum: Buffer.alloc(4), f: 1.5 })
    expect(check(withMap)(bytes, 0)).toBe(true)
    expect(check(withMap)(bytes.subarray(1), 0)).toBe(false)
    expect(check(withMap)(bytes.subarray(0, -1), 0)).toBe(false)
  })

  test('whose blocks say their size is whole as well', () => {
    // Two items in a block of 2 bytes, then one item, then the end.
    const list = { type: 'record', name: 'List', fields: [{ name: 'of', type: { type: 'array', items: 'int' } }] }
    expect(check(list)(Buffer.from([3, 4, 2, 4, 2, 6, 0]), 0)).toBe(true)
    expect(check(list)(Buffer.from([3, 4, 2, 4, 2, 6]), 0)).toBe(false)
  })

  test.each([
    ['a count of 2^40', '8080808080804000'],
    ['a negative count without a size', '01'],
    ['a count of the lowest number there is', 'ffffffffffffffffff01'],
    ['a number that does not end', 'ffffffffffffffffffffffffffff']
  ])('with %s is not whole', (_, hex) => {
    const list = { type: 'record', name: 'List', fields: [{ name: 'of', type: { type: 'array', items: 'int' } }] }
    expect(check(list)(Buffer.from(hex, 'hex'), 0)).toBe(false)
  })

  test('with a branch that is none is not whole', () => {
    const list = { type: 'record', name: 'List', fields: [{ name: 'of', type: { type: 'array', items: ['null', 'int'] } }] }
    for (const branch of [4, 1, 3]) expect(check(list)(Buffer.from([2, branch, 0, 0]), 0)).toBe(false)
    expect(check(list)(Buffer.from([2, 2, 8, 0]), 0)).toBe(true)
  })
})

test('only what holds arrays or maps is walked', () => {
  const walked = schemaSet.filter(({ text }) => bodyCheck(text) !== undefined).map(({ kind }) => kind)
  expect(walked).toEqual([
    'account-settings', 'consumption-key', 'user', 'listed-instrument', 'journal-entry', 'set-ledger-parameters', 'book-delta',
    'order-outcome', 'activate-version', 'supplier-endpoint', 'request-report'
  ])
})

test('a schema that can not be walked is refused when it is read, not when a record comes', () => {
  const twice = { type: 'record', name: 'Twice', fields: [{ name: 'a', type: { type: 'enum', name: 'Side', symbols: ['b'] } }, { name: 'l', type: { type: 'array', items: 'Side' } }] }
  expect(() => bodyCheck(JSON.stringify(twice))).toThrow('may not name Side a second time')
})
