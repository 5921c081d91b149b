// What is due to be booked, as far as ClickHouse has heard: it may be behind, so that what it names may be booked
// already, and what it does not name yet will be named later.

import {
  holderId, instant, instrumentId, tokens, units, type HolderId, type InstrumentId, type Instant, type LotId,
  type Tokens, type Units
} from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import { exact, query } from './query.ts'

/** A lot that has expired with something left. */
export type DueLot = {
  readonly holder: HolderId
  readonly lotId: LotId
  readonly tokens: Tokens
  readonly openedAt: Instant
  readonly expiresAt: Instant
}

/** Units in Trading from before the period. */
export type DuePosition = { readonly holder: HolderId, readonly instrumentId: InstrumentId, readonly units: Units }

type Page<Row> = {
  /** What began before is not looked at. */
  readonly since: Instant
  /** The last row of the page before. */
  readonly beyond: Row | null
  readonly limit: number
}

export type Due = {
  lots (page: Page<DueLot> & { readonly before: Instant }): Promise<readonly DueLot[]>
  /** `period`: the sweep period that has begun. */
  positions (page: Page<DuePosition> & { readonly period: number }): Promise<readonly DuePosition[]>
}

export function due (clickHouse: ClickHouse): Due {
  return {
    async lots ({ since, before, beyond, limit }) {
      const parameters = { since, before, limit, beyondInstant: beyond?.expiresAt ?? 0, beyondLot: beyond?.lotId ?? 0 }
      return (await clickHouse.rows<LotRow>(query('due-lots'), parameters)).map(row => ({
        holder: holderId(exact(row.holder)),
        lotId: exact(row.lot_id) as LotId,
        tokens: tokens(exact(row.tokens)),
        openedAt: instant(exact(row.opened_ms)),
        expiresAt: instant(exact(row.expires_ms))
      }))
    },
    async positions ({ since, period, beyond, limit }) {
      const after = { beyondHolder: beyond?.holder ?? firstHolder, beyondInstrument: beyond?.instrumentId ?? '' }
      const rows = await clickHouse.rows<PositionRow>(query('due-positions'), { since, period, limit, ...after })
      return rows.map(row => ({
        holder: holderId(exact(row.holder)),
        instrumentId: instrumentId(row.instrument_id),
        units: units(exact(row.units))
      }))
    }
  }
}

/** Below every holder. */
const firstHolder = -1

type LotRow = Record<'holder' | 'lot_id' | 'tokens' | 'opened_ms' | 'expires_ms', string>
type PositionRow = Record<'holder' | 'instrument_id' | 'units', string>
