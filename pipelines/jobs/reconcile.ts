// Holds ClickHouse against the log: what is missing, what differs.
//
//   The log says what there must be, up to where the sinks have committed; ClickHouse says what there is over the same
//   sequences; `differences` compares the two, and decides nothing else. Where something is missing, the ranges of
//   sequences say what to insert again; inserting too much is harmless, because every table is idempotent.
//
// Rules
//   C1  Fills: as many rows as sequences, their sum, and the log's sums of quantity and notional.
//   C2  Bars: every sequence of the range lies in one; a bar's trades are its last - first + 1; the sums of whole bars
//       are the sums of the fills in them.
//   C3  Order updates, order states and command outcomes, which their source numbers together: as many rows as it has
//       numbered. Of a source that numbers what is not stored along with them: as C5.
//   C4  Journal entries: as C3, and the log's number of postings and sum of all that they add.
//   C5  Changes of lots, receipts, meter events, unbilled usage: by buckets of their source's numbers as many rows, the
//       sum of their numbers, and the sum of what they say.

import { countedTable, type Buckets } from '../../analytics/audit-counted.ts'
import type { Audit, CandleSums, FillSums, JournalSums, UpdateSums } from '../../analytics/audit.ts'
import type { Range, UpdateSource } from '../../analytics/ranges.ts'
import type { BaseResolution } from '../../analytics/tables.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import { countedDifferences, countedMissing, type CountedInLog } from './counted.ts'
import type { Difference, Missing, TableName } from './differences.ts'

export type { Difference }

/** What the log says of one instrument's fills, from one sequence to another. */
export type FillsInLog = Range & {
  readonly instrumentId: InstrumentId
  readonly quantity: bigint
  readonly notional: bigint
}

export type UpdatesInLog = UpdateSource & Range

export type JournalInLog = UpdatesInLog & { readonly postings: number, readonly moved: bigint }

/** Up to where the sinks have committed, so that what is still on its way is not missed. Repeats are counted once. */
export type LogSummary = {
  readonly fills: readonly FillsInLog[]
  readonly orderUpdates: readonly UpdatesInLog[]
  readonly journal: readonly JournalInLog[]
  readonly counted?: readonly CountedInLog[]
}

export type LogSummaries = { summarize (): Promise<LogSummary> }

export type CandlesCompared = {
  readonly sums: CandleSums
  /** Of the fills in `sums.whole`. */
  readonly fills: FillSums
}

/** What ClickHouse says of the same, in the same order. */
export type StoredSummary = {
  readonly fills: readonly (FillSums & { readonly candles: Record<BaseResolution, CandlesCompared> })[]
  readonly orderUpdates: readonly UpdateSums[]
  readonly journal: readonly JournalSums[]
  readonly counted?: readonly Buckets[]
}

export type Reconciled = {
  readonly differences: readonly Difference[]
  readonly missing: readonly Missing[]
  /** For a gauge by table: 0 when all is well. */
  readonly differencesByTable: Readonly<Record<TableName, number>>
  /** For a gauge: how many sequences were compared. */
  readonly compared: number
}

const tables = ['fills', 'candles', 'journal_entries', ...countedTable] as const
const bases = ['1s', '1m'] as const
/** A range that holds no sequence. */
const nothing: Range = { first: 1, last: 0 }
const length = ({ first, last }: Range): number => last - first + 1
/** Of the sequences themselves: with as many rows, it says that each is there once. */
const sumOf = ({ first, last }: Range): bigint => BigInt(first + last) * BigInt(length({ first, last })) / 2n

/** One run of the job. */
export async function reconcile (log: LogSummaries, audit: Audit): Promise<Reconciled> {
  const inLog = await log.summarize()
  const stored = await storedSummary(inLog, audit)
  const found = differences(inLog, stored)
  const differencesByTable = Object.fromEntries(tables.map(table =>
    [table, found.filter(difference => difference.table === table).length])) as Record<TableName, number>
  const ranges = [...inLog.fills, ...inLog.orderUpdates, ...inLog.journal, ...inLog.counted ?? []]
  const compared = ranges.reduce((sum, range) => sum + length(range), 0)
  const counted = (inLog.counted ?? []).map((log, at) => countedMissing(log, stored.counted![at]!))
  const missing = [...await missingOf(inLog, found, audit), ...counted].filter(({ ranges }) => ranges.length > 0)
  return { differences: found, missing, differencesByTable, compared }
}

/** Pure: every way in which the two disagree. */
export function differences (log: LogSummary, stored: StoredSummary): Difference[] {
  const all = [
    ...log.fills.flatMap((expected, index) => fillDifferences(expected, stored.fills[index]!)),
    ...log.orderUpdates.flatMap((expected, at) => updateDifferences('order_updates', expected, stored.orderUpdates[at]!)),
    ...log.journal.flatMap((expected, at) => journalDifferences(expected, stored.journal[at]!)),
    ...(log.counted ?? []).flatMap((expected, at) => countedDifferences(expected, stored.counted![at]!))
  ]
  return all.filter(({ expected, found }) => expected !== found)
}

function fillDifferences (log: FillsInLog, stored: StoredSummary['fills'][number]): Difference[] {
  const count = BigInt(length(log))
  const fills = { table: 'fills', of: log.instrumentId } as const
  return [
    { ...fills, what: 'rows', expected: count, found: BigInt(stored.rows) },
    { ...fills, what: 'sequences', expected: sumOf(log), found: stored.sequenceSum },
    { ...fills, what: 'quantity', expected: log.quantity, found: stored.quantity },
    { ...fills, what: 'notional', expected: log.notional, found: stored.notional },
    ...bases.flatMap(base => candleDifferences(`${log.instrumentId} ${base}`, count, stored.candles[base]))
  ]
}

function candleDifferences (of: string, inLog: bigint, { sums, fills }: CandlesCompared): Difference[] {
  const candles = { table: 'candles', of } as const
  const ofThemselves: Difference[] = [
    { ...candles, what: 'covered', expected: inLog, found: BigInt(sums.covered) },
    { ...candles, what: 'sequences', expected: BigInt(sums.spans), found: BigInt(sums.trades) }
  ]
  // Fills that are missing, or there twice, are said to be so once, and not again of every bar that has them.
  const whole = sums.whole ?? nothing
  if (fills.rows !== length(whole) || fills.sequenceSum !== sumOf(whole)) return ofThemselves
  return [
    ...ofThemselves,
    { ...candles, what: 'trades', expected: BigInt(fills.rows), found: BigInt(sums.trades) },
    { ...candles, what: 'quantity', expected: fills.quantity, found: sums.volume },
    { ...candles, what: 'notional', expected: fills.notional, found: sums.notional }
  ]
}

function updateDifferences (table: 'order_updates' | 'journal_entries', log: UpdatesInLog, stored: UpdateSums): Difference[] {
  const count = BigInt(length(log))
  const updates = { table, of: nameOf(log) } as const
  return [
    { ...updates, what: 'rows', expected: count, found: BigInt(stored.rows) },
    { ...updates, what: 'sequences', expected: sumOf(log), found: stored.sequenceSum }
  ]
}

function journalDifferences (log: JournalInLog, stored: JournalSums): Difference[] {
  const entries = { table: 'journal_entries', of: nameOf(log) } as const
  return [
    ...updateDifferences('journal_entries', log, stored),
    { ...entries, what: 'postings', expected: BigInt(log.postings), found: BigInt(stored.postings) },
    { ...entries, what: 'moved', expected: log.moved, found: stored.moved }
  ]
}

const nameOf = ({ source, partition }: UpdateSource): string => `${source} in ${partition}`

async function storedSummary (log: LogSummary, audit: Audit): Promise<StoredSummary> {
  const fills: StoredSummary['fills'][number][] = []
  // One after the other: a check is never in a hurry, and the server has readers.
  for (const { instrumentId, first, last } of log.fills) {
    const sums = await audit.fills(instrumentId, { first, last })
    const compared = async (base: BaseResolution) => await candlesCompared(audit, { instrumentId, base, first, last })
    fills.push({ ...sums, candles: { '1s': await compared('1s'), '1m': await compared('1m') } })
  }
  const orderUpdates = log.orderUpdates.length === 0 ? [] : await audit.orderUpdates(log.orderUpdates)
  const journal = log.journal.length === 0 ? [] : await audit.journal(log.journal)
  return { fills, orderUpdates, journal, counted: await storedCounts(log.counted ?? [], audit) }
}

async function storedCounts (log: readonly CountedInLog[], audit: Audit): Promise<Buckets[]> {
  const found = new Map<CountedInLog, Buckets>()
  for (const [table, sources] of Map.groupBy(log, ({ table }) => table)) {
    const buckets = await audit.counted(table, sources)
    sources.forEach((source, at) => found.set(source, buckets[at]!))
  }
  return log.map(source => found.get(source)!)
}

type BarsOf = Range & { readonly instrumentId: InstrumentId, readonly base: BaseResolution }

async function candlesCompared (audit: Audit, { instrumentId, base, first, last }: BarsOf): Promise<CandlesCompared> {
  const sums = await audit.candles(instrumentId, base, { first, last })
  return { sums, fills: await audit.fills(instrumentId, sums.whole ?? nothing) }
}

/** Where exactly: asked only of what differs. */
async function missingOf (log: LogSummary, found: readonly Difference[], audit: Audit): Promise<Missing[]> {
  const names = new Set(found.map(({ table, of }) => `${table} ${of}`))
  const differs = (table: TableName, of: string) => names.has(`${table} ${of}`)
  const missing: Missing[] = []
  for (const { instrumentId, first, last } of log.fills) {
    const range = { first, last }
    if (differs('fills', instrumentId)) {
      missing.push({ table: 'fills', instrumentId, ranges: await audit.missingFills(instrumentId, range) })
    }
    for (const base of bases) {
      if (!differs('candles', `${instrumentId} ${base}`)) continue
      missing.push({ table: 'candles', instrumentId, base, ranges: await audit.missingCandles(instrumentId, base, range) })
    }
  }
  for (const { source, partition, first, last } of log.orderUpdates) {
    if (!differs('order_updates', nameOf({ source, partition }))) continue
    const ranges = await audit.missingOrderUpdates({ source, partition }, { first, last })
    missing.push({ table: 'order_updates', source: { source, partition }, ranges })
  }
  for (const { source, partition, first, last } of log.journal) {
    if (!differs('journal_entries', nameOf({ source, partition }))) continue
    const ranges = await audit.missingJournal({ source, partition }, { first, last })
    missing.push({ table: 'journal_entries', source: { source, partition }, ranges })
  }
  return missing
}
