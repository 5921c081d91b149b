import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { history } from '../../analytics/history.ts'
import type { Comparison, Trade, TradeCondition, TradeKey, TradeQuery } from '../../analytics/trades.ts'
import { instant, instrumentId } from '../../schemas/units.ts'
import { insertFills, insertTraded, ourTables } from '../analytics/database.ts'
import { someFill } from '../pipelines/sinks/fills.ts'

const clickHouse = ourTables()
const start = 1_772_000_000_000

// Three instruments whose fills share their instants, so that only the whole key puts them in order; bursts that lie
// hours, days and months apart.
const hourMs = 3_600_000
const burst = [0, 1, 2, 300, 301, 302, 303, 304, 3000, 3001]
const fills = ['aaa', 'bbb', 'ccc'].flatMap(instrument => Array.from({ length: 40 }, (_, index) => someFill({
  instrument,
  sequence: index + 1,
  at: start + burst[Math.floor(index / 4)]! * hourMs + (index % 4 > 2 ? 500 : 0),
  price: 100 + (index * 7) % 11,
  quantity: 1 + index % 3,
  side: index % 3 === 0 ? 'sell' : 'buy'
})))
const trades: Trade[] = fills.map(fill => ({
  instrumentId: fill.instrumentId,
  sequence: fill.sequence,
  matchedAt: fill.matchedAt,
  price: fill.price,
  quantity: fill.quantity,
  side: fill.takerSide
}))

beforeAll(async () => {
  const [aaa, bbb, ccc] = [fills.slice(0, 40), fills.slice(40, 80), fills.slice(80)]
  await insertTraded(clickHouse(), aaa)
  await insertTraded(clickHouse(), bbb.slice(0, 15))
  // Without their bars: a page is right even where the bars, by which it is looked for, are behind.
  await insertFills(clickHouse(), [...bbb.slice(15), ...ccc])
  await insertFills(clickHouse(), fills.slice(20, 90))
})

const compared: Record<Comparison, (a: number | string, b: number | string) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b
}

function compareKeys (a: TradeKey, b: TradeKey): number {
  if (a.matchedAt !== b.matchedAt) return a.matchedAt - b.matchedAt
  if (a.instrumentId !== b.instrumentId) return a.instrumentId < b.instrumentId ? -1 : 1
  return a.sequence - b.sequence
}

function naive ({ conditions, beyond, limit, order }: TradeQuery): Trade[] {
  const sign = order === 'asc' ? 1 : -1
  return trades
    .filter(trade => conditions.every(({ field, op, value }) => compared[op](trade[field], value)))
    .filter(trade => beyond === null || sign * compareKeys(trade, beyond) > 0)
    .sort((a, b) => sign * compareKeys(a, b))
    .slice(0, limit)
}

const asked = async (query: TradeQuery) => await history(clickHouse()).trades(query)

test('newest first, over all instruments', async () => {
  const query: TradeQuery = { conditions: [], beyond: null, limit: 5, order: 'desc' }
  const newest = await asked(query)
  expect(newest).toEqual(naive(query))
  expect(newest.map(trade => `${trade.instrumentId} ${trade.sequence}`)).toEqual(['ccc 40', 'bbb 40', 'aaa 40', 'ccc 39', 'ccc 38'])
})

describe('pages', () => {
  test.each(['asc', 'desc'] as const)('%s: one after the other they give each trade once, while rows arrive', async order => {
    const seen: Trade[] = []
    for (;;) {
      const page = await asked({ conditions: [], beyond: seen.at(-1) ?? null, limit: 13, order })
      seen.push(...page)
      await insertFills(clickHouse(), fills.slice(0, 7))
      if (page.length < 13) break
    }
    expect(seen).toEqual(naive({ conditions: [], beyond: null, limit: 1000, order }))
  })

  test('forth and back again', async () => {
    const first = await asked({ conditions: [], beyond: null, limit: 6, order: 'desc' })
    const forth = await asked({ conditions: [], beyond: first.at(-1)!, limit: 6, order: 'desc' })
    const back = await asked({ conditions: [], beyond: forth[0]!, limit: 6, order: 'asc' })
    expect(back).toEqual([...first].reverse())
  })
})

test('any conditions, any page, equal a filter and a sort', async () => {
  const comparison = fc.constantFrom('==', '!=', '>', '<', '>=', '<=')
  const equality = fc.constantFrom('==', '!=')
  const condition = fc.oneof(
    fc.record({ field: fc.constant('instrumentId'), op: equality, value: fc.constantFrom('aaa', 'bbb', 'zzz') }),
    fc.record({ field: fc.constant('side'), op: equality, value: fc.constantFrom('buy', 'sell') }),
    fc.record({ field: fc.constantFrom('price', 'quantity', 'sequence'), op: comparison, value: fc.constantFrom(-1, 0, 2, 20, 104, Number.MAX_SAFE_INTEGER) }),
    fc.record({ field: fc.constant('matchedAt'), op: comparison, value: fc.constantFrom(0, start, start + 1, start + 300 * hourMs, 8.64e15) })
  ) as fc.Arbitrary<TradeCondition>
  await fc.assert(fc.asyncProperty(
    fc.array(condition, { maxLength: 3 }), fc.option(fc.constantFrom(...trades)), fc.integer({ min: 1, max: 50 }), fc.constantFrom('asc', 'desc'),
    async (conditions, beyond, limit, order) => {
      const query: TradeQuery = { conditions, beyond, limit, order }
      expect(await asked(query)).toEqual(naive(query))
    }
  ), { numRuns: 40, seed: 11 })
})

test.each([0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('a page beyond the instant %d', async matchedAt => {
  for (const order of ['asc', 'desc'] as const) {
    const query: TradeQuery = {
      conditions: [], beyond: { matchedAt: instant(matchedAt), instrumentId: instrumentId('bbb'), sequence: 7 }, limit: 5, order
    }
    expect(await asked(query)).toEqual(naive(query))
  }
})

test('text from outside is a value and nothing else', async () => {
  const odd = instrumentId('x\' OR 1 = 1 -- {limit:UInt32} $& \\')
  expect(await asked({ conditions: [{ field: 'instrumentId', op: '==', value: odd }], beyond: null, limit: 5, order: 'asc' })).toEqual([])
  const beyond = { matchedAt: instant(start), instrumentId: odd, sequence: 1 }
  expect(await asked({ conditions: [], beyond, limit: 500, order: 'asc' })).toEqual(naive({ conditions: [], beyond, limit: 500, order: 'asc' }))
})
