import { describe, expect, test } from 'vitest'
import type { Bar, BarQuery } from '../../../gateway/ports.ts'
import { arrayHistory, fakePorts, minuteBar, minuteMs, now, prime, serve, type Ask } from '../support.ts'

const start = Date.UTC(2026, 5, 15, 11, 51)
const bars = Array.from({ length: 10 }, (_, minute) => minuteBar(start + minute * minuteMs))
const history = arrayHistory([], bars)

const asking = async (): Promise<Ask> => await serve(fakePorts({ history }))

/** A gateway, and what it asks of its history. */
async function watching (): Promise<[Ask, BarQuery[]]> {
  const asked: BarQuery[] = []
  const candles = async (query: BarQuery): Promise<readonly Bar[]> => {
    asked.push(query)
    return await history.candles(query)
  }
  return [await serve(fakePorts({ history: { ...history, candles } })), asked]
}

const minutes = ({ body }: Awaited<ReturnType<Ask>>): unknown[] =>
  body.data.map(({ time }) => (Number(time) * 1000 - start) / minuteMs)

test('a row has the names of both published shapes', async () => {
  const { body } = await (await asking())('/v1/price-histories?market_id=text-prime&resolution=1m&from=1781524320&to=1781524320')
  expect(body.data).toEqual([{
    market_id: prime.marketId,
    instrument_id: prime.publicId,
    symbol: 'text-prime',
    resolution: '1m',
    time: 1_781_524_320,
    period_start: '2026-06-15T11:52:00.000Z',
    period_end: '2026-06-15T11:53:00.000Z',
    open: '0.10000000',
    high: '0.10150000',
    low: '0.09990000',
    close: '0.10010000',
    volume: '10',
    quote_volume: '1.00400000',
    trade_count: 2,
    num_trades: 2,
    is_closed: true
  }])
})

describe('the window', () => {
  test('without from is the newest bars, oldest first', async () => {
    const answer = await (await asking())('/v1/price-histories?market_id=text-prime&limit=3')
    expect(minutes(answer)).toEqual([7, 8, 9])
    expect(answer.body.paging.next_cursor).toBeNull()
    expect(answer.body.data.map(({ is_closed: isClosed }) => isClosed)).toEqual([true, true, false])
  })

  test('with from starts there', async () => {
    const answer = await (await asking())('/v1/price-histories?market_id=text-prime&limit=3&from=2026-06-15T11:52:30Z')
    expect(minutes(answer)).toEqual([2, 3, 4])
    expect(answer.body.paging.has_more).toBe(true)
  })

  test.each([
    ['flop[filters][0][field]=market_id&flop[filters][0][value]=text-prime' +
      '&flop[filters][1][field]=resolution&flop[filters][1][value]=1m' +
      '&flop[filters][2][field]=from&flop[filters][2][op]=>=&flop[filters][2][value]=1781524320' +
      '&flop[filters][3][field]=to&flop[filters][3][op]=<=&flop[filters][3][value]=1781524440' +
      '&flop[order_by][]=period_start'],
    ['instrument_id=text-prime&resolution=1m&from=1781524320&to=1781524440&order_by[]=period_start&order_directions[]=asc']
  ])('in the dialect of older clients: %s', async query => {
    const { body } = await (await asking())(`/api/v1/trading/price_histories?${query}`)
    expect(body.data.map(({ time }) => time)).toEqual([1_781_524_320, 1_781_524_380, 1_781_524_440])
  })

  test('never ends after now', async () => {
    const [ask, asked] = await watching()
    await ask('/v1/price-histories?market_id=text-prime&to=2030-01-01')
    expect(asked.map(({ to }) => to)).toEqual([now])
  })

  test('in the future is empty', async () => {
    const { body } = await (await asking())('/v1/price-histories?market_id=text-prime&from=2030-01-01&to=2031-01-01')
    expect(body.data).toEqual([])
  })
})

describe('pages', () => {
  test.each([
    ['asc', '', 'prev_cursor', [[6, 7, 8, 9], [2, 3, 4, 5], [0, 1]]],
    ['asc', '&from=2026-06-15T11:51:00Z', 'next_cursor', [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]],
    ['desc', '', 'next_cursor', [[9, 8, 7, 6], [5, 4, 3, 2], [1, 0]]]
  ] as const)('%s%s by %s', async (order, window, cursor, pages) => {
    const ask = await asking()
    const seen: unknown[][] = []
    for (let place = ''; ;) {
      const query = `market_id=text-prime&limit=4&order_direction=${order}${window}${place}`
      const answer = await ask(`/v1/price-histories?${query}`)
      seen.push(minutes(answer))
      const at = answer.body.paging[cursor]
      if (at === null) break
      place = `&${cursor.slice(0, 4)}=${at}`
    }
    expect(seen).toEqual(pages)
  })

  test('are a hundred bars unless asked, and a thousand at most', async () => {
    const [ask, asked] = await watching()
    await ask('/v1/price-histories?market_id=text-prime')
    await ask('/v1/price-histories?market_id=text-prime&limit=1000')
    // One more than is shown tells whether there are others.
    expect(asked.map(({ limit }) => limit)).toEqual([101, 1001])
    expect((await ask('/v1/price-histories?market_id=text-prime&limit=1001')).status).toBe(422)
  })
})

test.each([
  ['', 'market_id', 'is missing'],
  ['resolution=1h', 'market_id', 'is missing'],
  ['market_id=text-prime&resolution=2m', 'resolution', 'is one of 1s, 1m'],
  ['market_id=text-prime&resolution=1H', 'resolution', 'is one of 1s, 1m'],
  ['market_id=text-prime&instrument_id=code-max', 'instrument_id', 'is given more than once'],
  ['market_id=text-prime&from=2026-06-15&to=2026-06-14', 'from', 'is after to'],
  ['market_id=text-prime&filters[0][field]=resolution&filters[0][op]=!=&filters[0][value]=1m', 'resolution', 'is compared by =='],
  ['market_id=text-prime&filters[0][field]=from&filters[0][op]=<&filters[0][value]=1', 'from', 'is compared by == >=']
])('names what is wrong with "%s"', async (query, field, message) => {
  const { status, body } = await (await asking())(`/v1/price-histories?${query}`)
  expect(status).toBe(422)
  expect((body.errors.detail as Record<string, string[]>)[field]?.join()).toContain(message)
})
