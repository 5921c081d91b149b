import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Codec, reader, Undecodable, wireId, type AcceptedSchema } from '../../schemas/codec.ts'
import { amendDefaults } from '../../schemas/matching/records.ts'
import { schemaOf, schemaSet } from '../../schemas/schema-set.ts'
import { named, valuesOf, type AvroSchema } from './avro-values.ts'

type Value = { kind: string } & Record<string, unknown>

const accepted: AcceptedSchema[] = schemaSet.map(({ name, fingerprint }, index) => {
  return { name, fingerprint, id: 1000 + index }
})
const wire = new Codec().bind(accepted)
const idOf = (kind: string): number => accepted[schemaSet.findIndex(schema => schema.kind === kind)]!.id

const values = (kind: string): fc.Arbitrary<Value> =>
  valuesOf(JSON.parse(schemaOf(kind).text) as AvroSchema).map(value => ({ kind, ...value as object }))

const fill = {
  kind: 'fill', instrumentId: 'text-prime', sequence: 7, takerSide: 'buy', price: 100, quantity: 5, makerOrderId: 1, takerOrderId: 2, makerHolder: 3, takerHolder: 4, matchedAt: 5
}

const framed = (id: number, body: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix.writeInt32BE(id, 1)
  return Buffer.concat([prefix, body])
}

const plain = (value: { readonly kind: string } | null): object => ({ ...value, kind: value?.kind })

function reasonOf (bytes: Buffer | null, from = wire): string {
  try {
    return `decoded ${from.decode(bytes).kind}`
  } catch (error) {
    expect(error).toBeInstanceOf(Undecodable)
    return (error as Undecodable).reason
  }
}

/** Everything that counts in a decoded value: no array may be longer than the bytes it came from. */
const within = schemaSet.flatMap(({ text }) => [...named(JSON.parse(text) as AvroSchema)])
const symbols = new Set<unknown>(within.flatMap(({ symbols }) => symbols ?? []))

function itemsMax (value: unknown): number {
  // The symbol of an enum is not on the wire, and no garbage makes it longer.
  if (symbols.has(value)) return 0
  if (Buffer.isBuffer(value) || typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  return Math.max(0, Array.isArray(value) ? value.length : 0, ...Object.values(value).map(itemsMax))
}

describe.each(schemaSet.map(({ kind }) => kind))('%s', kind => {
  test('is read as it was written', () => {
    fc.assert(fc.property(values(kind), value => {
      const bytes = wire.encode(value)
      expect(wireId(bytes)).toBe(idOf(kind))
      const decoded = wire.decode(bytes)
      expect(decoded.kind).toBe(kind)
      expect({ ...decoded, kind }).toEqual(value)
      expect(wire.encode(decoded)).toEqual(bytes)
    }), { seed: 1 })
  })

  test('cut short, or with bytes after it, breaks its schema', () => {
    fc.assert(fc.property(values(kind), fc.nat(), (value, at) => {
      const bytes = wire.encode(value)
      const cut = bytes.subarray(0, 5 + at % (bytes.length - 5))
      expect(reasonOf(cut)).toBe('breaks_schema')
      expect(reasonOf(Buffer.concat([bytes, Buffer.of(0)]))).toBe('breaks_schema')
    }), { seed: 2 })
  })

  test('is Undecodable or within its bytes, whatever they are', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      // Large counts and lengths: many bytes with the high bit set.
      fc.array(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfe, 0xff), { maxLength: 40 }).map(list => Uint8Array.from(list)),
      fc.tuple(values(kind), fc.nat(), fc.integer({ min: 1, max: 255 })).map(([value, at, flip]) => {
        const bytes = Uint8Array.from(wire.encode(value).subarray(5))
        bytes[at % bytes.length]! ^= flip
        return bytes
      })
    )
    fc.assert(fc.property(body, bytes => {
      const garbage = framed(idOf(kind), bytes)
      if (reasonOf(garbage).startsWith('decoded')) expect(itemsMax(wire.decode(garbage))).toBeLessThanOrEqual(garbage.length)
    }), { seed: 3, numRuns: 500 })
  })
})

describe('a value', () => {
  test('that is not in the wire format says so', () => {
    for (const bytes of [null, Buffer.alloc(0), Buffer.of(0), Buffer.of(0, 0, 0, 4), Buffer.of(1, 0, 0, 3, 232, 0), Buffer.from('{"a":1}')]) {
      expect(reasonOf(bytes)).toBe('not_wire_format')
    }
  })

  test('of any other id is of an unknown schema', () => {
    for (const id of [0, 1, 999, 1000 + schemaSet.length, -1, 2 ** 31 - 1]) expect(reasonOf(framed(id, Buffer.alloc(40)))).toBe('unknown_schema')
    expect(reasonOf(wire.encode(fill), new Codec().bind([]))).toBe('unknown_schema')
  })

  test.each([
    ['array items', 'book-delta', '02610000008080808080804000'],
    ['array items, in a block that says its size', 'book-delta', '0261000000ffffffffffff3f02'],
    ['schemas', 'activate-version', '0280808080808040'],
    ['letters of a string', 'cancel-order', '020280808080808040'],
    ['bytes', 'dead-letter', '02610002610261026102808080808080400000']
  ])('that announces 2^40 %s takes no memory', (_, kind, body) => {
    expect(reasonOf(framed(idOf(kind), Buffer.from(body, 'hex')))).toBe('breaks_schema')
  })

  test('whose number is beyond 2^53 breaks its schema', () => {
    expect(reasonOf(framed(idOf('cancel-order'), Buffer.from('ffffffffffffffffff010000', 'hex')))).toBe('breaks_schema')
  })

  test('has its kind beside its fields, and not among them', () => {
    const decoded = wire.decode(wire.encode(fill))
    expect(Object.keys(decoded)).not.toContain('kind')
    expect('kind' in decoded).toBe(true)
  })
})

describe('encoding', () => {
  const letter = (offset: number, value: Buffer) =>
    ({ kind: 'dead-letter', topic: 't', partition: 1, offset, reader: 'r', reason: 'x', detail: '', key: null, value, at: 0 })
  const read = (bytes: Buffer) => wire.decode(bytes) as unknown as ReturnType<typeof letter>

  test('goes on across the end of a slab, and what was written stays as it was', () => {
    const letters = Array.from({ length: 60 }, (_, index) => letter(index, Buffer.alloc(61_357, index)))
    const written = letters.map(each => wire.encode(each))
    expect(written.reduce((sum, bytes) => sum + bytes.length, 0)).toBeGreaterThan(3 * 2 ** 20)
    expect(written.map(bytes => read(bytes).offset)).toEqual(letters.map(({ offset }) => offset))
    expect(written.every((bytes, index) => read(bytes).value.equals(letters[index]!.value))).toBe(true)
  })

  test('a value that is larger than a slab is written by itself', () => {
    const large = letter(2, Buffer.alloc(3 * 2 ** 20, 7))
    const bytes = wire.encode(large)
    expect(read(bytes).value.equals(large.value)).toBe(true)
    expect(wire.decode(wire.encode(fill))).toMatchObject({ sequence: 7 })
    expect(read(bytes).value.equals(large.value)).toBe(true)
  })

  test('fits slabs of every remainder', () => {
    const own = new Codec().bind(accepted)
    const small = Array.from({ length: 60_000 }, (_, sequence) => own.encode({ ...fill, sequence } as Value))
    const sequences = small.map(bytes => (own.decode(bytes) as unknown as typeof fill).sequence)
    expect(sequences.every((sequence, index) => sequence === index)).toBe(true)
  })

  test('refuses what is not accepted, and what is no value of its schema', () => {
    expect(() => new Codec().bind([]).encode(fill)).toThrow('no accepted schema writes fill')
    expect(() => wire.encode({ ...fill, price: 1.5 } as Value)).toThrow()
    expect(() => wire.encode({ ...fill, price: 2 ** 60 } as Value)).toThrow()
    expect(() => wire.encode({ kind: 'fill' })).toThrow()
    expect(wire.writes('fill')).toBe(true)
    expect(wire.writes('order')).toBe(false)
  })
})

describe('a schema of another release', () => {
  type Record_ = { fields: { name: string }[] }
  const change = (kind: string, edit: (schema: Record_) => void): string => {
    const schema = JSON.parse(schemaOf(kind).text) as Record_
    edit(schema)
    return JSON.stringify(schema)
  }
  const older = change('amend-order', schema => { schema.fields = schema.fields.filter(({ name }) => name !== 'price') })
  const newer = change('fill', schema => { schema.fields.splice(3, 0, { name: 'feeTier', type: 'string', default: 'standard' } as { name: string }) })

  type Bound = { codec: Codec, listing: AcceptedSchema[], write: (value: object) => Buffer }

  function bind (text: string, id: number): Bound {
    const codec = new Codec()
    const writer = codec.learn(text)
    const listing = [...accepted, { name: writer.name, fingerprint: writer.fingerprint, id }]
    return { codec, listing, write: value => framed(id, writer.type.toBuffer(value)) }
  }

  test('is read as ours: what it lacks has its default', () => {
    const { codec, listing, write } = bind(older, 77)
    const amend = { orderId: 1, holder: 2, instrumentId: 'text-prime', quantity: 3, quantityIs: 'total' }
    expect(plain(codec.bind(listing).decode(write(amend)))).toEqual({ ...amend, kind: 'amend-order', price: null, ...amendDefaults })
  })

  test('is read as ours: what it has beyond ours is left out', () => {
    const { codec, listing, write } = bind(newer, 78)
    const decoded = codec.bind(listing).decode(write({ ...fill, feeTier: 'gold' }))
    expect(plain(decoded)).toEqual(fill)
    expect(reasonOf(write({ ...fill, feeTier: 'gold' }).subarray(0, -1), codec.bind(listing))).toBe('breaks_schema')
  })

  test('is never written with: ours is', () => {
    const { codec, listing } = bind(newer, 78)
    expect(wireId(codec.bind(listing).encode(fill))).toBe(idOf('fill'))
    expect(codec.bind([{ ...listing.at(-1)! }]).writes('fill')).toBe(false)
  })

  test('has to be fetched before it can be bound; what is no record of ours has not', () => {
    const codec = new Codec()
    const { listing } = bind(older, 77)
    const foreign = { name: 'other.Thing', id: 5, fingerprint: 'x' }
    expect(codec.unknown([...listing, foreign]).map(({ id }) => id)).toEqual([77])
    codec.learn(older)
    expect(codec.unknown([...listing, foreign])).toEqual([])
    expect(codec.bind([foreign]).has(5)).toBe(false)
  })

  test('that is ours in other words is ours', () => {
    const codec = new Codec()
    const text = JSON.stringify(JSON.parse(schemaOf('fill').text))
    expect(codec.learn(text)).toBe(schemaOf('fill'))
  })
})

test('a reader of one schema takes any id, and gives null for what is none', () => {
  const read = reader(schemaOf('fill'))
  const body = wire.encode(fill).subarray(5)
  for (const id of [0, 5, -3]) expect(plain(read(framed(id, body)))).toEqual(fill)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
    const value = read(Buffer.from(bytes))
    if (value !== null) expect(value.kind).toBe('fill')
  }), { seed: 5, numRuns: 500 })
  for (const bytes of [null, Buffer.alloc(0), body, framed(1, body.subarray(1))]) expect(read(bytes)).toBeNull()
})
