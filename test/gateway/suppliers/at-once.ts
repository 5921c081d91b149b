// Suppliers as a gateway knows them, over a log that is applied at once.

import { Suppliers, type SuppliersOptions } from '../../../gateway/adapters/suppliers.ts'
import type { Supply } from '../../../schemas/suppliers/records.ts'
import type { Instant } from '../../../schemas/units.ts'

export type AtOnce = {
  readonly suppliers: Suppliers
  /** Keys of the topic, as they were written. */
  readonly written: readonly string[]
}

export function suppliersAtOnce (now: () => Instant, changes: Partial<SuppliersOptions> = {}): AtOnce {
  const written: string[] = []
  const encoded: Supply[] = []
  const suppliers: Suppliers = new Suppliers({
    resolve: () => Promise.resolve(['1.1.1.1']),
    networks: [],
    topic: 'suppliers-1',
    encode: supply => Buffer.from(String(encoded.push(supply) - 1)),
    log: {
      send: async records => {
        for (const { key, value } of records) {
          written.push(key!)
          suppliers.apply(key!, value === null ? null : encoded[Number(value.toString())]!)
        }
        await Promise.resolve()
      }
    },
    now,
    elapsedMs: () => 1000,
    upstreams: { forget: () => {} },
    ...changes
  })
  return { suppliers, written }
}
