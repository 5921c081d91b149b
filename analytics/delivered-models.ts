// Which models answered for each instrument of late.

import { instrumentId, type InstrumentId, type Instant } from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import { query } from './query.ts'

/** An instrument that no model answered for has none. */
export type DeliveredModels = ReadonlyMap<InstrumentId, readonly string[]>

/** More than that of one instrument nobody reads. */
const most = 50

export async function deliveredModels (clickHouse: ClickHouse, since: Instant): Promise<DeliveredModels> {
  type Row = Record<'instrument_id' | 'served_model', string>
  const rows = await clickHouse.rows<Row>(query('delivered-models'), { since, most })
  const grouped = Map.groupBy(rows, row => instrumentId(row.instrument_id))
  return new Map([...grouped].map(([id, group]) => [id, group.map(row => row.served_model)]))
}
