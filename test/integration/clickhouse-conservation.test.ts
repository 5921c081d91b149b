import { beforeAll, describe, expect, test } from 'vitest'
import { ledgerAudit } from '../../analytics/conservation.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import { holderId, instant } from '../../schemas/units.ts'
import { insertEntries, ourTables } from '../analytics/database.ts'
import { posting, someEntry, someLeg } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const audit = () => ledgerAudit(clickHouse())
const start = 1_772_000_000_000
const dayMs = 86_400_000

// Holders 2 and 3 lie in partitions 0 and 1: each trade between them has a side in either.
const deposit = (holder: number, entry: number, amount: number): JournalEntry => someEntry({
  sequence: entry,
  holder: holderId(holder),
  postings: [posting('cash', holder, 'usd', amount), posting('deposits', 0, 'usd', -amount)],
  bookedAt: instant(start)
})
const issue = someEntry({
  sequence: 2,
  holder: holderId(3),
  type: 'issuance',
  postings: [posting('trading', 3, 'aaa', 20), posting('issued', 0, 'aaa', -20)],
  bookedAt: instant(start)
})
const trade = (entry: number, trade: number, at: number) => ({
  bought: someLeg({ holder: 2, entry, instrument: 'aaa', trade, side: 'buy', price: 100, quantity: 2, at }),
  sold: someLeg({ holder: 3, entry: entry + 1, instrument: 'aaa', trade, side: 'sell', price: 100, quantity: 2, at: at + 40 })
})
const first = trade(10, 1, start + 1000)
const second = trade(20, 2, start + 2000)

beforeAll(async () => {
  const entries = [deposit(2, 1, 10_000), deposit(3, 1, 5), issue, first.bought, first.sold, second.bought, second.sold]
  await insertEntries(clickHouse(), entries)
  await insertEntries(clickHouse(), [...entries].reverse())
})

test('balances are what the journal adds up to, each entry once', async () => {
  const found = await audit().balances()
  expect(found.map(({ holder, partition, account, asset, amount }) => `${holder} ${partition ?? '-'} ${account} ${amount} ${asset}`)).toEqual([
    '0 0 deposits -10000 usd',
    '0 0 fees 2 usd',
    '0 0 in_transit -4 aaa',
    '0 0 in_transit 400 usd',
    '0 1 deposits -5 usd',
    '0 1 fees 2 usd',
    '0 1 in_transit 4 aaa',
    '0 1 in_transit -400 usd',
    '0 1 issued -20 aaa',
    '2 - cash 9598 usd',
    '2 - trading 4 aaa',
    '3 - cash 403 usd',
    '3 - trading 16 aaa'
  ])
})

describe('conservation', () => {
  const kept = { total: 0n, inTransit: 0n, unbalanced: 0 }

  test('is kept where everything is booked', async () => {
    expect(await audit().conservation()).toEqual({
      assets: [{ asset: 'aaa', ...kept }, { asset: 'usd', ...kept }], unconverted: [], isKept: true
    })
  })

  test('is kept while a side is on its way, and says what is', async () => {
    await insertEntries(clickHouse(), [trade(30, 3, start + 3000).bought])
    const { assets, isKept } = await audit().conservation()
    expect(isKept).toBe(true)
    expect(assets.map(({ asset, inTransit }) => `${asset} ${inTransit}`)).toEqual(['aaa -2', 'usd 200'])
  })

  test('is broken by an entry that does not sum to nothing', async () => {
    await insertEntries(clickHouse(), [someEntry({ sequence: 90, holder: holderId(4), postings: [posting('cash', 4, 'usd', 7)] })])
    const { assets, isKept } = await audit().conservation()
    expect(isKept).toBe(false)
    expect(assets.find(({ asset }) => asset === 'usd')).toMatchObject({ total: 7n, unbalanced: 1 })
  })

  test('is broken by tokens that were not a million a unit', async () => {
    const converted = (entry: number, tokens: number) => someEntry({
      sequence: entry,
      holder: holderId(4),
      type: 'consumption_transfer',
      postings: [
        posting('trading', 4, 'bbb', -2), posting('conversion', 0, 'bbb', 2),
        posting('conversion', 0, 'bbb:tokens', -tokens), posting('consumption', 4, 'bbb:tokens', tokens)
      ]
    })
    await insertEntries(clickHouse(), [converted(91, 2_000_000)])
    expect((await audit().conservation()).unconverted).toEqual([])
    await insertEntries(clickHouse(), [converted(92, 1_999_999)])
    expect((await audit().conservation()).unconverted).toEqual(['bbb'])
  })
})

describe('what is in transit', () => {
  const open = async (since: number, before: number) =>
    (await audit().openInTransit({ since: instant(since), before: instant(before) }))
      .map(({ reference, isTrade, asset, amount, firstAt }) => `${reference} ${isTrade ? 'trade' : 'transfer'} ${amount} ${asset} ${firstAt - start}`)
  const third = ['aaa:3 trade -2 aaa 3000', 'aaa:3 trade 200 usd 3000']

  test('is open while one side is booked, for who asks after it has been', async () => {
    expect(await open(dayMs, start + 3001)).toEqual(third)
    expect(await open(dayMs, start + 3000)).toEqual([])
    expect(await open(start + 3000, start + 9000)).toEqual(third)
    expect(await open(start + 3001, start + 9000)).toEqual([])
  })

  test('is closed by the other side, and is not opened by looking from between the two', async () => {
    await insertEntries(clickHouse(), [trade(30, 3, start + 3000).sold])
    expect(await open(dayMs, start + dayMs)).toEqual([])
    expect(await open(start + 3020, start + dayMs)).toEqual([])
  })

  test('a transfer is told by its reference, and closed where it is taken or comes back', async () => {
    const sent = (entry: number, reference: string) => someEntry({
      sequence: entry,
      holder: holderId(2),
      type: 'transfer_out',
      reference,
      postings: [posting('cash', 2, 'usd', -50), posting('in_transit', 0, 'usd', 50)],
      bookedAt: instant(start + 5000)
    })
    const taken = (entry: number, holder: number, type: 'transfer_in' | 'transfer_returned', reference: string) => someEntry({
      sequence: entry,
      holder: holderId(holder),
      type,
      reference,
      postings: [posting('cash', holder, 'usd', 50), posting('in_transit', 0, 'usd', -50)],
      bookedAt: instant(start + 6000)
    })
    await insertEntries(clickHouse(), [sent(50, 'one'), sent(51, 'two'), taken(52, 3, 'transfer_in', 'two'), sent(53, 'three'), taken(54, 2, 'transfer_returned', 'three')])
    expect(await open(dayMs, start + dayMs)).toEqual(['one transfer 50 usd 5000'])
  })
})
