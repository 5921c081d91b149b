// The Avro schemas of this release, one a file, read once. The name of a schema is its kind on our side:
// `market.matching.PlaceOrder` is `place-order`.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import avro, { type Type } from 'avsc'

export type Schema = {
  /** Full name; also the subject it is registered under, so that a schema has one id whatever topic it travels on. */
  readonly name: string
  readonly kind: string
  readonly text: string
  readonly type: Type
  /** SHA-256 of the canonical form, hex. */
  readonly fingerprint: string
}

export function kindOf (name: string): string {
  const short = name.slice(name.lastIndexOf('.') + 1)
  return short.replace(/[A-Z]/g, (letter, index: number) => (index === 0 ? '' : '-') + letter.toLowerCase())
}

export function parseSchema (text: string): Schema {
  const type = avro.Type.forSchema(JSON.parse(text) as avro.Schema)
  const name = type.name
  if (name === undefined) throw new Error('a schema must be a named record')
  const kind = kindOf(name)
  // What is decoded carries its kind on the prototype: no allocation, and the wire does not know of it.
  const { recordConstructor } = type as unknown as { recordConstructor: { prototype: object } }
  Object.defineProperty(recordConstructor.prototype, 'kind', { value: kind, enumerable: true })
  return { name, kind, text, type, fingerprint: type.fingerprint('sha256').toString('hex') }
}

const folder = import.meta.dirname

function readSchemas (): Schema[] {
  const files = readdirSync(folder, { recursive: true }).map(String).filter(file => file.endsWith('.avsc')).sort()
  return files.map(file => parseSchema(readFileSync(join(folder, file), 'utf8')))
}

/** Every schema of this release, by file name. */
export const schemaSet: readonly Schema[] = readSchemas()

export function schemaOf (kind: string): Schema {
  const schema = schemaSet.find(candidate => candidate.kind === kind)
  if (schema === undefined) throw new Error(`no schema for ${kind}`)
  return schema
}
