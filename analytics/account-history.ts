// What happened to a holder's accounts, as the journal has it: complete up to a moment ago.

import type { EntryType, HolderAccount } from '../schemas/ledger/records.ts'
import type { Role } from '../schemas/matching/records.ts'
import {
  instant, instrumentId, microdollars, orderId, units, type HolderId, type InstrumentId, type Instant,
  type Microdollars, type OrderId, type Side, type Units
} from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import {
  conditionsSql, joined, textColumn, timeColumn, wholeColumn, type Bound, type Column, type Comparison, type Condition
} from './conditions.ts'
import { lotHistory, type LotHistory } from './lot-history.ts'
import { exact, query } from './query.ts'

/** A page of what is in one holder's journal. */
type JournalQuery<One> = {
  readonly holder: HolderId
  /** Joined by "and". */
  readonly conditions: readonly One[]
  /** Only what lies beyond this entry in `order`, the entry left out. */
  readonly beyond: number | null
  readonly limit: number
  /** By entry. */
  readonly order: 'asc' | 'desc'
}

/** A fill as its holder sees it. */
export type OwnTrade = {
  readonly holder: HolderId
  readonly orderId: OrderId
  readonly instrumentId: InstrumentId
  /** Of the fill in its instrument. */
  readonly sequence: number
  readonly side: Side
  readonly role: Role
  readonly price: Microdollars
  readonly quantity: Units
  readonly fee: Microdollars
  /** Of the notional, paid by grant money. */
  readonly grant: Microdollars
  /** Sequence of the journal entry: orders all that a holder's accounts went through. */
  readonly entry: number
  readonly bookedAt: Instant
}

export type OwnTradeCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'side', readonly op: '==' | '!=', readonly value: Side }
  | { readonly field: 'orderId', readonly op: '==' | '!=', readonly value: OrderId }
  | { readonly field: 'price' | 'quantity' | 'sequence' | 'bookedAt', readonly op: Comparison, readonly value: number }

export type OwnTradeQuery = JournalQuery<OwnTradeCondition>

/** An entry that moved money or units into, out of or between a holder's accounts. */
export type Movement = {
  readonly entry: number
  readonly type: EntryType
  readonly reference: string
  /** Null: money. */
  readonly instrumentId: InstrumentId | null
  /** Units, or microdollars; positive. */
  readonly amount: number
  readonly bookedAt: Instant
}

export type MovementCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'bookedAt', readonly op: Comparison, readonly value: number }

export type MovementQuery = JournalQuery<MovementCondition> & { readonly types: readonly EntryType[] }

/** What entries of one type did to one account, ever. */
export type Activity = {
  readonly account: HolderAccount
  /** Null: money. */
  readonly instrumentId: InstrumentId | null
  readonly type: EntryType
  /** Microdollars or units; tokens in Consumption. */
  readonly in: bigint
  readonly out: bigint
  readonly firstAt: Instant
  readonly lastAt: Instant
}

/** Units in Trading, by the journal: since when without a break, or, where there are none left, until when. */
export type PositionSpan = {
  readonly instrumentId: InstrumentId
  readonly quantity: Units
  /** What they cost. */
  readonly cost: Microdollars
  readonly openedAt: Instant
  /** Null while there are any. */
  readonly closedAt: Instant | null
}

export type AccountHistory = LotHistory & {
  ownTrades (query: OwnTradeQuery): Promise<readonly OwnTrade[]>
  movements (query: MovementQuery): Promise<readonly Movement[]>
  activity (holder: HolderId): Promise<readonly Activity[]>
  positionSpans (holder: HolderId): Promise<readonly PositionSpan[]>
}

const ownTradeColumns: Record<OwnTradeCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'),
  side: textColumn('side'),
  orderId: wholeColumn('order_id'),
  price: wholeColumn('price'),
  quantity: wholeColumn('quantity'),
  sequence: wholeColumn('trade_sequence'),
  bookedAt: timeColumn('booked_at')
}

const movementColumns: Record<MovementCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'),
  bookedAt: timeColumn('booked_at')
}

export function accountHistory (clickHouse: ClickHouse): AccountHistory {
  return {
    ...lotHistory(clickHouse),
    async ownTrades (asked) {
      const { sql, parameters } = pageSql('own-trades', asked, ownTradeColumns)
      const rows = await clickHouse.rows<OwnTradeRow>(sql, parameters)
      return rows.map(row => ownTrade(asked.holder, row))
    },
    async movements (asked) {
      const { sql, parameters } = pageSql('movements', asked, movementColumns)
      return (await clickHouse.rows<MovementRow>(sql, { ...parameters, types: asked.types })).map(movement)
    },
    async activity (holder) {
      return (await clickHouse.rows<ActivityRow>(query('activity'), { holder })).map(activity)
    },
    async positionSpans (holder) {
      return (await clickHouse.rows<PositionRow>(query('position-spans'), { holder })).map(positionSpan)
    }
  }
}

function pageSql<One extends Condition> (
  name: string, { holder, conditions, beyond, limit, order }: JournalQuery<One>,
  columns: Readonly<Record<One['field'], Column>>
): { sql: string, parameters: Bound } {
  const parameters: Bound = { holder, limit }
  const wanted = conditionsSql(conditions, columns, parameters)
  if (beyond !== null) {
    parameters['beyond'] = beyond
    wanted.push(`sequence ${order === 'asc' ? '>' : '<'} {beyond:Int64}`)
  }
  const sql = query(name).replace('{conditions}', () => joined(wanted)).replace('{direction}', order === 'asc' ? 'ASC' : 'DESC')
  return { sql, parameters }
}

type OwnTradeRow =
  Record<'sequence' | 'order_id' | 'instrument_id' | 'trade_sequence' | 'price' | 'quantity' | 'fee', string> &
  Record<'grant_notional' | 'booked_ms', string> & { readonly side: Side, readonly role: Role }

function ownTrade (holder: HolderId, row: OwnTradeRow): OwnTrade {
  return {
    holder,
    orderId: orderId(exact(row.order_id)),
    instrumentId: instrumentId(row.instrument_id),
    sequence: exact(row.trade_sequence),
    side: row.side,
    role: row.role,
    price: microdollars(exact(row.price)),
    quantity: units(exact(row.quantity)),
    fee: microdollars(exact(row.fee)),
    grant: microdollars(exact(row.grant_notional)),
    entry: exact(row.sequence),
    bookedAt: instant(exact(row.booked_ms))
  }
}

type MovementRow = Record<'sequence' | 'entry_type' | 'reference' | 'instrument_id' | 'amount' | 'booked_ms', string>

const movement = (row: MovementRow): Movement => ({
  entry: exact(row.sequence),
  type: row.entry_type as EntryType,
  reference: row.reference,
  instrumentId: row.instrument_id === '' ? null : instrumentId(row.instrument_id),
  amount: exact(row.amount),
  bookedAt: instant(exact(row.booked_ms))
})

type ActivityRow = Record<'account' | 'asset' | 'entry_type' | 'came_in' | 'went_out' | 'first_ms' | 'last_ms', string>

/** `usd`, a symbol, or `symbol:tokens`. */
const instrumentOf = (asset: string): InstrumentId | null => asset === 'usd' ? null : instrumentId(asset.split(':')[0]!)

const activity = (row: ActivityRow): Activity => ({
  account: row.account as HolderAccount,
  instrumentId: instrumentOf(row.asset),
  type: row.entry_type as EntryType,
  in: BigInt(row.came_in),
  out: BigInt(row.went_out),
  firstAt: instant(exact(row.first_ms)),
  lastAt: instant(exact(row.last_ms))
})

type PositionRow = Record<'instrument_id' | 'quantity' | 'total_cost' | 'opened_ms', string> & { readonly closed_ms: string | null }

const positionSpan = (row: PositionRow): PositionSpan => ({
  instrumentId: instrumentId(row.instrument_id),
  quantity: units(exact(row.quantity)),
  cost: microdollars(exact(row.total_cost)),
  openedAt: instant(exact(row.opened_ms)),
  closedAt: row.closed_ms === null ? null : instant(exact(row.closed_ms))
})
