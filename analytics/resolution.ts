// The widths of bars, and which bar an instant lies in. Bars are numbered one after the other, so that a page of them
// is arithmetic. The query numbers them in the same way: queries/candles.sql.

import { instant, type Instant } from '../schemas/units.ts'
import type { BaseResolution } from './tables.ts'

export const resolution = ['1s', '1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w', '1M'] as const
/** The width of a bar. `1w` begins on Monday and `1M` on the first, at 00:00 UTC. Mind the case: `1m` is a minute. */
export type Resolution = typeof resolution[number]

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Null: a calendar month. */
const widthMs: Record<Resolution, number | null> = {
  '1s': second,
  '1m': minute,
  '5m': 5 * minute,
  '15m': 15 * minute,
  '30m': 30 * minute,
  '1h': hour,
  '4h': 4 * hour,
  '1d': day,
  '1w': 7 * day,
  '1M': null
}

/** The Monday before the epoch, which was a Thursday: before it, so that no number is negative. */
const firstMonday = -3 * day

const originOf = (width: Resolution): number => width === '1w' ? firstMonday : 0

/** What is stored that a bar of the width is made of. */
export const baseOf = (width: Resolution): BaseResolution => width === '1s' ? '1s' : '1m'

/** The number of the bar that an instant lies in. */
export function barOf (width: Resolution, at: Instant): number {
  const ms = widthMs[width]
  if (ms !== null) return Math.floor((at - originOf(width)) / ms)
  const date = new Date(at)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** When a bar starts; the start of the next is its end. */
export function startOf (width: Resolution, bar: number): Instant {
  const ms = widthMs[width]
  return instant(ms === null ? Date.UTC(Math.floor(bar / 12), bar % 12) : originOf(width) + bar * ms)
}

/** How the query is to number bars: `seconds` is 0 for months. */
export function numbering (width: Resolution): { seconds: number, origin: number } {
  return { seconds: (widthMs[width] ?? 0) / second, origin: originOf(width) / second }
}
