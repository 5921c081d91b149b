// What history.candles is to answer, slow and obvious: every bar from the first trade on, one by one, then cut.

import type { Bar, BarQuery } from '../../analytics/history.ts'
import type { Resolution } from '../../analytics/resolution.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { instant, microdollars, type Instant } from '../../schemas/units.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const fixedMs: Partial<Record<Resolution, number>> = {
  '1s': 1000,
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': hourMs,
  '4h': 4 * hourMs
}

/** By the calendar, where the product counts. */
export function startOfBar (resolution: Resolution, at: number): Instant {
  const date = new Date(at)
  const fixed = fixedMs[resolution]
  if (fixed !== undefined) return instant(at - at % fixed)
  date.setUTCHours(0, 0, 0, 0)
  if (resolution === '1w') while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1)
  if (resolution === '1M') date.setUTCDate(1)
  return instant(date.getTime())
}

function endOfBar (resolution: Resolution, start: Instant): Instant {
  const date = new Date(start)
  if (resolution === '1M') date.setUTCMonth(date.getUTCMonth() + 1)
  else if (resolution === '1w') date.setUTCDate(date.getUTCDate() + 7)
  else if (resolution === '1d') date.setUTCDate(date.getUTCDate() + 1)
  else date.setTime(start + fixedMs[resolution]!)
  return instant(date.getTime())
}

export function barsOf (fills: readonly Fill[], { resolution, from, to, limit, order }: BarQuery): Bar[] {
  const bars: Bar[] = []
  const byBar = Map.groupBy(fills, fill => startOfBar(resolution, fill.matchedAt))
  let start = startOfBar(resolution, fills[0]!.matchedAt)
  let close = fills[0]!.price
  while (start <= to) {
    const inside = byBar.get(start) ?? []
    const prices = inside.length === 0 ? [close] : inside.map(fill => fill.price)
    const end = endOfBar(resolution, start)
    close = prices.at(-1)!
    bars.push({
      start,
      end,
      open: prices[0]!,
      high: microdollars(Math.max(...prices)),
      low: microdollars(Math.min(...prices)),
      close,
      volume: inside.reduce((sum, fill) => sum + BigInt(fill.quantity), 0n),
      notional: inside.reduce((sum, fill) => sum + BigInt(fill.price) * BigInt(fill.quantity), 0n),
      trades: inside.length
    })
    start = end
  }
  const wanted = bars.filter(bar => from === null || bar.start >= from)
  return order === 'asc' ? wanted.slice(0, limit) : wanted.reverse().slice(0, limit)
}
