// The directory of suppliers: endpoints and standings, as the records of the topic leave them.

import { supplyKey, type Supply, type SupplierEndpoint, type SupplierStanding } from '../../schemas/suppliers/records.ts'
import type { HolderId, InstrumentId } from '../../schemas/units.ts'

/** What was under a key, and what is there now; null: nothing. */
export type Changed = (before: Supply | null, after: Supply | null) => void

const byAge = (a: SupplierEndpoint, b: SupplierEndpoint): number =>
  a.createdAt - b.createdAt || (a.endpointId < b.endpointId ? -1 : 1)

const copy = (supply: Supply): Supply => supply.kind === 'supplier-endpoint'
  ? { ...supply, kind: supply.kind, models: [...supply.models] }
  : { ...supply, kind: supply.kind }

export class SupplierDirectory {
  readonly #endpoints = new Map<string, SupplierEndpoint>()
  readonly #standings = new Map<string, SupplierStanding>()
  /** By key in the topic. */
  readonly #supplies = new Map<string, Supply>()
  readonly #changed: Changed

  constructor (changed: Changed = () => {}) {
    this.#changed = changed
  }

  /** False for a record that is under another's key: it is passed over. */
  apply (key: string, supply: Supply | null): boolean {
    if (supply !== null && supplyKey(supply) !== key) return false
    const before = this.#supplies.get(key) ?? null
    // What was decoded has its kind on a prototype, and loses it to whoever copies it.
    const after = supply === null ? null : copy(supply)
    if (before?.kind === 'supplier-endpoint') this.#endpoints.delete(before.endpointId)
    if (after?.kind === 'supplier-endpoint') this.#endpoints.set(after.endpointId, after)
    if (before?.kind === 'supplier-standing') this.#standings.delete(key)
    if (after?.kind === 'supplier-standing') this.#standings.set(key, after)
    if (after === null) this.#supplies.delete(key)
    else this.#supplies.set(key, after)
    if (before !== null || after !== null) this.#changed(before, after)
    return true
  }

  endpoint (endpointId: string): SupplierEndpoint | undefined {
    return this.#endpoints.get(endpointId)
  }

  /** All of them, the oldest first. */
  endpoints (): SupplierEndpoint[] {
    return [...this.#endpoints.values()].sort(byAge)
  }

  endpointsOf (supplier: HolderId): SupplierEndpoint[] {
    return this.endpoints().filter(endpoint => endpoint.supplier === supplier)
  }

  standing (supplier: HolderId, instrumentId: InstrumentId): SupplierStanding | undefined {
    return this.#standings.get(`standing/${supplier}/${instrumentId}`)
  }

  standings (): SupplierStanding[] {
    return [...this.#standings.values()]
  }
}
