import { describe, expect, test } from 'vitest'
import { countedMissing } from '../../../pipelines/jobs/counted.ts'
import type { Difference } from '../../../pipelines/jobs/differences.ts'
import { differences, type LogSummary, type StoredSummary } from '../../../pipelines/jobs/reconcile.ts'
import { instrumentId } from '../../../schemas/units.ts'

const log: LogSummary = {
  fills: [{ instrumentId: instrumentId('text-prime'), first: 11, last: 20, quantity: 50n, notional: 900n }],
  orderUpdates: [{ source: 'matching orders-1 1', partition: 3, first: 1, last: 7 }],
  journal: [{ source: 'ledger ledger-1 3', partition: 3, first: 5, last: 8, postings: 16, moved: 2000n }]
}

const candles = {
  sums: { covered: 10, whole: { first: 13, last: 18 }, trades: 6, spans: 6, volume: 30n, notional: 500n },
  fills: { rows: 6, sequenceSum: 93n, quantity: 30n, notional: 500n }
}
const same: StoredSummary = {
  fills: [{ rows: 10, sequenceSum: 155n, quantity: 50n, notional: 900n, candles: { '1s': candles, '1m': candles } }],
  orderUpdates: [{ rows: 7, sequenceSum: 28n }],
  journal: [{ rows: 4, sequenceSum: 26n, postings: 16, moved: 2000n }]
}

/** The one difference that is left, in words. */
function only (stored: StoredSummary): string {
  const found = differences(log, stored)
  expect(found).toHaveLength(1)
  return found.map(({ table, of, what, expected, found }) => `${table} ${of}: ${what} ${expected}, found ${found}`).join()
}

const withFills = (change: object): StoredSummary => ({ ...same, fills: [{ ...same.fills[0]!, ...change }] })
const withEntries = (change: object): StoredSummary => ({ ...same, journal: [{ ...same.journal[0]!, ...change }] })
const withMinutes = (change: object, fills: object = {}): StoredSummary => withFills({
  candles: { '1s': candles, '1m': { sums: { ...candles.sums, ...change }, fills: { ...candles.fills, ...fills } } }
})

test('nothing differs when all is there', () => {
  expect(differences(log, same)).toEqual([])
})

describe('each number is compared', () => {
  test.each([
    [withFills({ rows: 11 }), 'fills text-prime: rows 10, found 11'],
    [withFills({ sequenceSum: 154n }), 'fills text-prime: sequences 155, found 154'],
    [withFills({ quantity: 49n }), 'fills text-prime: quantity 50, found 49'],
    [withFills({ notional: 901n }), 'fills text-prime: notional 900, found 901'],
    [withMinutes({ covered: 4 }), 'candles text-prime 1m: covered 10, found 4'],
    [withMinutes({ spans: 7 }), 'candles text-prime 1m: sequences 7, found 6'],
    [withMinutes({ volume: 31n }), 'candles text-prime 1m: quantity 30, found 31'],
    [withMinutes({ notional: 499n }), 'candles text-prime 1m: notional 500, found 499'],
    [{ ...same, orderUpdates: [{ rows: 8, sequenceSum: 28n }] }, 'order_updates matching orders-1 1 in 3: rows 7, found 8'],
    [{ ...same, orderUpdates: [{ rows: 7, sequenceSum: 27n }] }, 'order_updates matching orders-1 1 in 3: sequences 28, found 27'],
    [withEntries({ rows: 3 }), 'journal_entries ledger ledger-1 3 in 3: rows 4, found 3'],
    [withEntries({ sequenceSum: 27n }), 'journal_entries ledger ledger-1 3 in 3: sequences 26, found 27'],
    [withEntries({ postings: 15 }), 'journal_entries ledger ledger-1 3 in 3: postings 16, found 15'],
    [withEntries({ moved: 1999n }), 'journal_entries ledger ledger-1 3 in 3: moved 2000, found 1999']
  ])('%#: $1', (stored, words) => {
    expect(only(stored)).toBe(words)
  })

  test('a bar with a trade less than its fills', () => {
    const found = differences(log, withMinutes({ trades: 5, spans: 5 }))
    expect(found).toEqual([{ table: 'candles', of: 'text-prime 1m', what: 'trades', expected: 6n, found: 5n }])
  })
})

test('missing fills are not said of the bars as well', () => {
  expect(differences(log, withMinutes({}, { rows: 4, sequenceSum: 60n, quantity: 20n, notional: 300n }))).toEqual([])
})

test('an empty range of bars has no sums to differ', () => {
  const empty = {
    sums: { covered: 10, whole: null, trades: 0, spans: 0, volume: 0n, notional: 0n },
    fills: { rows: 0, sequenceSum: 0n, quantity: 0n, notional: 0n }
  }
  expect(differences(log, withFills({ candles: { '1s': candles, '1m': empty } }))).toEqual([])
})

describe('what is counted by buckets', () => {
  const source = { source: 'ledger ledger-1 3', partition: 3 }
  const full = { rows: 10, sequences: 100n, amount: 7n }
  const counted = { ...source, table: 'lot_changes', first: 1, last: 70_000, buckets: new Map([[0, full], [1, full]]) } as const
  const inLog: LogSummary = { ...log, counted: [counted] }
  const found = (...buckets: Array<[number, typeof full]>): Difference[] =>
    differences(inLog, { ...same, counted: [new Map(buckets)] })

  test('is the same in each of them, or said of the one where it is not', () => {
    expect(found([0, full], [1, full])).toEqual([])
    expect(found([0, full], [1, { ...full, amount: 8n }])).toEqual([
      { table: 'lot_changes', of: 'ledger ledger-1 3 in 3 from 65536', what: 'amount', expected: 7n, found: 8n }
    ])
    expect(found([0, full]).map(({ what, found }) => `${what} ${found}`)).toEqual(['rows 0', 'sequences 0', 'amount 0'])
  })

  test('is inserted again where less is there than must be, or other than it must be', () => {
    const missing = (...buckets: Array<[number, typeof full]>) => countedMissing(counted, new Map(buckets))
    const range = { first: 65_536, last: 131_071 }
    expect(missing([0, full], [1, { ...full, rows: 9 }])).toEqual({ table: 'lot_changes', source, ranges: [range] })
    expect(missing([0, full], [1, { ...full, amount: 9n }]).ranges).toEqual([range])
    expect(missing([0, full], [1, { ...full, rows: 11 }]).ranges).toEqual([])
    expect(missing([0, full], [1, full], [2, full]).ranges).toEqual([])
  })
})
