// A user's own trades: every filter that was ever published, in each dialect.

import { expect, test } from 'vitest'
import type { OwnTrade, OwnTradeCondition } from '../../../gateway/ports.ts'
import { orderIdText } from '../../../gateway/trading/order-ids.ts'
import { instant, instrumentId, microdollars, orderId, units } from '../../../schemas/units.ts'
import { signedBy, trader, trusting } from '../people.ts'
import { fakePorts, noAccountHistory, now, otherInstrument, prime, serve, type Answer } from '../support.ts'

const own = (sequence: number, changes: Partial<OwnTrade> = {}): OwnTrade => ({
  holder: trader.userId,
  orderId: orderId(1000 + sequence),
  instrumentId: prime.instrumentId,
  sequence,
  side: sequence % 2 === 0 ? 'buy' : 'sell',
  role: 'taker',
  price: microdollars(100_000 + sequence * 100),
  quantity: units(sequence),
  fee: microdollars(101),
  grant: microdollars(0),
  entry: 10 + sequence,
  bookedAt: instant(now - 10_000 + sequence * 1000),
  ...changes
})

const rows = [own(1), own(2), own(3), own(4, { instrumentId: otherInstrument })]

const meets = (trade: OwnTrade, { field, op, value }: OwnTradeCondition): boolean => {
  const [actual, sought]: [string | number, string | number] = [trade[field], value]
  switch (op) {
    case '==': return actual === sought
    case '!=': return actual !== sought
    case '>': return actual > sought
    case '<': return actual < sought
    case '>=': return actual >= sought
    case '<=': return actual <= sought
  }
}

async function served (): Promise<(path: string) => Promise<Answer>> {
  const ask = await serve(fakePorts({
    identities: trusting([trader]),
    accountHistory: {
      ...noAccountHistory,
      ownTrades: async ({ holder, conditions, beyond, limit, order }) => {
        const sign = order === 'asc' ? 1 : -1
        const mine = rows.filter(row => row.holder === holder && conditions.every(one => meets(row, one)))
        const far = mine.filter(({ entry }) => beyond === null || sign * (entry - beyond) > 0)
        return Promise.resolve(far.sort((a, b) => sign * (a.entry - b.entry)).slice(0, limit))
      }
    }
  }))
  return async path => ask(`/v1${path}`, { headers: signedBy(trader) })
}

test('a trade is settled, and names its order and its account', async () => {
  const ask = await served()
  const { body: { data } } = await ask('/trades/trade_text-prime-2')
  expect(data).toMatchObject({
    trade_id: 'trade_text-prime-2',
    order_id: orderIdText(orderId(1002)),
    side: 'buy',
    price: '0.10020000',
    quantity: '2',
    total_value: '0.20040000',
    fee: '0.00010100',
    status: 'settled',
    trading_account_id: expect.stringMatching(/^trading_account_/) as string
  })
})

test.each(['trade_text-prime-9', 'trade_code-max-1', 'nothing', 'trade_-', '2'])('%s is not there', async id => {
  const ask = await served()
  expect((await ask(`/trades/${id}`)).body.errors.detail).toBe('not_found')
})

test.each([
  ['', [4, 3, 2, 1]],
  ['order_direction=asc', [1, 2, 3, 4]],
  ['market_id=text-prime', [3, 2, 1]],
  ['instrument_id=code-max', [4]],
  ['trade_id=trade_text-prime-2', [2]],
  ['trade_id=unheard-of', []],
  [`order_id=${orderIdText(orderId(1003))}`, [3]],
  ['order_id=unheard-of', []],
  [`buyer_order_id=${orderIdText(orderId(1002))}`, [2]],
  [`seller_order_id=${orderIdText(orderId(1002))}`, []],
  [`triggering_order_id=${orderIdText(orderId(1001))}`, [1]],
  ['status=settled', [4, 3, 2, 1]],
  ['status=executed', []],
  ['side=sell', [3, 1]],
  ['filters[0][field]=price&filters[0][op]=>=&filters[0][value]=0.1003', [4, 3]],
  ['flop[filters][0][field]=quantity&flop[filters][0][op]=<&flop[filters][0][value]=2', [1]],
  ['filters[0][field]=order_id&filters[0][op]=!=&filters[0][value]=unheard-of', [4, 3, 2, 1]],
  [`start_datetime=${new Date(now - 7000).toISOString()}`, [4, 3]],
  [`to=${(now - 8000) / 1000}`, [2, 1]]
])('%s finds %j', async (query, sequences) => {
  const ask = await served()
  const { body } = await ask(`/trades?${query}`)
  expect(body.data.map(row => Number(String(row['trade_id']).split('-').at(-1)))).toEqual(sequences)
})

test('pages go there and back', async () => {
  const ask = await served()
  const first = await ask('/trades?limit=2')
  const second = await ask(`/trades?limit=2&next=${first.body.paging.next_cursor}`)
  expect(second.body.data.map(row => row['quantity'])).toEqual(['2', '1'])
  const back = await ask(`/trades?limit=2&prev=${second.body.paging.prev_cursor}`)
  expect(back.body.data).toEqual(first.body.data)
  expect((await ask(`/trades?limit=2&side=buy&next=${first.body.paging.next_cursor}`)).status).toBe(422)
})

test('the symbol of an instrument that is gone is still told', async () => {
  rows.push(own(5, { instrumentId: instrumentId('gone') }))
  const ask = await served()
  const { body } = await ask('/trades?limit=1')
  expect(body.data[0]).toMatchObject({ instrument_symbol: 'gone', instrument_id: 'gone', market_id: null })
  rows.pop()
})
