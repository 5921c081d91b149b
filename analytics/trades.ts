// A question for trades, made into SQL: which columns there are is written here; every value is bound.

import { instant, type InstrumentId, type Instant, type Microdollars, type Side, type Units } from '../schemas/units.ts'
import type { Parameters } from './client.ts'
import {
  conditionsSql, joined, textColumn, timeColumn, wholeColumn, type Bound, type Column, type Comparison
} from './conditions.ts'
import { query } from './query.ts'

export { comparison, type Comparison } from './conditions.ts'

/** What orders trades: total over all instruments, and in one instrument the same as its sequence. */
export type TradeKey = {
  readonly matchedAt: Instant
  readonly instrumentId: InstrumentId
  readonly sequence: number
}

/** A fill as the public sees it: without its holders and orders. */
export type Trade = TradeKey & {
  readonly price: Microdollars
  readonly quantity: Units
  /** The taker's. */
  readonly side: Side
}

/** Conditions are joined by "and". `side` and `instrumentId` are compared by `==` and `!=` only. */
export type TradeCondition =
  | { readonly field: 'instrumentId', readonly op: '==' | '!=', readonly value: InstrumentId }
  | { readonly field: 'side', readonly op: '==' | '!=', readonly value: Side }
  | { readonly field: 'price' | 'quantity' | 'sequence' | 'matchedAt', readonly op: Comparison, readonly value: number }

export type TradeQuery = {
  readonly conditions: readonly TradeCondition[]
  /** Only trades beyond this key in `order` (after it when ascending, before it when descending), the key left out. */
  readonly beyond: TradeKey | null
  readonly limit: number
  /** By `TradeKey`: matchedAt, then instrumentId, then sequence, all in this direction. */
  readonly order: 'asc' | 'desc'
}

const columns: Record<TradeCondition['field'], Column> = {
  instrumentId: textColumn('instrument_id'),
  side: textColumn('taker_side'),
  price: wholeColumn('price'),
  quantity: wholeColumn('quantity'),
  sequence: wholeColumn('sequence'),
  matchedAt: timeColumn('matched_at')
}

/**
 * How far from where a page starts its trades are looked for: FINAL reads all that the key and the time let through,
 * however few rows are wanted. Null: everywhere.
 */
const spansMs = [10 * 60_000, 3 * 3_600_000, 2 * 86_400_000, 60 * 86_400_000, null]

/** The ends of the windows to look in, one after the other, until one holds a whole page. */
export function windowEnds (start: Instant | null, order: 'asc' | 'desc'): (Instant | null)[] {
  if (start === null) return [null]
  const ends = spansMs.map(span => span === null ? null : order === 'asc' ? start + span : start - span)
  // A cursor may name any instant; at the ends of time there is only everywhere.
  return ends.filter(end => end === null || Number.isSafeInteger(end)).map(end => end === null ? null : instant(end))
}

/** The instrument that a question is about, if it is about one. */
export function onlyInstrument ({ conditions }: TradeQuery): InstrumentId | null {
  const found = conditions.find(({ field, op }) => field === 'instrumentId' && op === '==')
  return found?.field === 'instrumentId' ? found.value : null
}

/** The page, as far as the window's end. */
export function tradeSql (
  { conditions, beyond, limit, order }: TradeQuery, windowEnd: Instant | null
): { sql: string, parameters: Parameters } {
  const parameters: Bound = { limit }
  const wanted = conditionsSql(conditions, columns, parameters)
  if (beyond !== null) {
    Object.assign(parameters, { at: beyond.matchedAt, instrument: beyond.instrumentId, sequence: beyond.sequence })
    const sign = order === 'asc' ? '>' : '<'
    const at = columns.matchedAt.bound('at')
    // The first says less than the second, but the index understands it.
    wanted.push(`matched_at ${sign}= ${at}`)
    wanted.push(`(matched_at, instrument_id, sequence) ${sign} (${at}, {instrument:String}, {sequence:UInt64})`)
  }
  if (windowEnd !== null) {
    parameters['windowEnd'] = windowEnd
    wanted.push(`matched_at ${order === 'asc' ? '<=' : '>='} ${columns.matchedAt.bound('windowEnd')}`)
  }
  const direction = order === 'asc' ? 'ASC' : 'DESC'
  const sorting = ['matched_at', 'instrument_id', 'sequence'].map(column => `${column} ${direction}`).join(', ')
  return { sql: query('trades').replace('{conditions}', () => joined(wanted)).replace('{order}', () => sorting), parameters }
}
