// Avro in the Confluent wire format: a zero byte, the schema's id in the registry (4 bytes), the Avro body.
//
//   value := 0x00 id:int32be body
//
// A wire is bound to the ids that are accepted; everything else does not decode. Nothing here talks to the registry:
// a writer's schema that is not of this release is learned first (registry.ts) and resolved to ours.

import { type Type } from 'avsc'
import { bodyCheck } from './bounds.ts'
import { parseSchema, schemaSet, type Schema } from './schema-set.ts'

export type AcceptedSchema = { readonly name: string, readonly id: number, readonly fingerprint: string }

export type UndecodableReason = 'not_wire_format' | 'unknown_schema' | 'breaks_schema'

/** What is on a topic and can't be read: a dead letter, never a crash. */
export class Undecodable extends Error {
  readonly reason: UndecodableReason
  constructor (reason: UndecodableReason, detail: string) {
    super(detail)
    this.name = 'Undecodable'
    this.reason = reason
  }
}

type Decode = (bytes: Buffer) => { readonly kind: string }

// avsc's own declarations leave these out; the library has had them since 5.0.
type Resolver = ReturnType<Type['createResolver']>
type Decoder = { decode (bytes: Buffer, position: number, resolver?: Resolver): { value: unknown, offset: number } }

const prefixBytes = 5
const slabBytes = 1 << 20

export class Wire {
  readonly #decoders = new Map<number, Decode>()
  readonly #writers = new Map<string, { id: number, type: Type }>()
  #slab = Buffer.allocUnsafeSlow(slabBytes)
  #used = 0

  add (accepted: AcceptedSchema, writer: Schema): void {
    const reader = schemaSet.find(schema => schema.name === accepted.name)
    if (reader === undefined) return
    this.#decoders.set(accepted.id, decoder(reader, writer))
    if (writer.fingerprint !== reader.fingerprint) return
    this.#writers.set(reader.kind, { id: accepted.id, type: reader.type })
  }

  has (id: number): boolean {
    return this.#decoders.has(id)
  }

  writes (kind: string): boolean {
    return this.#writers.has(kind)
  }

  /** Throws `Undecodable`, and nothing else, for any bytes at all. */
  decode (bytes: Buffer | null): { readonly kind: string } {
    const id = wireId(bytes)
    const decode = this.#decoders.get(id)
    if (decode === undefined) throw new Undecodable('unknown_schema', `schema id ${id} is not accepted here`)
    try {
      return decode(bytes as Buffer)
    } catch (error) {
      throw error instanceof Undecodable ? error : new Undecodable('breaks_schema', String(error))
    }
  }

  /** The bytes lie in a shared slab that is never written twice; they may be kept. */
  encode (value: { readonly kind: string }): Buffer {
    const writer = this.#writers.get(value.kind)
    if (writer === undefined) throw new Error(`no accepted schema writes ${value.kind}`)
    for (;;) {
      const from = this.#used
      if (this.#slab.length - from > prefixBytes) {
        this.#slab[from] = 0
        this.#slab.writeInt32BE(writer.id, from + 1)
        const end = writer.type.encode(value, this.#slab, from + prefixBytes)
        if (end >= 0) {
          this.#used = end
          return this.#slab.subarray(from, end)
        }
        if (from === 0) return Buffer.concat([this.#slab.subarray(0, prefixBytes), writer.type.toBuffer(value)])
      }
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#used = 0
    }
  }
}

/** The schema id of a value in the wire format. */
export function wireId (bytes: Buffer | null): number {
  if (bytes === null) throw new Undecodable('not_wire_format', 'the record has no value')
  if (bytes.length < prefixBytes || bytes[0] !== 0) {
    throw new Undecodable('not_wire_format', 'the value does not begin with a zero byte and a schema id')
  }
  return bytes.readInt32BE(1)
}

function decoder (reader: Schema, writer: Schema): Decode {
  const type = reader.type as unknown as Decoder
  const resolver = writer.fingerprint === reader.fingerprint ? undefined : reader.type.createResolver(writer.type)
  const check = bodyCheck(writer.text)
  return bytes => {
    if (check?.(bytes, prefixBytes) === false) throw new Undecodable('breaks_schema', 'the body does not fit its length')
    const { value, offset } = type.decode(bytes, prefixBytes, resolver)
    if (offset !== bytes.length) {
      throw new Undecodable('breaks_schema', offset < 0 ? 'the body ends early' : 'bytes follow the body')
    }
    return value as { kind: string }
  }
}

/** Reads values of one schema of this release whatever id they carry. Null for any bytes that are not one. */
export function reader (schema: Schema): (bytes: Buffer | null) => { readonly kind: string } | null {
  const decode = decoder(schema, schema)
  return bytes => {
    try {
      wireId(bytes)
      return decode(bytes as Buffer)
    } catch {
      // Whatever it is, it is not one of these; who asked says what becomes of it.
      return null
    }
  }
}

/** Knows writers' schemas by fingerprint, ours from the start, others once learned; binds wires to listings. */
export class Codec {
  readonly #byFingerprint = new Map(schemaSet.map(schema => [schema.fingerprint, schema]))

  learn (text: string): Schema {
    const schema = parseSchema(text)
    const known = this.#byFingerprint.get(schema.fingerprint)
    if (known !== undefined) return known
    this.#byFingerprint.set(schema.fingerprint, schema)
    return schema
  }

  /** Those of a listing whose text has to be fetched before `bind`. */
  unknown (listing: readonly AcceptedSchema[]): AcceptedSchema[] {
    return listing.filter(accepted => this.#isOurs(accepted.name) && !this.#byFingerprint.has(accepted.fingerprint))
  }

  bind (listing: readonly AcceptedSchema[]): Wire {
    const wire = new Wire()
    for (const accepted of listing) {
      const writer = this.#byFingerprint.get(accepted.fingerprint)
      if (writer !== undefined) wire.add(accepted, writer)
    }
    return wire
  }

  // A name that this release does not know can't be read by it, whatever its text.
  #isOurs (name: string): boolean {
    return schemaSet.some(schema => schema.name === name)
  }
}
