// What the routes of suppliers need of the world.

import type { SupplierEndpoint, SupplierStanding } from '../../schemas/suppliers/records.ts'
import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import type { EndpointView } from '../routing/routing.ts'

export type { EndpointView } from '../routing/routing.ts'

export type SuppliersPort = {
  endpoint (endpointId: string): SupplierEndpoint | undefined
  /** Of one supplier, the oldest first. */
  endpoints (supplier: HolderId): readonly SupplierEndpoint[]
  /** Undefined where nobody has judged. */
  standing (supplier: HolderId, instrumentId: InstrumentId): SupplierStanding | undefined
  /** As requests of this gateway met it. */
  seen (endpointId: string): EndpointView | undefined
  /** What is wrong with where a URL leads, to be said after its field's name; null: nothing. */
  destinationFault (url: URL): Promise<string | null>
  /** Resolves once the log has it and this gateway knows it; an `ApiError` where that is not known. */
  write (endpoint: SupplierEndpoint): Promise<void>
  remove (endpointId: string): Promise<void>
}
