// The same bars as pipelines/sinks/candles.ts makes, slow and obvious: sort the fills into buckets, look at each.

import type { CandleRow } from '../../../analytics/tables.ts'
import type { Fill } from '../../../schemas/matching/records.ts'

const widths = { '1s': 1000, '1m': 60_000 } as const

export const candleKey = (row: CandleRow): string => `${row.instrument_id} ${row.resolution} ${row.bucket}`

/** All bars of some fills, by their key. */
export function candlesOf (fills: readonly Fill[]): Map<string, CandleRow> {
  const rows = new Map<string, CandleRow>()
  for (const resolution of ['1s', '1m'] as const) {
    const buckets = Map.groupBy(fills, fill => fill.matchedAt - fill.matchedAt % widths[resolution])
    for (const [bucket, unsorted] of buckets) {
      const inside = unsorted.toSorted((a, b) => a.sequence - b.sequence)
      const prices = inside.map(fill => fill.price)
      const row: CandleRow = {
        instrument_id: inside[0]!.instrumentId,
        resolution,
        bucket,
        open: prices[0]!,
        high: Math.max(...prices),
        low: Math.min(...prices),
        close: prices.at(-1)!,
        volume: inside.reduce((sum, fill) => sum + BigInt(fill.quantity), 0n),
        notional: inside.reduce((sum, fill) => sum + BigInt(fill.price) * BigInt(fill.quantity), 0n),
        trades: inside.length,
        first_sequence: inside[0]!.sequence,
        last_sequence: inside.at(-1)!.sequence
      }
      rows.set(candleKey(row), row)
    }
  }
  return rows
}

/** A ReplacingMergeTree(last_sequence): of one key the highest version stays, of equal versions the last. */
export class CandleTable {
  readonly rows = new Map<string, CandleRow>()

  insert (rows: readonly CandleRow[]): void {
    for (const row of rows) {
      const there = this.rows.get(candleKey(row))
      if (there === undefined || row.last_sequence >= there.last_sequence) this.rows.set(candleKey(row), row)
    }
  }
}
