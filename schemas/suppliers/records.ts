// Who serves requests, and how well. Compacted topics that the edge reads; no core does. The Avro schemas beside this
// file say the same for the wire; a test holds the two together.

import type { HolderId, InstrumentId, Instant, Microdollars } from '../units.ts'

/** A place where a supplier serves one instrument. Written by the supplier. */
export type SupplierEndpoint = {
  readonly kind: 'supplier-endpoint'
  /** `endpoint_<uuid>`. */
  readonly endpointId: string
  readonly supplier: HolderId
  readonly instrumentId: InstrumentId
  /** Of the edge: scheme, host and port, perhaps a path; requests go to paths below it. */
  readonly url: string
  /** Where clients are sent in delivery mode `supplier`; null: they can't reach it. */
  readonly publicUrl: string | null
  /** What it may answer with. */
  readonly models: readonly string[]
  /** Declared capacity: requests at once, requests a minute, tokens a minute; null: not bounded. */
  readonly inFlightMax: number | null
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  /** SHA-256 of the public key of its certificate (SPKI), base64; null: certificates are checked as everywhere. */
  readonly tlsPin: string | null
  /** Microdollars a unit, for the house's own fallback only: what it is sold at, token by token. Null: no fallback. */
  readonly managedPrice: Microdollars | null
  readonly isActive: boolean
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export const standing = ['unrated', 'good', 'probation', 'suspended'] as const
export type Standing = typeof standing[number]

/** What is thought of a supplier in an instrument. Written by an admin until it is measured. */
export type SupplierStanding = {
  readonly kind: 'supplier-standing'
  readonly supplier: HolderId
  readonly instrumentId: InstrumentId
  readonly standing: string
  /** Of 1000: its share beside the others'. 0: none. */
  readonly weight: number
  readonly updatedAt: Instant
}

export type Supply = SupplierEndpoint | SupplierStanding

/** What holds of a supplier that nobody has judged. */
export const weightDefault = 100
export const weightMax = 1000

/** The key of a record in the compacted topic; a null value under it takes it away. */
export function supplyKey (supply: Supply): string {
  switch (supply.kind) {
    case 'supplier-endpoint': return `endpoint/${supply.endpointId}`
    case 'supplier-standing': return `standing/${supply.supplier}/${supply.instrumentId}`
  }
}
