import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  accountHistory, type Movement, type MovementCondition, type OwnTrade, type OwnTradeCondition
} from '../../analytics/account-history.ts'
import type { Comparison } from '../../analytics/trades.ts'
import type { EntryType, JournalEntry, Posting } from '../../schemas/ledger/records.ts'
import { holderId, instant, instrumentId, microdollars } from '../../schemas/units.ts'
import { insertEntries, ourTables } from '../analytics/database.ts'
import { posting, someEntry, someLeg } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const start = 1_772_000_000_000
const dayMs = 86_400_000
const at = (index: number) => start + index * dayMs / 4

// Two holders in one partition, whose entries are numbered together: fills, and what moves without them.
const entries = Array.from({ length: 240 }, (_, index): JournalEntry => {
  const entry = index + 1
  const holder = 2 + 2 * (Math.floor(index / 7) % 2)
  const instrument = ['aaa', 'bbb'][index % 2]!
  const common = { sequence: entry, holder: holderId(holder), reference: `r${entry}`, bookedAt: instant(at(index)) }
  const units = { ...common, instrumentId: instrumentId(instrument) }
  switch (index % 6) {
    case 0: return someEntry({ ...common, type: 'deposit', postings: [posting('grant', holder, 'usd', 70), posting('grants', 0, 'usd', -70)] })
    case 1: return someLeg({ holder, entry, instrument, trade: entry, side: 'buy', price: 90 + index % 4, quantity: 3, order: 64 + index % 5, at: at(index) })
    case 2: return someLeg({ holder, entry, instrument, trade: entry, side: 'sell', price: 95, quantity: 2, role: 'maker', at: at(index), cost: 40 })
    case 3: return someEntry({
      ...units,
      type: 'consumption_transfer',
      postings: [
        posting('trading', holder, instrument, -1), posting('conversion', 0, instrument, 1),
        posting('conversion', 0, `${instrument}:tokens`, -1_000_000), posting('consumption', holder, `${instrument}:tokens`, 1_000_000)
      ],
      cost: microdollars(20)
    })
    case 4: return someEntry({ ...units, type: 'issued_transfer', postings: [posting('issuance', holder, instrument, -9), posting('trading', holder, instrument, 9)] })
    default: return someEntry({ ...common, type: 'withdrawal', postings: [posting('cash', holder, 'usd', -30), posting('deposits', 0, 'usd', 30)] })
  }
})

beforeAll(async () => {
  await insertEntries(clickHouse(), entries.slice(100).reverse())
  await insertEntries(clickHouse(), entries.slice(0, 130))
  await insertEntries(clickHouse(), entries.slice(60, 200))
})

const history = () => accountHistory(clickHouse())
const of = (holder: number) => entries.filter(entry => entry.holder === holder)

const compared: Record<Comparison, (a: number | string | null, b: number | string) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a !== null && a > b,
  '<': (a, b) => a !== null && a < b,
  '>=': (a, b) => a !== null && a >= b,
  '<=': (a, b) => a !== null && a <= b
}

type Asked<Row> = { readonly field: keyof Row, readonly op: Comparison, readonly value: string | number }

const holds = <Row extends object>(row: Row, conditions: readonly Asked<Row>[]): boolean =>
  conditions.every(({ field, op, value }) => compared[op](row[field] as string | number | null, value))

type Page = { readonly beyond: number | null, readonly limit: number, readonly order: 'asc' | 'desc' }

function paged<Row extends { entry: number }> (rows: readonly Row[], { beyond, limit, order }: Page): Row[] {
  const sign = order === 'asc' ? 1 : -1
  return rows.filter(({ entry }) => beyond === null || sign * (entry - beyond) > 0)
    .sort((a, b) => sign * (a.entry - b.entry)).slice(0, limit)
}

const ownTrades = (holder: number): OwnTrade[] => of(holder).flatMap(({ trade, instrumentId, sequence, bookedAt }) => {
  if (trade === null || instrumentId === null) return []
  const { period: _period, ...leg } = trade
  return [{ holder: holderId(holder), instrumentId, ...leg, entry: sequence, bookedAt }]
})

const own = ({ holder, postings }: JournalEntry): Posting[] => postings.filter(each => each.holder === holder)

const movements = (holder: number, types: readonly EntryType[]): Movement[] => of(holder)
  .filter(({ type }) => types.includes(type))
  .map(entry => {
    const { sequence, type, reference, instrumentId, bookedAt } = entry
    const moved = own(entry).filter(({ asset }) => asset === (instrumentId ?? 'usd')).map(({ amount }) => Math.abs(amount))
    return { entry: sequence, type, reference, instrumentId, amount: Math.max(...moved), bookedAt }
  })

const equality = fc.constantFrom('==', '!=')
const comparison = fc.constantFrom('==', '!=', '>', '<', '>=', '<=')
const instrument = fc.record({ field: fc.constant('instrumentId'), op: equality, value: fc.constantFrom('aaa', 'zzz') })
const time = fc.record({ field: fc.constant('bookedAt'), op: comparison, value: fc.constantFrom(0, at(60), at(61) + 1) })
const page = fc.record({
  beyond: fc.option(fc.integer({ min: -1, max: 260 })),
  limit: fc.integer({ min: 1, max: 30 }),
  order: fc.constantFrom<'asc' | 'desc'>('asc', 'desc')
})
const holder = fc.constantFrom(2, 4, 6)

describe('own trades', () => {
  test('any conditions, any page, equal a filter and a sort', async () => {
    const condition = fc.oneof(
      instrument, time,
      fc.record({ field: fc.constant('side'), op: equality, value: fc.constantFrom('buy', 'sell') }),
      fc.record({ field: fc.constant('orderId'), op: equality, value: fc.constantFrom(64, 66, -1) }),
      fc.record({ field: fc.constantFrom('price', 'quantity', 'sequence'), op: comparison, value: fc.constantFrom(-1, 2, 92, 117) })
    ) as fc.Arbitrary<OwnTradeCondition>
    const conditions = fc.array(condition, { maxLength: 3 })
    await fc.assert(fc.asyncProperty(holder, conditions, page, async (holder, conditions, page) => {
      const found = await history().ownTrades({ holder: holderId(holder), conditions, ...page })
      expect(found).toEqual(paged(ownTrades(holder).filter(trade => holds(trade, conditions)), page))
    }), { numRuns: 50, seed: 13 })
  })

  test('another one\'s are not among them', async () => {
    const found = await history().ownTrades({ holder: holderId(4), conditions: [], beyond: null, limit: 1000, order: 'desc' })
    expect(new Set(found.map(({ entry }) => entries[entry - 1]!.holder))).toEqual(new Set([4]))
    expect(found).toHaveLength(ownTrades(4).length)
  })
})

describe('movements', () => {
  test('any types and conditions, any page, equal a filter and a sort', async () => {
    const types = fc.subarray(['deposit', 'withdrawal', 'consumption_transfer', 'issued_transfer', 'transfer_in'] as const)
    const condition = fc.oneof(instrument, time) as fc.Arbitrary<MovementCondition>
    const conditions = fc.array(condition, { maxLength: 2 })
    await fc.assert(fc.asyncProperty(holder, types, conditions, page, async (holder, types, conditions, page) => {
      const found = await history().movements({ holder: holderId(holder), types, conditions, ...page })
      expect(found).toEqual(paged(movements(holder, types).filter(each => holds(each, conditions)), page))
    }), { numRuns: 40, seed: 14 })
  })
})

test('activity sums up what each type of entry did to each account', async () => {
  const found = await history().activity(holderId(2))
  const postings = of(2).flatMap(entry => own(entry).map(each => ({ ...entry, ...each })))
  for (const { account, instrumentId, type, in: came, out: went, firstAt, lastAt } of found) {
    const asset = instrumentId === null ? 'usd' : account === 'consumption' ? `${instrumentId}:tokens` : instrumentId
    const these = postings.filter(each => each.account === account && each.asset === asset && each.type === type)
    const sum = (sign: number) => these.map(({ amount }) => Math.max(0, sign * amount)).reduce((a, b) => a + b, 0)
    expect({ came, went, firstAt, lastAt }).toEqual({
      came: BigInt(sum(1)), went: BigInt(sum(-1)), firstAt: these[0]!.bookedAt, lastAt: these.at(-1)!.bookedAt
    })
  }
  const kinds = new Set(postings.map(({ account, asset, type }) => `${account} ${asset} ${type}`))
  expect(found).toHaveLength(kinds.size)
  expect(await history().activity(holderId(77))).toEqual([])
})

describe('positions', () => {
  const leg = (entry: number, side: 'buy' | 'sell', quantity: number, cost: number) =>
    someLeg({ holder: 11, entry, instrument: 'ccc', trade: entry, side, quantity, price: 10, cost, at: start + entry })
  const spans = async () => await history().positionSpans(holderId(11))
  const expected = (change: object) => [{ instrumentId: 'ccc', quantity: 0, cost: 0, openedAt: 0, closedAt: null, ...change }]

  test('are there from the first unit until the last, and anew after that', async () => {
    await insertEntries(clickHouse(), [leg(1, 'buy', 5, 50), leg(3, 'buy', 2, 30)])
    expect(await spans()).toEqual(expected({ quantity: 7, cost: 80, openedAt: start + 1 }))
    await insertEntries(clickHouse(), [leg(5, 'sell', 5, 50)])
    expect(await spans()).toEqual(expected({ quantity: 2, cost: 30, openedAt: start + 1 }))
    await insertEntries(clickHouse(), [leg(7, 'sell', 2, 30)])
    expect(await spans()).toEqual(expected({ openedAt: start + 1, closedAt: start + 7 }))
    await insertEntries(clickHouse(), [leg(9, 'buy', 4, 44)])
    expect(await spans()).toEqual(expected({ quantity: 4, cost: 44, openedAt: start + 9 }))
  })

  test('units that go on to Consumption at once open and close', async () => {
    const consumed = someEntry({
      sequence: 11,
      holder: holderId(13),
      type: 'consumption_transfer',
      instrumentId: instrumentId('ccc'),
      postings: [posting('trading', 13, 'ccc', -3), posting('conversion', 0, 'ccc', 3)],
      cost: microdollars(30),
      bookedAt: instant(start + 10)
    })
    const leg = { holder: 13, entry: 10, instrument: 'ccc', trade: 9, side: 'buy', quantity: 3, price: 10, at: start + 10 } as const
    await insertEntries(clickHouse(), [someLeg(leg), consumed])
    const at = start + 10
    expect(await history().positionSpans(holderId(13))).toEqual(expected({ openedAt: at, closedAt: at }))
  })

  test('equal the postings added up', async () => {
    for (const span of await history().positionSpans(holderId(2))) {
      const moves = of(2).flatMap(entry => own(entry).filter(({ account, asset }) => account === 'trading' && asset === span.instrumentId)
        .map(({ amount }) => ({ amount, cost: Math.sign(amount) * entry.cost })))
      expect(span.quantity).toBe(moves.reduce((sum, { amount }) => sum + amount, 0))
      expect(span.cost).toBe(moves.reduce((sum, { cost }) => sum + cost, 0))
    }
  })
})
