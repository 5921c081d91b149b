// What was released, as it was: released/VERSION holds every schema of a release, and never changes again.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSchema, type Schema } from '../../schemas/schema-set.ts'

export type Released = { readonly version: string, readonly schema: Schema }

const folder = join(import.meta.dirname, 'released')

/** Oldest release first. */
export const released: readonly Released[] = readdirSync(folder)
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  .flatMap(version => readdirSync(join(folder, version)).sort().map(file => {
    return { version, schema: parseSchema(readFileSync(join(folder, version, file), 'utf8')) }
  }))

type Field = { name: string, type: unknown, default?: unknown, doc?: string }
export type RecordText = { name: string, fields: Field[] }

/** A schema's text after an edit, as a later release might have it. */
export function edited (schema: Schema, edit: (record: RecordText) => void): Schema {
  const record = JSON.parse(schema.text) as RecordText
  edit(record)
  return parseSchema(JSON.stringify(record))
}
