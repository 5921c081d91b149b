// Records for the runtime itself, marked by their `control` header. They are Avro like all others, but are read with
// this release's schema whatever id they carry: the listing of accepted ids can't be what decides on the listing.

import { reader, type AcceptedSchema } from '../../schemas/codec.ts'
import { schemaOf } from '../../schemas/schema-set.ts'

export type ActivateVersion = {
  readonly kind: 'activate-version'
  readonly version: number
  readonly schemas: readonly AcceptedSchema[]
}

export const activateVersionHeader = Buffer.from('activate-version')

const prefixBytes = 5

export function writeActivateVersion (activation: ActivateVersion, id: number): Buffer {
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeInt32BE(id, 1)
  return Buffer.concat([prefix, schemaOf('activate-version').type.toBuffer(activation)])
}

const readActivation = reader(schemaOf('activate-version'))

/** Null when the record is not a control record that this release knows. */
export function readControl (header: Buffer, value: Buffer | null): ActivateVersion | null {
  return header.equals(activateVersionHeader) ? readActivation(value) as ActivateVersion | null : null
}
