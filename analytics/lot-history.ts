// What became of a holder's lots, as their changes have it: complete up to a moment ago. What requests hold is not
// among it: the ledger alone knows.

import {
  instant, instrumentId, microdollars, tokens, type HolderId, type InstrumentId, type Instant, type LotId,
  type Microdollars, type Tokens
} from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import {
  conditionsSql, joined, textColumn, timeColumn, wholeColumn, wordsColumn, type Bound, type Column, type Comparison,
  type Condition
} from './conditions.ts'
import { exact, query } from './query.ts'

/** `consumed`: all of it was drawn. `expired`: something was not, and can't be any more. */
export const lotStatus = ['active', 'consumed', 'expired'] as const
export type LotStatus = typeof lotStatus[number]

/** A page of what is one holder's. */
type HolderPage<One, Key> = {
  readonly holder: HolderId
  /** Joined by "and". */
  readonly conditions: readonly One[]
  /** Only what lies beyond it in `order`, itself left out. */
  readonly beyond: Key | null
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

export type PastLot = {
  readonly lotId: LotId
  readonly instrumentId: InstrumentId
  /** Of a unit. */
  readonly price: Microdollars
  readonly tradeSequence: number
  readonly period: number
  readonly openedAt: Instant
  /** As far as the instrument's clock was known to have stopped when it last changed. */
  readonly expiresAt: Instant
  readonly opened: Tokens
  readonly drawn: Tokens
  readonly expired: Tokens
  readonly regranted: Tokens
}

export type LotCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'lotId' | 'openedAt', readonly op: Comparison, readonly value: number }
  | { readonly field: 'expiresAt', readonly op: Comparison, readonly value: number }
  | { readonly field: 'status', readonly op: 'in', readonly value: readonly LotStatus[] }

export type LotKey = { readonly openedAt: Instant, readonly lotId: LotId }
/** `now`: what has expired since then is active. */
export type LotQuery = HolderPage<LotCondition, LotKey> & { readonly now: Instant }

export type Swept = {
  readonly instrumentId: InstrumentId
  readonly sweptAt: Instant
  readonly lots: number
  readonly units: bigint
  readonly cost: bigint
  readonly bookedAt: Instant
}

export type SweptCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'sweptAt', readonly op: Comparison, readonly value: number }

export type SweptKey = { readonly sweptAt: Instant, readonly instrumentId: InstrumentId }
export type SweptQuery = HolderPage<SweptCondition, SweptKey>

/** Tokens of one cohort that expired undrawn. */
export type Breakage = {
  readonly instrumentId: InstrumentId
  readonly period: number
  readonly lots: number
  readonly tokens: bigint
  /** In picodollars: what they had cost. */
  readonly value: bigint
  /** In microdollars: the part that grant money had paid. */
  readonly grant: bigint
  readonly firstAt: Instant
  readonly lastAt: Instant
}

export type BreakageCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'period', readonly op: Comparison, readonly value: number }

export type BreakageKey = { readonly period: number, readonly instrumentId: InstrumentId }
export type BreakageQuery = HolderPage<BreakageCondition, BreakageKey>

export type LotHistory = {
  lots (query: LotQuery): Promise<readonly PastLot[]>
  sweeps (query: SweptQuery): Promise<readonly Swept[]>
  breakage (query: BreakageQuery): Promise<readonly Breakage[]>
}

type NowCondition = Extract<LotCondition, { field: 'status' | 'expiresAt' }>
type AlwaysCondition = Exclude<LotCondition, NowCondition>

const always: Record<AlwaysCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'), lotId: wholeColumn('lot_id'), openedAt: timeColumn('opened_at')
}
const now: Record<NowCondition['field'], Column> = {
  status: wordsColumn('status'), expiresAt: timeColumn('deadline')
}
const sweptColumns: Record<SweptCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'), sweptAt: timeColumn('swept_at')
}
const breakageColumns: Record<BreakageCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'), period: wholeColumn('sweep_period')
}

const isNow = (condition: LotCondition): condition is NowCondition =>
  condition.field === 'status' || condition.field === 'expiresAt'
const isAlways = (condition: LotCondition): condition is AlwaysCondition => !isNow(condition)

const beyondOf = (order: 'asc' | 'desc'): string => order === 'asc' ? '>' : '<'
const directionOf = (order: 'asc' | 'desc'): string => order === 'asc' ? 'ASC' : 'DESC'

export function lotHistory (clickHouse: ClickHouse): LotHistory {
  return {
    async lots (asked) {
      const { sql, parameters } = lotsSql(asked)
      return (await clickHouse.rows<LotRow>(sql, parameters)).map(pastLot)
    },
    async sweeps ({ beyond, ...asked }) {
      const key = { columns: '(swept_at, instrument_id)', instant: beyond?.sweptAt ?? null, name: beyond?.instrumentId }
      const { sql, parameters } = pageSql('holder-sweeps', asked, { columns: sweptColumns, key })
      return (await clickHouse.rows<SweptRow>(sql, parameters)).map(swept)
    },
    async breakage ({ beyond, ...asked }) {
      const key = { columns: '(sweep_period, instrument_id)', period: beyond?.period ?? null, name: beyond?.instrumentId }
      const { sql, parameters } = pageSql('holder-breakage', asked, { columns: breakageColumns, key })
      return (await clickHouse.rows<BreakageRow>(sql, parameters)).map(breakage)
    }
  }
}

type Sql = { readonly sql: string, readonly parameters: Bound }

function lotsSql ({ holder, conditions, beyond, limit, order, now: at }: LotQuery): Sql {
  const parameters: Bound = { holder, limit, now: at }
  const wanted = conditionsSql(conditions.filter(isAlways), always, parameters)
  if (beyond !== null) {
    parameters['beyondInstant'] = beyond.openedAt
    parameters['beyondLot'] = beyond.lotId
    wanted.push(`(opened_at, lot_id) ${beyondOf(order)} (fromUnixTimestamp64Milli({beyondInstant:Int64}, 'UTC'), {beyondLot:Int64})`)
  }
  const wantedNow = conditionsSql(conditions.filter(isNow), now, parameters)
  const sql = query('holder-lots').replace('{always}', () => joined(wanted)).replace('{now}', () => joined(wantedNow))
    .replaceAll('{direction}', directionOf(order))
  return { sql, parameters }
}

type Paged = {
  readonly columns: string
  /** Null: from the beginning. One of the two is there. */
  readonly instant?: Instant | null
  readonly period?: number | null
  readonly name: string | undefined
}

function pageSql<One extends Condition> (
  name: string, { holder, conditions, limit, order }: Omit<HolderPage<One, never>, 'beyond'>,
  { columns, key }: { readonly columns: Readonly<Record<One['field'], Column>>, readonly key: Paged }
): Sql {
  const parameters: Bound = { holder, limit }
  const wanted = conditionsSql(conditions, columns, parameters)
  if (key.name !== undefined) {
    parameters['beyond'] = key.instant ?? key.period ?? 0
    parameters['beyondName'] = key.name
    const first = key.instant == null ? '{beyond:Int64}' : 'fromUnixTimestamp64Milli({beyond:Int64}, \'UTC\')'
    wanted.push(`${key.columns} ${beyondOf(order)} (${first}, {beyondName:String})`)
  }
  const sql = query(name).replace('{conditions}', () => joined(wanted)).replaceAll('{direction}', directionOf(order))
  return { sql, parameters }
}

type LotRow = Record<'lot_id' | 'instrument_id' | 'price' | 'trade_sequence' | 'sweep_period' | 'opened', string> &
  Record<'drawn' | 'expired' | 'regranted' | 'opened_ms' | 'expires_ms', string>

const pastLot = (row: LotRow): PastLot => ({
  lotId: exact(row.lot_id) as LotId,
  instrumentId: instrumentId(row.instrument_id),
  price: microdollars(exact(row.price)),
  tradeSequence: exact(row.trade_sequence),
  period: exact(row.sweep_period),
  openedAt: instant(exact(row.opened_ms)),
  expiresAt: instant(exact(row.expires_ms)),
  opened: tokens(exact(row.opened)),
  drawn: tokens(exact(row.drawn)),
  expired: tokens(exact(row.expired)),
  regranted: tokens(exact(row.regranted))
})

type SweptRow = Record<'instrument_id' | 'lots' | 'units' | 'cost_picodollars' | 'swept_ms' | 'booked_ms', string>

const swept = (row: SweptRow): Swept => ({
  instrumentId: instrumentId(row.instrument_id),
  sweptAt: instant(exact(row.swept_ms)),
  lots: exact(row.lots),
  units: BigInt(row.units),
  cost: BigInt(row.cost_picodollars),
  bookedAt: instant(exact(row.booked_ms))
})

type BreakageRow = Record<'instrument_id' | 'sweep_period' | 'lots' | 'expired_tokens' | 'value_picodollars', string> &
  Record<'grant_cost' | 'first_ms' | 'last_ms', string>

const breakage = (row: BreakageRow): Breakage => ({
  instrumentId: instrumentId(row.instrument_id),
  period: exact(row.sweep_period),
  lots: exact(row.lots),
  tokens: BigInt(row.expired_tokens),
  value: BigInt(row.value_picodollars),
  grant: BigInt(row.grant_cost),
  firstAt: instant(exact(row.first_ms)),
  lastAt: instant(exact(row.last_ms))
})
