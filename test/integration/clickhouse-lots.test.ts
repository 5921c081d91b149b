import { beforeAll, describe, expect, test } from 'vitest'
import { due } from '../../analytics/due.ts'
import { lotHistory, type LotCondition, type LotKey } from '../../analytics/lot-history.ts'
import { tokenSums } from '../../analytics/token-conservation.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import { holderId, instant, instrumentId, microdollars, periodMs, tokens, type LotId } from '../../schemas/units.ts'
import { insertEntries, ourTables } from '../analytics/database.ts'
import { posting, someEntry, someLeg, someLots } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const period = 123_055
/** When the next one begins. */
const sweptAt = (period + 1) * periodMs
const price = microdollars(9_007_199_254_740)
const ada = 2

const [openedAt, expiresAt] = [instant(sweptAt), instant(sweptAt + periodMs)]
const lot = (id: number, change: object = {}) =>
  ({ lotId: id as LotId, period, price, openedAt, expiresAt, tokens: tokens(2_000_000), ...change })
const changed = (id: number, change: 'drawn' | 'expired' | 'regranted', count: number, more: object = {}) =>
  lot(id, { change, tokens: tokens(count), ...more })

// Of ada: lot 64 is drawn whole by two requests, 128 in part and expires, 192 is regranted as 256, 320 is live.
const entries: readonly JournalEntry[] = [
  someLots({ holder: ada, entry: 1, type: 'sweep', lots: [lot(64), lot(128), lot(192)], at: sweptAt + 60_000 }),
  someLots({
    holder: ada,
    entry: 2,
    type: 'usage',
    reference: 'r1',
    lots: [changed(64, 'drawn', 1_999_999)],
    usage: { requestId: 'r1', billed: tokens(1_999_999) },
    at: sweptAt + 120_000
  }),
  someLots({
    holder: ada,
    entry: 3,
    type: 'usage',
    reference: 'r2',
    lots: [changed(64, 'drawn', 1), changed(128, 'drawn', 500_000)],
    usage: { requestId: 'r2', billed: tokens(500_001) },
    at: sweptAt + 180_000
  }),
  someLots({
    holder: ada,
    entry: 4,
    type: 'breakage',
    lots: [changed(128, 'expired', 1_500_000, { expiresAt: instant(sweptAt + periodMs + 7000) })],
    at: sweptAt + periodMs + 8000
  }),
  someLots({
    holder: ada,
    entry: 5,
    type: 'regrant',
    lots: [
      changed(192, 'regranted', 2_000_000),
      lot(256, { openedAt: instant(sweptAt + periodMs), expiresAt: instant(sweptAt + periodMs + 300_000) })
    ],
    at: sweptAt + periodMs + 9000
  }),
  someLots({
    holder: ada,
    entry: 6,
    type: 'sweep',
    lots: [
      lot(320, {
        period: period + 1, openedAt: instant(sweptAt + periodMs), expiresAt: instant(sweptAt + 2 * periodMs)
      })
    ],
    at: sweptAt + periodMs + 60_000
  })
]
const afterAll = instant(sweptAt + 3 * periodMs)

beforeAll(async () => {
  await insertEntries(clickHouse(), entries)
  await insertEntries(clickHouse(), [...entries].reverse())
})

describe('lots', () => {
  test('are one row each, whatever came twice, and cost more than 2^63 picodollars', async () => {
    const rows = await clickHouse().rows<Record<string, unknown>>(`
      SELECT lot_id, opened_by, opened_tokens, drawn_tokens, expired_tokens, regranted_tokens, open_tokens, cost_picodollars
      FROM lots ORDER BY lot_id`)
    const of = (id: number, fates: readonly number[], by = 'sweep') => {
      const [opened, drawn, expired, regranted, open] = fates.map(String)
      return {
        lot_id: String(id),
        opened_by: by,
        opened_tokens: opened,
        drawn_tokens: drawn,
        expired_tokens: expired,
        regranted_tokens: regranted,
        open_tokens: open,
        cost_picodollars: '18014398509480000000'
      }
    }
    expect(rows).toEqual([
      of(64, [2_000_000, 2_000_000, 0, 0, 0]), of(128, [2_000_000, 500_000, 1_500_000, 0, 0]),
      of(192, [2_000_000, 0, 0, 2_000_000, 0]), of(256, [2_000_000, 0, 0, 0, 2_000_000], 'regrant'),
      of(320, [2_000_000, 0, 0, 0, 2_000_000])
    ])
    expect(2n ** 63n).toBeLessThan(18_014_398_509_480_000_000n)
  })

  test('expire when their last change says', async () => {
    const rows = await clickHouse().rows('SELECT toUnixTimestamp64Milli(expires_at) AS at FROM lots WHERE lot_id = 128')
    expect(rows).toEqual([{ at: String(sweptAt + periodMs + 7000) }])
  })

  test('are in one part of the table with all that became of them', async () => {
    const rows = await clickHouse().rows<Record<string, string>>(
      'SELECT lot_id, uniqExact(_partition_id) AS partitions FROM lot_changes_raw GROUP BY lot_id HAVING partitions > 1')
    expect(rows).toEqual([])
  })
})

test('what requests cost is what their draws cost, to the picodollar', async () => {
  const rows = await clickHouse().rows(`
    SELECT request_id, any(cost_picodollars) AS cost, (SELECT sum(cost_picodollars) FROM request_draws WHERE request_id = receipts.request_id) AS drawn
    FROM usage_receipts AS receipts GROUP BY request_id ORDER BY request_id SETTINGS allow_experimental_correlated_subqueries = 1`)
  expect(rows).toEqual([
    { request_id: 'r1', cost: String(1_999_999n * BigInt(price)), drawn: String(1_999_999n * BigInt(price)) },
    { request_id: 'r2', cost: String(500_001n * BigInt(price)), drawn: String(500_001n * BigInt(price)) }
  ])
})

test('a sweep is reported by instrument: units, lots, holders', async () => {
  const bob = [0, 1].map(index => someLots({
    holder: 3, entry: index + 1, type: 'sweep', instrument: 'code-max', lots: [lot(65 + 64 * index, { tokens: tokens(3_000_000) })]
  }))
  await insertEntries(clickHouse(), bob)
  const rows = await clickHouse().rows(`
    SELECT instrument_id, toUnixTimestamp64Milli(swept_at) AS at, holders, lots, units, cost_picodollars FROM sweep_reports
    ORDER BY instrument_id, at`)
  const cost = (units: number) => String(BigInt(units) * 1_000_000n * BigInt(price))
  expect(rows).toEqual([
    { instrument_id: 'code-max', at: String(sweptAt), holders: '1', lots: '2', units: '6', cost_picodollars: cost(6) },
    { instrument_id: 'text-prime', at: String(sweptAt), holders: '1', lots: '3', units: '6', cost_picodollars: cost(6) },
    { instrument_id: 'text-prime', at: String(sweptAt + periodMs), holders: '1', lots: '1', units: '2', cost_picodollars: cost(2) }
  ])
})

describe('tokens', () => {
  const sums = async () => (await tokenSums(clickHouse(), afterAll)).find(({ instrumentId }) => instrumentId === 'text-prime')!

  test('opened are drawn, open, expired or regranted; and so is what they cost', async () => {
    const { tokens: fates, open, cost, openCost, billedCost, ...rest } = await sums()
    expect(fates).toEqual({ opened: 10_000_000n, drawn: 2_500_000n, expired: 1_500_000n, regranted: 2_000_000n })
    expect(fates.opened).toBe(fates.drawn + open + fates.expired + fates.regranted)
    expect(cost.opened).toBe(cost.drawn + openCost + cost.expired + cost.regranted)
    expect([cost.drawn, billedCost]).toEqual([2_500_000n * BigInt(price), 2_500_000n * BigInt(price)])
    expect(rest).toMatchObject({ isKept: true, wrongLots: 0, wrongPositions: 0 })
  })

  test('of a moment before a booking do not miss it', async () => {
    const [before] = await tokenSums(clickHouse(), instant(sweptAt + 120_000))
    expect(before).toMatchObject({ instrumentId: 'code-max', isKept: true })
    const rows = await tokenSums(clickHouse(), instant(sweptAt + 120_000))
    expect(rows.find(({ instrumentId }) => instrumentId === 'text-prime')).toMatchObject({ open: 6_000_000n, isKept: true })
  })

  test('that a managed supplier was paid for are of no lot, and of a key', async () => {
    const usage = { requestId: 'r3', billed: tokens(1_500_001), keyId: 'key_1', managedPrice: price }
    await insertEntries(clickHouse(), [someLots({ holder: ada, entry: 7, type: 'usage', lots: [], usage, at: sweptAt + 190_000 })])
    expect(await sums()).toMatchObject({ tokens: { drawn: 2_500_000n }, isKept: true, wrongPositions: 0 })
    const rows = await clickHouse().rows(`
      SELECT request_id, key_id, managed_price, drawn_lots, cost_picodollars FROM usage_receipts WHERE holder = ${ada} ORDER BY entry_sequence`)
    expect(rows).toMatchObject([{ request_id: 'r1', key_id: '', managed_price: '0' }, { request_id: 'r2' }, {
      request_id: 'r3', key_id: 'key_1', managed_price: String(price), drawn_lots: 0, cost_picodollars: String(1_500_001n * BigInt(price))
    }])
  })

  test('that a table has lost are missed', async () => {
    await clickHouse().command('DELETE FROM lot_changes_raw WHERE lot_id = 64 AND entry_sequence = 3')
    expect(await sums()).toMatchObject({ isKept: false, wrongLots: 0, wrongPositions: 1 })
    await insertEntries(clickHouse(), entries)
    await clickHouse().command('DELETE FROM usage_receipts_raw WHERE request_id = \'r1\'')
    expect(await sums()).toMatchObject({ isKept: false, wrongPositions: 1 })
    await insertEntries(clickHouse(), entries)
    expect(await sums()).toMatchObject({ isKept: true })
  })
})

describe('the history of a holder\'s lots', () => {
  const history = () => lotHistory(clickHouse())
  const page = { holder: holderId(ada), beyond: null, limit: 10, order: 'asc' } as const
  type More = { readonly beyond?: LotKey, readonly limit?: number, readonly order?: 'asc' | 'desc' }
  const lots = async (conditions: readonly LotCondition[], more: More = {}) =>
    (await history().lots({ ...page, now: instant(sweptAt + periodMs + 10_000), conditions, ...more }))
      .map(({ lotId }) => lotId)

  test('is paged in the order in which they opened, filtered by what is fixed and by what is not', async () => {
    expect(await lots([])).toEqual([64, 128, 192, 256, 320])
    const beyond = { openedAt: instant(sweptAt), lotId: 128 as LotId }
    expect(await lots([], { beyond })).toEqual([192, 256, 320])
    expect(await lots([], { beyond, order: 'desc' })).toEqual([64])
    expect(await lots([], { order: 'desc', limit: 2 })).toEqual([320, 256])
    const status = (...value: Array<'active' | 'consumed' | 'expired'>) => [{ field: 'status', op: 'in', value }] as const
    expect(await lots(status('consumed'))).toEqual([64])
    expect(await lots(status('expired'))).toEqual([128, 192])
    expect(await lots(status('active', 'consumed'))).toEqual([64, 256, 320])
    expect(await lots([{ field: 'expiresAt', op: '>', value: sweptAt + periodMs }])).toEqual([128, 256, 320])
    expect(await lots([{ field: 'lotId', op: '==', value: 192 }])).toEqual([192])
    expect(await lots([{ field: 'instrumentId', op: '!=', value: instrumentId('text-prime') }])).toEqual([])
    expect(await lots([{ field: 'openedAt', op: '>=', value: sweptAt + 1 }])).toEqual([256, 320])
  })

  test('says what became of each', async () => {
    const [found] = await history().lots({ ...page, now: afterAll, conditions: [{ field: 'lotId', op: '==', value: 128 }] })
    expect(found).toEqual({
      lotId: 128,
      instrumentId: 'text-prime',
      price,
      tradeSequence: 3,
      period,
      openedAt: sweptAt,
      expiresAt: sweptAt + periodMs + 7000,
      opened: 2_000_000,
      drawn: 500_000,
      expired: 1_500_000,
      regranted: 0
    })
  })

  test('has its sweeps and its breakage, by page', async () => {
    const first = await history().sweeps({ ...page, order: 'desc', limit: 1, conditions: [] })
    expect(first).toEqual([{
      instrumentId: 'text-prime',
      sweptAt: sweptAt + periodMs,
      lots: 1,
      units: 2n,
      cost: 2_000_000n * BigInt(price),
      bookedAt: sweptAt + periodMs + 60_000
    }])
    const next = await history().sweeps({ ...page, order: 'desc', beyond: first[0]!, conditions: [{ field: 'sweptAt', op: '<=', value: sweptAt }] })
    expect(next.map(({ sweptAt: at, units }) => [at, units])).toEqual([[sweptAt, 6n]])
    const broken = await history().breakage({ ...page, conditions: [{ field: 'period', op: '==', value: period }] })
    expect(broken).toEqual([{
      instrumentId: 'text-prime',
      period,
      lots: 1,
      tokens: 1_500_000n,
      value: 1_500_000n * BigInt(price),
      grant: 0n,
      firstAt: sweptAt + periodMs + 8000,
      lastAt: sweptAt + periodMs + 8000
    }])
    expect(await history().breakage({ ...page, beyond: broken[0]!, conditions: [] })).toEqual([])
  })
})

describe('what is due', () => {
  const page = { since: instant(0), beyond: null, limit: 10 }

  test('are lots with something left, the first to expire first, page by page', async () => {
    const lots = async (before: number, more: object = {}) =>
      await due(clickHouse()).lots({ ...page, before: instant(before), ...more })
    const idsOf = (found: Awaited<ReturnType<typeof lots>>) => found.map(({ lotId }) => lotId)
    expect(idsOf(await lots(sweptAt + periodMs - 1))).toEqual([])
    expect(idsOf(await lots(sweptAt + periodMs))).toEqual([65, 129])
    const all = await lots(afterAll)
    expect(idsOf(all)).toEqual([65, 129, 256, 320])
    expect(all[2]).toEqual({
      holder: ada, lotId: 256, tokens: 2_000_000, openedAt: sweptAt + periodMs, expiresAt: sweptAt + periodMs + 300_000
    })
    const [first] = await lots(afterAll, { limit: 1 })
    expect(idsOf(await lots(afterAll, { limit: 2, beyond: first }))).toEqual([129, 256])
    expect(idsOf(await lots(afterAll, { since: instant(sweptAt + 1) }))).toEqual([256, 320])
  })

  test('are positions with units from before the period, and none that has only newer ones', async () => {
    type Of = { period: number, side?: 'buy' | 'sell', quantity: number, at?: number }
    const leg = (holder: number, entry: number, of: Of) => {
      const bought = someLeg({ holder, entry, trade: entry, side: of.side ?? 'buy', quantity: of.quantity, at: of.at ?? sweptAt })
      return { ...bought, trade: { ...bought.trade!, period: of.period } }
    }
    await insertEntries(clickHouse(), [
      // 20 has old units and newer ones, 21 only newer ones; 22 has sold the old ones; 23's were swept.
      leg(20, 1, { period, quantity: 5 }), leg(20, 2, { period: period + 1, quantity: 3 }), leg(20, 3, { period: period + 1, side: 'sell', quantity: 1 }),
      leg(21, 1, { period: period + 1, quantity: 4 }),
      leg(22, 1, { period, quantity: 2 }), leg(22, 2, { period: period + 1, quantity: 3 }), leg(22, 3, { period: period + 1, side: 'sell', quantity: 2 }),
      leg(23, 1, { period, quantity: 2 }),
      someEntry({ sequence: 2, holder: holderId(23), type: 'sweep', instrumentId: instrumentId('text-prime'), postings: [posting('trading', 23, 'text-prime', -2)] }),
      // 24 has had its units for long.
      leg(24, 1, { period: 5, quantity: 7, at: 5 * periodMs })
    ])
    const positions = async (more: object = {}) =>
      (await due(clickHouse()).positions({ ...page, period: period + 1, ...more })).map(({ holder, instrumentId, units }) => `${holder} ${instrumentId} ${units}`)
    expect(await positions()).toEqual(['20 text-prime 4', '24 text-prime 7'])
    const next = ['20 text-prime 7', '21 text-prime 4', '22 text-prime 3', '24 text-prime 7']
    expect(await positions({ period: period + 2 })).toEqual(next)
    expect(await positions({ since: instant(sweptAt) })).toEqual(['20 text-prime 4'])
    const beyond = { holder: holderId(20), instrumentId: instrumentId('text-prime') }
    expect(await positions({ beyond, limit: 1 })).toEqual(['24 text-prime 7'])
  })
})
