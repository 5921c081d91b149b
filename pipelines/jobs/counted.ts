// Tables that are counted by buckets: the log's counts against ClickHouse's. Pure.

import { rangeOf, type Buckets, type Counted, type CountedTable } from '../../analytics/audit-counted.ts'
import type { Range, UpdateSource } from '../../analytics/ranges.ts'
import type { Difference, Missing } from './differences.ts'

/** What the log says of one table's rows from one source, up to where the sinks have committed. */
export type CountedInLog = UpdateSource & Range & { readonly table: CountedTable, readonly buckets: Buckets }

const nothing: Counted = { rows: 0, sequences: 0n, amount: 0n }

type Compared = { readonly bucket: number, readonly expected: Counted, readonly found: Counted }

function compared (log: CountedInLog, stored: Buckets): Compared[] {
  const buckets = [...new Set([...log.buckets.keys(), ...stored.keys()])].sort((a, b) => a - b)
  return buckets.map(bucket => ({
    bucket, expected: log.buckets.get(bucket) ?? nothing, found: stored.get(bucket) ?? nothing
  })).filter(({ expected, found }) =>
    expected.rows !== found.rows || expected.sequences !== found.sequences || expected.amount !== found.amount)
}

export function countedDifferences (log: CountedInLog, stored: Buckets): Difference[] {
  const { table, source, partition } = log
  return compared(log, stored).flatMap(({ bucket, expected, found }) => {
    const rows = { table, of: `${source} in ${partition} from ${rangeOf(bucket).first}` } as const
    const all: Difference[] = [
      { ...rows, what: 'rows', expected: BigInt(expected.rows), found: BigInt(found.rows) },
      { ...rows, what: 'sequences', expected: expected.sequences, found: found.sequences },
      { ...rows, what: 'amount', expected: expected.amount, found: found.amount }
    ]
    return all.filter(({ expected, found }) => expected !== found)
  })
}

/** What is to be inserted again. Rows above what there must be are an alarm: no insert takes one away. */
export function countedMissing (log: CountedInLog, stored: Buckets): Missing {
  const lost = compared(log, stored).filter(({ expected, found }) => found.rows <= expected.rows)
  const { table, source, partition } = log
  return { table, source: { source, partition }, ranges: lost.map(({ bucket }) => rangeOf(bucket)) }
}
