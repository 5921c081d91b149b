// The id of an endpoint, derived: the same on every gateway, however often it is registered.

import { createHash } from 'node:crypto'
import type { HolderId, InstrumentId } from '../../schemas/units.ts'

export type EndpointPlace = { readonly supplier: HolderId, readonly instrumentId: InstrumentId, readonly url: string }

export function endpointIdOf ({ supplier, instrumentId, url }: EndpointPlace): string {
  const hex = createHash('sha256').update(JSON.stringify([supplier, instrumentId, url])).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return `endpoint_${parts.join('-')}`
}
