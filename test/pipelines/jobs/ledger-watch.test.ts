import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { Conservation, LedgerAudit, OpenTransit, TransitQuery } from '../../../analytics/conservation.ts'
import type { TokenSums } from '../../../analytics/token-conservation.ts'
import { LedgerWatch, openTransitMs } from '../../../pipelines/jobs/ledger-watch.ts'
import { instant, instrumentId } from '../../../schemas/units.ts'

const noon = 1_772_000_000_000

function watched () {
  const metrics = new Registry()
  const asked: TransitQuery[] = []
  const sums: Conservation = { assets: [], unconverted: [], isKept: true }
  const said = { open: [] as OpenTransit[], sums, summed: 0, tokens: [] as TokenSums[], before: [] as number[] }
  const audit: LedgerAudit = {
    balances: () => Promise.resolve([]),
    conservation: () => {
      said.summed++
      return Promise.resolve(said.sums)
    },
    tokens: before => {
      said.before.push(before)
      return Promise.resolve(said.tokens)
    },
    openInTransit: query => {
      asked.push(query)
      return Promise.resolve(said.open)
    }
  }
  const watch = new LedgerWatch(audit, { logger: pino({ level: 'silent' }), metrics })
  const gauge = async (name: string) => (await metrics.getSingleMetric(name)!.get()).values[0]!.value
  return { watch, asked, said, gauge }
}

const side = (reference: string, asset: string, at: number): OpenTransit =>
  ({ reference, isTrade: true, asset, amount: 1n, firstAt: instant(at) })

test('a trade with one side is counted once, and looked at until it has both', async () => {
  const { watch, asked, said, gauge } = watched()
  said.open = [side('aaa:3', 'usd', noon - 50_000), side('aaa:3', 'aaa', noon - 50_000), side('aaa:4', 'usd', noon - 20_000)]
  await watch.run(instant(noon))
  expect(await gauge('ledger_open_in_transit')).toBe(2)
  said.open = []
  await watch.run(instant(noon + 1000))
  expect(await gauge('ledger_open_in_transit')).toBe(0)
  await watch.run(instant(noon + 2000))
  expect(asked.map(({ before }) => before - noon + openTransitMs)).toEqual([0, 1000, 2000])
  const weekMs = 7 * 86_400_000
  expect(asked.map(({ since }) => since - noon)).toEqual([-openTransitMs - weekMs, -50_000, 1000 - openTransitMs])
})

test('sums are asked for once in a while, and what is wrong is counted', async () => {
  const { watch, said, gauge } = watched()
  const asset = { asset: 'usd', total: 7n, inTransit: -5n, unbalanced: 0 }
  said.sums = { assets: [asset, { ...asset, asset: 'aaa', total: 0n, unbalanced: 1 }], unconverted: ['aaa', 'bbb'], isKept: false }
  for (let run = 0; run < 11; run++) await watch.run(instant(noon + run))
  expect(await gauge('ledger_broken_sums')).toBe(3)
  expect(await gauge('ledger_in_transit')).toBe(-5)
  expect(said.summed).toBe(2)
})

test('lots that do not come to what was opened are counted when they do not twice, of what is settled', async () => {
  const { watch, said, gauge } = watched()
  const fates = { opened: 5n, drawn: 1n, expired: 0n, regranted: 0n }
  const broken: TokenSums = {
    instrumentId: instrumentId('text-prime'),
    tokens: fates,
    open: 3n,
    cost: fates,
    openCost: 4n,
    billedCost: 1n,
    wrongLots: 0,
    wrongPositions: 1,
    isKept: false
  }
  said.tokens = [broken]
  await watch.run(instant(noon))
  expect(await gauge('ledger_broken_lots')).toBe(0)
  for (let run = 1; run <= 10; run++) await watch.run(instant(noon + run))
  expect(await gauge('ledger_broken_lots')).toBe(1)
  expect(said.before).toEqual([noon - 60_000, noon + 10 - 60_000])
  said.tokens = [{ ...broken, isKept: true }]
  for (let run = 11; run <= 20; run++) await watch.run(instant(noon + run))
  expect(await gauge('ledger_broken_lots')).toBe(0)
})
