import { describe, expect, test } from 'vitest'
import { arrayHistory, fakePorts, now, otherInstrument, prime, serve, trade, type Ask } from '../support.ts'

const trades = [1, 2, 3, 4, 5].map(sequence => trade(sequence, now - 10_000 + sequence * 1000))
const history = arrayHistory([...trades, trade(1, now - 20_000, otherInstrument)], [])

const shown = async (ask: Ask, query: string): Promise<unknown[]> =>
  (await ask(`/v1/public_trades?${query}`)).body.data.map(({ trade_id: id }) => id)

const faults = async (query: string): Promise<Record<string, string[]>> => {
  const { status, body } = await (await serve(fakePorts({ history })))(`/v1/public_trades?${query}`)
  expect(status).toBe(422)
  return body.errors.detail as Record<string, string[]>
}

describe('the three dialects say the same', () => {
  const expected = ['trade_text-prime-5', 'trade_text-prime-3']

  test.each([
    ['flat', 'market_id=text-prime&side=sell&start_datetime=2026-06-15T12:00:23Z'],
    ['filters', `filters[0][field]=market_id&filters[0][value]=${prime.marketId}` +
      '&filters[1][field]=side&filters[1][op]=!=&filters[1][value]=buy' +
      '&filters[2][field]=quantity&filters[2][op]=>=&filters[2][value]=3'],
    ['flop', 'flop[filters][0][field]=instrument_id&flop[filters][0][value]=TEXT-PRIME' +
      '&flop[filters][1][field]=side&flop[filters][1][value]=sell' +
      '&flop[filters][7][field]=price&flop[filters][7][op]=>&flop[filters][7][value]=0.1002' +
      '&flop[page_size]=10&flop[order_by][]=execution_timestamp&flop[order_directions][]=desc'],
    ['encoded', 'filters%5B0%5D%5Bfield%5D=price&filters%5B0%5D%5Bop%5D=%3E&filters%5B0%5D%5Bvalue%5D=0.1002' +
      '&side=sell&market_id=text-prime']
  ])('%s', async (_dialect, query) => {
    expect(await shown(await serve(fakePorts({ history })), query)).toEqual(expected)
  })
})

test.each([
  ['==', ['3']], ['!=', ['5', '4', '2', '1']], ['>', ['5', '4']], ['<', ['2', '1']], ['>=', ['5', '4', '3']], ['<=', ['3', '2', '1']]
])('quantity %s 3', async (op, quantities) => {
  const query = `market_id=text-prime&filters[0][field]=quantity&filters[0][op]=${op}&filters[0][value]=3`
  const { body } = await (await serve(fakePorts({ history })))(`/v1/public_trades?${query}`)
  expect(body.data.map(({ quantity }) => quantity)).toEqual(quantities)
})

describe('what cannot be meant is named', () => {
  test.each([
    ['luck=good', 'luck', 'is not a parameter'],
    ['filters[0][field]=luck&filters[0][value]=1', 'luck', 'is not a parameter'],
    ['constructor=1', 'constructor', 'is not a parameter'],
    ['__proto__=1', '__proto__', 'is not a parameter'],
    ['filters[0][field]=side', 'filters[0][value]', 'is missing'],
    ['filters[0][value]=1', 'filters[0][field]', 'is missing'],
    ['filters[0][field]=side&filters[0][op]=>&filters[0][value]=buy', 'side', 'is compared by == !='],
    ['filters[0][field]=price&filters[0][op]=~&filters[0][value]=1', 'price', 'is compared by'],
    ['filters[0][colour]=red', 'filters[0][colour]', 'is not a parameter'],
    ['side=both', 'side', 'is buy or sell'],
    ['side=buy&side=sell', 'side', 'more than once'],
    ['price=1e3', 'price', 'is not a decimal'],
    ['market_id=nowhere', 'market_id', 'is not a market'],
    ['from=yesterday', 'from', 'is neither'],
    ['from=2026-02-30', 'from', 'is neither'],
    ['from=99999999999999', 'from', 'is neither'],
    ['limit=0', 'limit', 'is at least 1'],
    ['limit=101', 'limit', 'is at most 100'],
    ['limit=ten', 'limit', 'is not a whole number'],
    ['limit=5&page_size=5', 'page_size', 'may not be given together with limit'],
    ['page=2', 'page', 'is not supported'],
    ['order_by=luck', 'order_by', 'is one of execution_timestamp'],
    ['order_direction=up', 'order_direction', 'is asc or desc'],
    ['next=abc&prev=abc', 'prev', 'may not be given together with next'],
    ['next=abc', 'next', 'is not a cursor'],
    ['prev=', 'prev', 'is not a cursor']
  ])('%s', async (query, field, message) => {
    const detail = await faults(query)
    expect(detail[field]?.join()).toContain(message)
  })
})

describe('cursors', () => {
  test('hold their place while rows arrive', async () => {
    const growing = [...trades]
    const ask = await serve(fakePorts({ history: arrayHistory(growing, []) }))
    const first = (await ask('/v1/public_trades?limit=2')).body
    expect(first.data.map(({ quantity }) => quantity)).toEqual(['5', '4'])
    growing.push(trade(6, now), trade(7, now))
    const second = (await ask(`/v1/public_trades?limit=2&next=${first.paging.next_cursor}`)).body
    expect(second.data.map(({ quantity }) => quantity)).toEqual(['3', '2'])
    const newer = (await ask(`/v1/public_trades?limit=9&prev=${second.paging.prev_cursor}`)).body
    expect(newer.data.map(({ quantity }) => quantity)).toEqual(['7', '6', '5', '4'])
    expect(newer.paging.prev_cursor).toBeNull()
  })

  test('do not work under another filter or order', async () => {
    const ask = await serve(fakePorts({ history }))
    const cursor = (await ask('/v1/public_trades?limit=2')).body.paging.next_cursor
    expect((await ask(`/v1/public_trades?limit=2&next=${cursor}`)).status).toBe(200)
    expect((await ask(`/v1/public_trades?limit=2&side=buy&next=${cursor}`)).status).toBe(422)
    expect((await ask(`/v1/public_trades?limit=2&order_direction=asc&next=${cursor}`)).status).toBe(422)
  })

  test('work under the same filter in another dialect, and another limit', async () => {
    const ask = await serve(fakePorts({ history }))
    const cursor = (await ask('/v1/public_trades?limit=1&side=sell')).body.paging.next_cursor
    const query = `filters[0][field]=side&filters[0][value]=sell&limit=5&next=${cursor}`
    expect(await shown(ask, query)).toEqual(['trade_text-prime-3', 'trade_text-prime-1', 'trade_code-max-1'])
  })
})

describe('lists at hand', () => {
  test('are paged by cursors to their end', async () => {
    const ask = await serve()
    const symbols: unknown[] = []
    for (let next = ''; ;) {
      const { data, paging } = (await ask(`/v1/instruments?limit=7&order_by=symbol&order_direction=desc${next}`)).body
      symbols.push(...data.map(({ symbol }) => symbol))
      if (!paging.has_more) break
      next = `&next=${paging.next_cursor}`
    }
    expect(symbols).toHaveLength(18)
    expect(symbols).toEqual(symbols.toSorted().toReversed())
  })

  test('are paged back again', async () => {
    const ask = await serve()
    const first = (await ask('/v1/instruments?limit=7')).body
    const second = (await ask(`/v1/instruments?limit=7&next=${first.paging.next_cursor}`)).body
    const again = (await ask(`/v1/instruments?limit=7&prev=${second.paging.prev_cursor}`)).body
    expect(again.data).toEqual(first.data)
  })

  test('are paged by numbers, with the counts that older clients read', async () => {
    const { body } = await (await serve())('/api/v1/instruments?page=2&page_size=7')
    expect(body.data).toHaveLength(7)
    expect(body['meta']).toEqual({
      current_offset: 7,
      current_page: 2,
      page_size: 7,
      total_count: 18,
      total_pages: 3,
      has_next_page: true,
      has_previous_page: true
    })
  })

  test('take the page size of the oldest clients', async () => {
    const { body } = await (await serve())('/api/v1/instruments?page_size=200')
    expect(body.data).toHaveLength(18)
  })

  test.each([
    ['symbol=TEXT-PRIME', ['text-prime']],
    ['status=inactive', ['vision-standard']],
    ['filters[0][field]=status&filters[0][op]=!=&filters[0][value]=active', ['vision-standard']],
    ['instrument_type=currency', []]
  ])('are filtered by %s', async (query, symbols) => {
    const { body } = await (await serve())(`/v1/instruments?${query}`)
    expect(body.data.map(({ symbol }) => symbol)).toEqual(symbols)
  })
})
