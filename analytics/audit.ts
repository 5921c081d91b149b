// What is in ClickHouse, as sums that the log can be held against, and where something is missing.

import type { InstrumentId, Instant } from '../schemas/units.ts'
import { countedAudit, type CountedAudit } from './audit-counted.ts'
import type { ClickHouse, Parameters } from './client.ts'
import { exact, exactOrNull, query } from './query.ts'
import type { Range, UpdateSource } from './ranges.ts'
import type { BaseResolution } from './tables.ts'

/** Rows and the sum of their sequences together say that each is there, and there once. */
export type FillSums = {
  readonly rows: number
  readonly sequenceSum: bigint
  readonly quantity: bigint
  readonly notional: bigint
}

export type CandleSums = {
  /** How many sequences of the range lie in a bar. */
  readonly covered: number
  /** What the bars cover that lie in the range as a whole; the sums are theirs. Null: there is no such bar. */
  readonly whole: Range | null
  readonly trades: number
  /** Sum of last - first + 1: one number with `trades`, or a fill was left out of a bar. */
  readonly spans: number
  readonly volume: bigint
  readonly notional: bigint
}

export type UpdateSums = { readonly rows: number, readonly sequenceSum: bigint }

export type JournalSums = UpdateSums & {
  readonly postings: number
  /** The sum of all that postings add, whatever the asset. */
  readonly moved: bigint
}

export type Window = { readonly from: Instant, readonly to: Instant }

export type Audit = CountedAudit & {
  fills (instrument: InstrumentId, range: Range): Promise<FillSums>
  missingFills (instrument: InstrumentId, range: Range): Promise<Range[]>
  candles (instrument: InstrumentId, base: BaseResolution, range: Range): Promise<CandleSums>
  missingCandles (instrument: InstrumentId, base: BaseResolution, range: Range): Promise<Range[]>
  /** Starts of bars that are not what the fills of a window of whole minutes say. */
  wrongCandles (instrument: InstrumentId, base: BaseResolution, window: Window): Promise<Instant[]>
  /** Of all sources at once, in their order: the table is read once for all. */
  orderUpdates (sources: readonly (UpdateSource & Range)[]): Promise<UpdateSums[]>
  missingOrderUpdates (source: UpdateSource, range: Range): Promise<Range[]>
  /** As of order updates. */
  journal (sources: readonly (UpdateSource & Range)[]): Promise<JournalSums[]>
  missingJournal (source: UpdateSource, range: Range): Promise<Range[]>
}

/** More ranges than this are not asked for at once; the next run finds the next. */
const rangesMax = 1000

export function audit (clickHouse: ClickHouse): Audit {
  const ranges = async (name: string, parameters: Parameters): Promise<Range[]> => {
    const asked = { ...parameters, limit: rangesMax }
    const rows = await clickHouse.rows<Record<'first' | 'last', string>>(query(name), asked)
    return rows.map(({ first, last }) => ({ first: exact(first), last: exact(last) }))
  }
  const only = async <Row>(name: string, parameters: Parameters): Promise<Row> => {
    const [row] = await clickHouse.rows<Row>(query(name), parameters)
    return row!
  }
  return {
    ...countedAudit(clickHouse),
    async fills (instrument, range) {
      return fillSums(await only<FillSumsRow>('audit-fills', { instrument, ...range }))
    },
    async missingFills (instrument, range) {
      return await ranges('missing-fills', { instrument, ...range })
    },
    async candles (instrument, base, range) {
      return candleSums(await only<CandleSumsRow>('audit-candles', { instrument, base, ...range }))
    },
    async missingCandles (instrument, base, range) {
      return await ranges('missing-candles', { instrument, base, ...range })
    },
    async wrongCandles (instrument, base, { from, to }) {
      const parameters = { instrument, base, from: from / 1000, to: to / 1000, limit: rangesMax }
      const rows = await clickHouse.rows<{ bucket_seconds: number }>(query('wrong-candles'), parameters)
      return rows.map(row => row.bucket_seconds * 1000 as Instant)
    },
    async orderUpdates (sources) {
      const parameters = rangesOf(sources)
      const rows = await clickHouse.rows<Record<'rows' | 'sequence_sum', string>>(query('audit-order-updates'), parameters)
      return rows.map(row => ({ rows: exact(row.rows), sequenceSum: BigInt(row.sequence_sum) }))
    },
    async missingOrderUpdates (source, range) {
      return await ranges('missing-order-updates', { ...source, ...range })
    },
    async journal (sources) {
      return (await clickHouse.rows<JournalSumsRow>(query('audit-journal'), rangesOf(sources))).map(row => ({
        rows: exact(row.rows),
        sequenceSum: BigInt(row.sequence_sum),
        postings: exact(row.postings),
        moved: BigInt(row.moved)
      }))
    },
    async missingJournal (source, range) {
      return await ranges('missing-journal', { ...source, ...range })
    }
  }
}

type JournalSumsRow = Record<'rows' | 'sequence_sum' | 'postings' | 'moved', string>

const rangesOf = (sources: readonly (UpdateSource & Range)[]): Parameters => ({
  sources: sources.map(({ source }) => source),
  partitions: sources.map(({ partition }) => partition),
  firsts: sources.map(({ first }) => first),
  lasts: sources.map(({ last }) => last)
})

type FillSumsRow = Record<'rows' | 'sequence_sum' | 'quantity' | 'notional', string>

function fillSums (row: FillSumsRow): FillSums {
  return {
    rows: exact(row.rows),
    sequenceSum: BigInt(row.sequence_sum),
    quantity: BigInt(row.quantity),
    notional: BigInt(row.notional)
  }
}

type CandleSumsRow = Record<'covered' | 'trades' | 'spans' | 'volume' | 'notional', string> &
  Record<'whole_first' | 'whole_last', string | null>

function candleSums (row: CandleSumsRow): CandleSums {
  const [first, last] = [exactOrNull(row.whole_first), exactOrNull(row.whole_last)]
  return {
    covered: exact(row.covered),
    whole: first === null || last === null ? null : { first, last },
    trades: exact(row.trades),
    spans: exact(row.spans),
    volume: BigInt(row.volume),
    notional: BigInt(row.notional)
  }
}
