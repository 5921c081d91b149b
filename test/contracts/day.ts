// A day at the market: steps that build on each other, at every endpoint there is. What analytics answers may be a
// moment behind, so that such a question is asked until it is answered as it should be, or its time is up.

import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Answer, Client } from './client.ts'

export type Day = {
  readonly anyone: Client
  /** Has a hundred dollars and a grant of ten, and a sub-account with as much. */
  readonly trader: Client
  readonly sub: Client
  /** As rich, and nobody's relation. */
  readonly other: Client
  readonly supplier: Client
  readonly clerk: Client
  /** Their user ids, as `/me` has them. */
  readonly ids: { readonly trader: string, readonly sub: string, readonly other: string }
  /** Asks as the trader, under another prefix. */
  readonly under: (prefix: string) => Client
}

export type Step = readonly [name: string, run: (day: Day) => Promise<void>]

type Row = Readonly<Record<string, unknown>>
type Told = { readonly data: Row & Row[], readonly paging: { readonly next_cursor: string | null } }

function told (answer: Answer, status = 200): Told {
  expect([answer.status, answer.body]).toEqual([status, answer.status === status ? answer.body : null])
  return answer.body as Told
}

const patienceMs = 20_000

/** Asks until `check` has nothing against the answer; its last word, when the time is up. */
async function until (asked: () => Promise<Answer>, check: (answer: Told) => void): Promise<Told> {
  const end = performance.now() + patienceMs
  for (;;) {
    const answer = await asked()
    try {
      const body = told(answer)
      check(body)
      return body
    } catch (error) {
      if (performance.now() > end) throw error
      await delay(100)
    }
  }
}

const codeOf = ({ status, body }: Answer): [number, unknown] =>
  [status, (body as { errors: { detail: unknown } }).errors.detail]

const sellOf = (quantity: number, price: string): object =>
  ({ market_id: 'text-prime', side: 'sell', type: 'limit', quantity, price })
const buyOf = (quantity: number, price: string, more: object = {}): object =>
  ({ market_id: 'text-prime', side: 'buy', type: 'limit', quantity, price, ...more })

export const day: readonly Step[] = [
  ['a supplier issues units, moves them to Trading and offers them', async ({ supplier }) => {
    expect(told(await supplier.post('/supply-issuances', { instrument_id: 'text-prime', quantity: 100 }), 201).data['quantity']).toBe(100)
    const transfer = await supplier.post('/issuance-accounts/transfer', { instrument_id: 'text-prime', quantity: '60' })
    expect(transfer.status).toBe(202)
    expect(told(await supplier.post('/orders', sellOf(20, '0.1009')), 201).data).toMatchObject({ status: 'active', remaining_quantity: 20 })
  }],
  ['a buy takes what is offered, and everyone sees it at once', async ({ anyone, trader }) => {
    const order = told(await trader.post('/orders', buyOf(5, '0.1010', { client_order_id: 'first' })), 201).data
    expect(order).toMatchObject({ status: 'filled', filled_quantity: 5, average_price: '0.10090000', fee: '0.00050500' })
    const expected = { order_id: order['order_id'], side: 'buy', quantity: '5', fee: '0.00050500', status: 'settled' }
    const { data: [trade] } = await until(() => trader.get('/trades'), ({ data }) => { expect(data[0]).toMatchObject(expected) })
    expect(told(await trader.get(`/trades/${String(trade!['trade_id'])}`)).data).toEqual(trade)
    const { trade_id: id } = trade!
    await until(() => anyone.get('/public_trades'), ({ data }) => { expect(data.map(row => row['trade_id'])).toContain(id) })
    expect(told(await trader.get(`/trading-accounts/${String(trade!['trading_account_id'])}`)).data['total_balance']).toBe('5')
    const position = { quantity: 5, average_cost: '0.10090000', status: 'open' }
    expect(told(await trader.get('/positions')).data).toEqual([expect.objectContaining(position)])
  }],
  ['the same order asked again, signed anew, is the first one; with other content it is a conflict', async ({ trader }) => {
    const first = told(await trader.get('/orders/by-client-order-id/first')).data
    const again = told(await trader.post('/orders', buyOf(5, '0.1010', { client_order_id: 'first' })), 201).data
    expect(again['order_id']).toBe(first['order_id'])
    expect(codeOf(await trader.post('/orders', buyOf(6, '0.1010', { client_order_id: 'first' })))).toEqual([409, 'client_order_id_conflict'])
  }],
  ['orders rest, change, are found and are cancelled', async ({ trader, other }) => {
    const order = told(await trader.post('/orders', buyOf(4, '0.0990', { client_order_id: 'rests' })), 201).data
    const path = `/orders/${String(order['order_id'])}`
    expect(told(await trader.get(path)).data).toMatchObject({ status: 'active', held: '0.39639600' })
    expect(told(await trader.put(path, { price: '0.0991', quantity: 3 })).data).toMatchObject({ price: '0.09910000', quantity: 3 })
    expect(told(await trader.get('/orders?status=open&market_id=text-prime')).data.map(row => row['order_id'])).toEqual([order['order_id']])
    expect(told(await trader.get('/orders/count')).data).toMatchObject({ count: 1 })
    expect((await other.get(path)).status).toBe(404)
    expect((await other.delete(path)).status).toBe(404)
    expect((await trader.delete(path)).status).toBe(204)
    expect(codeOf(await trader.delete(path))).toEqual([409, 'order_already_cancelled'])
    told(await trader.post('/orders', buyOf(1, '0.0990', { client_order_id: 'by-name' })), 201)
    expect((await trader.delete('/orders/by-client-order-id/by-name')).status).toBe(204)
  }],
  ['many at once, and all of them gone at once', async ({ trader }) => {
    const place = (price: string): object => ({ action: 'place', ...buyOf(1, price) })
    const results = told(await trader.post('/orders/batch', { items: [place('0.0980'), place('0.0981'), { action: 'cancel', client_order_id: 'nothing' }] })).data
    expect(results.map(row => row['status'])).toEqual([201, 201, 404])
    expect(told(await trader.delete('/markets/text-prime/orders')).data['cancelled']).toBe(2)
    told(await trader.post('/orders', buyOf(1, '0.0990')), 201)
    expect(told(await trader.delete('/orders')).data['cancelled']).toBe(1)
    expect(told(await trader.post('/orders/cancel-all-after', { timeout_ms: 30_000 })).data['triggers_at']).not.toBeNull()
    expect(told(await trader.post('/orders/cancel-all-after', { timeout_ms: 0 })).data['triggers_at']).toBeNull()
  }],
  ['units go to Consumption, once and for good', async ({ trader }) => {
    const body = { instrument_id: 'text-prime', quantity: 2, client_reference: 'use' }
    const first = await trader.post('/transfers/trading-to-consumption', body)
    expect(first.body).toMatchObject({ status: 'success' })
    expect((await trader.post('/transfers/trading-to-consumption', body)).body).toMatchObject({ transfer_id: (first.body as Row)['transfer_id'] })
    expect(codeOf(await trader.post('/transfers/consumption-to-trading', body))).toEqual([422, 'transfer_one_way'])
    // Its balances are there at once; its totals and dates come from analytics, and stay once they have arrived.
    const balances = { total_balance: 2, available_balance: 2, uncommitted_balance: 2, committed_balance: 0 }
    expect(told(await trader.get('/consumption-accounts')).data).toEqual([expect.objectContaining(balances)])
    const { data: [account] } = await until(() => trader.get('/consumption-accounts'), ({ data }) => {
      expect(data[0]).toMatchObject({ ...balances, total_deposits: 2, last_deposit_at: expect.any(String) as string })
    })
    expect(told(await trader.get(`/consumption-accounts/${String(account!['account_id'])}`)).data).toEqual(account)
    for (const path of ['/transfer-histories', '/transfers/histories']) {
      const expected = { quantity: 2, account_id: account!['account_id'] }
      await until(() => trader.get(path), ({ data }) => { expect(data[0]).toMatchObject(expected) })
    }
  }],
  ['what is in Consumption lies in lots, with what they cost and when they expire', async ({ trader, other }) => {
    const { data: [lot], paging } = told(await trader.get('/accounts/lots'))
    expect(paging.next_cursor).toBeNull()
    expect(lot).toMatchObject({ status: 'active', quantity: 2, remaining: 2, used: 0, purchase_price: '0.10090000', cost: '0.201800000000' })
    const opened = Date.parse(String(lot!['opened_at']))
    expect(Date.parse(String(lot!['expires_at']))).toBe(opened + 4 * 60 * 60 * 1000)
    const path = `/accounts/lots/${String(lot!['lot_id'])}`
    expect(told(await trader.get(path)).data).toEqual(lot)
    expect((await other.get(path)).status).toBe(404)
    const forms = ['status=active', 'filters[0][field]=status&filters[0][value]=active', 'flop[filters][0][field]=instrument_id&flop[filters][0][value]=text-prime']
    for (const query of forms) expect(told(await trader.get(`/accounts/lots?${query}`)).data).toEqual([lot])
    expect(told(await trader.get('/accounts/lots?status=expired')).data).toEqual([])
  }],
  ['the next sweep is announced, and what it will move', async ({ anyone, trader }) => {
    const schedule = told(await anyone.get('/sweeps/schedule')).data
    expect(schedule['times_utc']).toEqual(['00:00', '04:00', '08:00', '12:00', '16:00', '20:00'])
    const preview = told(await trader.get('/sweeps/preview')).data
    expect(preview).toMatchObject({ sweeps_at: schedule['next_sweep_at'], total_cost: '0.30270000' })
    expect(preview['instruments']).toEqual([expect.objectContaining({ instrument_symbol: 'text-prime', units: 3, lots: 1 })])
    for (const path of ['/sweeps', '/accounts/breakage']) expect(told(await trader.get(path)).data).toEqual([])
  }],
  ['cash goes to an account of the same owner, and to no other', async ({ trader, sub, ids }) => {
    expect((await trader.post('/transfers/funds', { to_user_id: ids.sub, amount: '5' })).body).toMatchObject({ status: 'success' })
    expect((await trader.post('/transfers/funds', { to_user_id: ids.other, amount: '5' })).status).toBe(404)
    await until(() => sub.get('/transfers/funds'), ({ data }) => {
      expect(data[0]).toMatchObject({ direction: 'in', amount: '5.00000000' })
    })
    const balances = { total_balance: '115.00000000', withdrawable_balance: '105.00000000' }
    expect(told(await sub.get('/currency-trading-accounts')).data[0]).toMatchObject(balances)
    const child = { user_id: ids.sub, cash_balance: '105.00000000' }
    expect(told(await trader.get('/sub-accounts')).data).toEqual([expect.objectContaining(child)])
  }],
  ['accounts are told under every name they ever had', async ({ trader, clerk, ids }) => {
    const [cash, units] = told(await trader.get('/trading-accounts')).data
    expect([cash!['currency'], units!['instrument_symbol']]).toEqual(['USD', 'text-prime'])
    expect(told(await trader.get(`/currency-trading-accounts/${String(cash!['account_id'])}`)).data['total_balance']).toBe(cash!['total_balance'])
    expect(told(await trader.get('/self/accounts/currencies/usd')).data['account_id']).toBe(cash!['account_id'])
    expect(told(await trader.get('/self/accounts/instruments')).data).toEqual([units])
    expect(told(await trader.get('/me')).data).toMatchObject({ user_id: ids.trader, account_mode: 'advanced' })
    expect(told(await clerk.get('/account/limits?market_id=text-prime')).data).toHaveProperty('order_rate_limits.scope', 'user_market')
  }],
  ['a supplier says what requests took, one by one and many at once', async ({ supplier, trader, ids }) => {
    const measured = (id: string, output: number): object => ({
      specversion: '1.0',
      id,
      source: '/edge/1',
      type: 'market.usage.final',
      time: new Date().toISOString(),
      data: {
        request_id: `request-${id}`,
        consumer: Number(ids.trader.replace('user_', '')),
        instrument_id: 'text-prime',
        sequence: 1,
        input_tokens: 100,
        output_tokens: output
      }
    })
    const single = { 'content-type': 'application/cloudevents+json' }
    const many = { 'content-type': 'application/cloudevents-batch+json' }
    const path = '/usage-events'
    const accepted = { accepted: true, event_id: '/edge/1 a', duplicate: false }
    expect(told(await supplier.post(path, measured('a', 50), single), 202).data).toEqual(accepted)
    expect(told(await supplier.post(path, measured('a', 50)), 202).data).toEqual(accepted)
    const { data } = told(await supplier.post(path, [measured('b', 5), measured('c', -5), measured('b', 5)], many))
    expect(data.map(({ status }) => status)).toEqual([202, 400, 202])
    expect((await supplier.post(path, { ...measured('d', 5), specversion: '0.3' }, single)).status).toBe(400)
    expect(codeOf(await trader.post(path, measured('e', 5), single))).toEqual([403, 'insufficient_role'])
    expect((await trader.post('/orders', {}, single)).status).toBe(415)
  }],
  ['a supplier says where it serves, changes it and takes it away', async ({ supplier, trader }) => {
    const path = '/supplier-endpoints'
    const edge = { instrument_id: 'text-prime', url: 'https://9.9.9.9:8443/', models: ['model-1'], in_flight_max: 8 }
    const { id } = told(await supplier.post(path, edge), 201).data
    expect(told(await supplier.post(path, edge)).data['id']).toBe(id)
    const row = { id, url: 'https://9.9.9.9:8443', in_flight_max: 8, standing: 'unrated', weight: 100 }
    expect(told(await supplier.get(path)).data).toEqual([expect.objectContaining(row)])
    const own = `${path}/${String(id)}`
    expect(told(await supplier.put(own, { is_active: false })).data).toMatchObject({ in_flight_max: 8, status: 'inactive' })
    expect(told(await supplier.get(own)).data['is_active']).toBe(false)
    expect((await supplier.put(own, { url: 'https://other.example' })).status).toBe(422)
    expect((await supplier.post(path, { ...edge, url: 'https://169.254.169.254' })).status).toBe(422)
    expect(codeOf(await trader.post(path, edge))).toEqual([403, 'insufficient_role'])
    expect((await supplier.delete(own)).status).toBe(204)
    expect((await supplier.get(own)).status).toBe(404)
  }],
  ['how one is served is set in parts, and what the mode says is not set', async ({ trader, other }) => {
    const path = '/consumption-settings'
    const aliases = [{ pattern: 'claude-*', instrument: 'text-max' }]
    expect(told(await trader.put(path, { delivery: 'direct', aliases })).data).toMatchObject({ delivery: 'direct', aliases })
    expect(told(await trader.put(path, { delivery: null })).data).toMatchObject({ delivery: null, aliases })
    expect(told(await trader.get(path)).data).toMatchObject({ aliases })
    expect(told(await other.get(path)).data).toMatchObject({ aliases: [] })
    const system = '/self/system-settings'
    const { account_mode: mode } = told(await trader.get(system)).data
    const reload = { auto_reload_amount_usd: '60.00', auto_reload_monthly_limit_usd: '120.00' }
    expect(told(await trader.patch(`${system}/auto_reload`, reload)).data['auto_reload_amount_usd']).toBe('60.00000000')
    expect((await trader.patch(`${system}/auto_reload`, { auto_reload_enabled: true })).status).toBe(422)
    const isEasy = mode === 'easy'
    expect(told(await trader.patch(`${system}/auto-buy`, { auto_buy_enabled: isEasy })).data['auto_buy_enabled']).toBe(isEasy)
    expect(codeOf(await trader.patch(`${system}/auto-buy`, { auto_buy_enabled: !isEasy }))).toEqual([403, 'mode_managed_setting'])
    expect((await trader.post(`${system}/account-mode`, { mode })).status).toBe(204)
  }],
  ['a key for inference is shown once, changed and ended', async ({ trader, other }) => {
    const path = '/api-keys'
    const made: Row = told(await trader.post(path, { api_key: { name: 'app', instruments: ['text-prime'], open_max: 4 } }), 201).data
    expect(made['key']).toMatch(/^[A-Za-z0-9+/]{43}$/)
    const row: Row = { ...made, key: null }
    const own = `${path}/${String(made['id'])}`
    expect(told(await trader.get(path)).data).toEqual([row])
    expect((await other.get(own)).status).toBe(404)
    expect((await trader.put(own, { api_key: { is_active: false } })).status).toBe(204)
    expect(told(await trader.get(own)).data).toEqual({ ...row, is_active: false })
    expect((await trader.delete(own)).status).toBe(204)
    expect(told(await trader.get(path)).data).toEqual([])
  }],
  ['a supplier sees what it issued, and what it owes', async ({ supplier }) => {
    const first = async (path: string, expected: object): Promise<unknown> =>
      until(() => supplier.get(path), ({ data }) => { expect(data[0]).toMatchObject(expected) })
    await first('/supply-issuances', { quantity: 100, status: 'issued' })
    await first('/supply-issuances/summary', { total_issued: 100, units_available: 40, units_transferred_to_trading: 60 })
    await first('/issuance-accounts', { total_balance: 40, total_transferred: 60 })
    await first('/supplier-liability', { units_sold: 5, units_outstanding: 5, units_in_trading: 55 })
    expect(told(await supplier.get('/supplier-liability/text-prime')).data).toMatchObject({ units_outstanding: 5 })
    await first('/currency-trading-accounts', { pending_balance: '0.50450000' })
  }],
  ['anyone sees the market', async ({ anyone }) => {
    const [instrument] = told(await anyone.get('/instruments?symbol=text-prime')).data
    const [listed] = told(await anyone.get('/markets?symbol=text-prime')).data
    const ofMarket = `/markets/${String(listed!['market_id'])}`
    for (const path of [
      `/instruments/${String(instrument!['instrument_id'])}`, '/instruments/by-symbol/text-prime', ofMarket, `${ofMarket}/ticker`, `${ofMarket}/stats`,
      `${ofMarket}/orderbook`, '/orderbooks/text-prime', '/orderbooks?market_id=text-prime', `${ofMarket}/trades`,
      '/price-histories?market_id=text-prime&resolution=1m', '/health', '/ready', '/diagnostics'
    ]) told(await anyone.get(path))
    expect(told(await anyone.get(`${ofMarket}/orderbook`)).data['sell']).toEqual([expect.objectContaining({ price: '0.10090000', quantity: 15 })])
  }],
  ['pages, filters in three forms, and every prefix', async ({ trader, under }) => {
    const first = told(await trader.get('/orders?limit=2&order_direction=desc'))
    const next = told(await trader.get(`/orders?limit=2&order_direction=desc&next=${first.paging.next_cursor}`))
    expect(next.data.map(row => row['order_id'])).not.toContain(first.data[0]!['order_id'])
    const forms = ['status=filled', 'filters[0][field]=status&filters[0][value]=filled', 'flop[filters][0][field]=status&flop[filters][0][value]=filled']
    const found = await Promise.all(forms.map(async query => told(await trader.get(`/orders?${query}`)).data.map(row => row['order_id'])))
    expect(found[0]).toHaveLength(1)
    expect(found[1]).toEqual(found[0])
    expect(found[2]).toEqual(found[0])
    for (const prefix of ['/v1/trading', '/api/v1/trading', '/api/v1']) {
      told(await under(prefix).get('/orders?limit=1'))
      told(await under(prefix).post('/orders', buyOf(1, '0.0985')), 201)
    }
  }],
  ['what must not be is refused, in words that a program can read', async ({ anyone, trader, clerk }) => {
    expect(codeOf(await anyone.get('/me'))).toEqual([401, 'unauthorized'])
    expect(codeOf(await clerk.post('/orders', buyOf(1, '0.1')))).toEqual([403, 'insufficient_role'])
    expect(codeOf(await trader.get('/supply-issuances'))).toEqual([403, 'insufficient_role'])
    expect(codeOf(await trader.post('/orders', buyOf(10_000, '0.1100')))).toEqual([400, 'INSUFFICIENT_BALANCE'])
    expect((await trader.post('/orders', buyOf(1, '0.1000000001'))).body).toHaveProperty('errors.detail.price')
    expect((await trader.post('/orders', { side: 'up' })).body).toHaveProperty('errors.detail.market_id')
    expect((await trader.get('/orders/order_00000000000')).status).toBe(404)
    expect((await trader.post('/orders', { padding: 'x'.repeat(70_000) })).status).toBe(413)
    expect((await trader.ask('POST', '/orders', '{}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await trader.ask('POST', '/orders', '{')).status).toBe(400)
  }]
]
