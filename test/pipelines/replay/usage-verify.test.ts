// What a usage replay comes to is added up from the journal; and whatever is not as it must be is found.

import { expect, test } from 'vitest'
import { LogTally } from '../../../pipelines/replay/usage-tally.ts'
import { usageDifferences, type UsageFound } from '../../../pipelines/replay/usage-verify.ts'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import type { LotChange } from '../../../schemas/ledger/usage-records.ts'
import { instant, periodMs } from '../../../schemas/units.ts'

const change = (lotId: number, kind: LotChange['change'], tokens: number, price: number): LotChange =>
  ({ lotId, change: kind, tokens, price }) as LotChange

const entry = (consumption: number, lots: readonly LotChange[], usage: object | null = null): JournalEntry => ({
  holder: 1, lots, usage, postings: [{ account: 'consumption', holder: 1, asset: 'text-prime:tokens', amount: consumption }]
}) as unknown as JournalEntry

/** Two lots at two prices; a request takes of both, another of the second; what is left of the first expires. */
const entries = [
  entry(1_000_000, [change(1, 'opened', 1_000_000, 7)]),
  entry(2_000_000, [change(2, 'opened', 2_000_000, 11)]),
  entry(-900_100, [change(1, 'drawn', 900_000, 7), change(2, 'drawn', 100, 11)], {
    requestId: 'a', inputTokens: 900_000, outputTokens: 100, billed: 900_100
  }),
  entry(-50, [change(2, 'drawn', 50, 11)], { requestId: 'b', inputTokens: 20, outputTokens: 30, billed: 50 }),
  entry(-100_000, [change(1, 'expired', 100_000, 7)])
]

function tallied () {
  const tally = new LogTally()
  for (const each of entries) tally.add(each)
  return tally.tally()
}

test('the journal comes to requests, tokens and picodollars, over requests and over lots', () => {
  expect(tallied()).toEqual({
    requests: 2,
    inputTokens: 900_020n,
    outputTokens: 130n,
    billed: 900_150n,
    cost: 900_000n * 7n + 150n * 11n,
    fates: { opened: 3_000_000n, drawn: 900_150n, left: 1_999_850n, expired: 100_000n, regranted: 0n },
    costs: {
      opened: 29_000_000n, drawn: 6_301_650n, left: 1_999_850n * 11n, expired: 700_000n, regranted: 0n
    }
  })
})

function found (): UsageFound {
  const log = tallied()
  const { drawn, left, expired } = log.fates
  return {
    trace: { name: 'conv', requests: 2, inputTokens: 900_020, outputTokens: 130 },
    log,
    replica: { drawn, left, expired, converted: 3_000_000n, costLeft: log.costs.left, unbooked: 0 },
    stored: { ...tallied(), isKept: true },
    readings: { sent: 5, log: 5, stored: 5 },
    unbilled: { log: 0, stored: 0 },
    deadLetters: { log: 0, stored: 0 },
    sweeps: 3,
    from: instant(periodMs / 2),
    until: instant(2 * periodMs)
  }
}

test('where all come to the same there is no difference', () => {
  expect(usageDifferences(found())).toEqual([])
})

type Leaf = readonly string[]

/** Every number there is in it, by its path. */
const leaves = (value: object, path: Leaf = []): Leaf[] => Object.entries(value).flatMap(([name, inner]) =>
  typeof inner === 'object' && inner !== null ? leaves(inner as object, [...path, name]) : [[...path, name]])

const numbers = leaves(found()).filter(path => !['name', 'isKept', 'from', 'until', 'sweeps'].includes(path.at(-1)!))

test.each(numbers.map(path => path.join('.')))('another %s is found', path => {
  const changed = found()
  const names = path.split('.')
  const last = names.pop()!
  let at = changed as unknown as Record<string, unknown>
  for (const name of names) at = at[name] as Record<string, unknown>
  at[last] = typeof at[last] === 'bigint' ? at[last] + 1n : Number(at[last]) + 1
  expect(usageDifferences(changed)).not.toEqual([])
})

test('so is it where ClickHouse says so itself', () => {
  const { stored } = found()
  expect(usageDifferences({ ...found(), stored: { ...stored, isKept: false } })).toEqual([
    'ClickHouse says that lots, journal and receipts do not come to the same'
  ])
})
