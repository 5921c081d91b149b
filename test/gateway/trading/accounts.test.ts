// What a user has, as the ledger's replica tells it, with dates from analytics beside it.

import { describe, expect, test } from 'vitest'
import { fakeAccounts } from '../fake-accounts.ts'
import { clerk, desk, signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, now, prime, quietLedger, serve, type Answer } from '../support.ts'
import type { Ports, User } from '../../../gateway/ports.ts'
import { tokens } from '../../../schemas/units.ts'

type AskAs = (user: User, path: string, init?: RequestInit) => Promise<Answer>

async function served (changes: Partial<Ports> = {}): Promise<AskAs> {
  const { ledger, accountHistory } = fakeAccounts()
  const identities = trusting([trader, desk, supplier, clerk])
  const ask = await serve(fakePorts({ identities, ledger, accountHistory, ...changes }))
  return async (user, path, init = {}) =>
    ask(path, { ...init, headers: { ...signedBy(user), 'content-type': 'application/json' } })
}

const away = async (): Promise<never> => Promise.reject(Object.assign(new Error('away'), { canRetry: true }))

describe('trading accounts', () => {
  test('are the cash, where clients look for it, and the units', async () => {
    const ask = await served()
    const { body } = await ask(trader, '/v1/trading-accounts')
    expect(body.data.map(row => [row['currency'], row['instrument_symbol'], row['total_balance'], row['available_balance'], row['locked_balance']])).toEqual([
      ['USD', 'usd', '125.00000000', '100.00000000', '25.00000000'],
      [undefined, 'text-prime', '7', '5', '2']
    ])
    expect(body.data[1]).toMatchObject({ total_cost: '0.70630000', last_trade_price: '0.10090000', market_id: prime.marketId })
  })

  test('have ids that stay, one a user and instrument', async () => {
    const ask = await served()
    const again = await served()
    const [id] = (await ask(trader, '/v1/trading-accounts')).body.data.map(row => row['account_id']).slice(1)
    expect(id).toMatch(/^trading_account_[\da-f]{16}$/)
    expect((await again(trader, '/v1/trading-accounts')).body.data[1]!['account_id']).toBe(id)
    expect((await ask(trader, `/v1/trading-accounts/${String(id)}`)).body.data['instrument_symbol']).toBe('text-prime')
    expect((await ask(desk, `/v1/trading-accounts/${String(id)}`)).status).toBe(404)
  })

  test.each([
    ['instrument_id=text-prime', 1], [`filters[0][field]=market_id&filters[0][value]=${prime.marketId}`, 1],
    ['flop[filters][0][field]=currency&flop[filters][0][value]=USD', 1], ['status=suspended', 0], ['symbol=TEXT-PRIME', 1], ['limit=1', 1]
  ])('%s leaves %i', async (query, rows) => {
    const ask = await served()
    expect((await ask(trader, `/v1/trading-accounts?${query}`)).body.data.length).toBe(rows)
  })

  test('are told without their dates while analytics is away', async () => {
    const { ledger, accountHistory } = fakeAccounts()
    const ask = await served({ ledger, accountHistory: { ...accountHistory, activity: away } })
    expect((await ask(trader, '/v1/trading-accounts')).body.data[0]).toMatchObject({ total_balance: '125.00000000', last_deposit_at: null })
    expect((await ask(trader, '/v1/consumption-accounts')).status).toBe(503) // Its totals are from there.
  })
})

describe('the cash', () => {
  test('is under its new name and its first one', async () => {
    const ask = await served()
    const expected = { currency: 'usd', grant_balance: '25.00000000', withdrawable_balance: '75.00000000', pending_balance: '0.00000000' }
    const { body } = await ask(trader, '/v1/currency-trading-accounts')
    expect(body.data).toEqual([expect.objectContaining(expected)])
    const id = String(body.data[0]!['account_id'])
    expect(id).toMatch(/^currency_trading_account_[\da-f]{16}$/)
    for (const path of [`/v1/currency-trading-accounts/${id}`, '/api/v1/self/accounts/currencies/USD', '/v1/self/accounts/currencies/usd']) {
      expect((await ask(trader, path)).body.data, path).toMatchObject(expected)
    }
    expect((await ask(trader, '/v1/self/accounts/currencies/eur')).status).toBe(404)
  })
})

test('units for use are numbers, with a balance under both its names', async () => {
  const ask = await served()
  const body = JSON.stringify({ instrument_id: 'text-prime', quantity: 3 })
  await ask(trader, '/v1/transfers/trading-to-consumption', { method: 'POST', body })
  const { body: { data } } = await ask(trader, '/v1/consumption-accounts')
  expect(data[0]).toMatchObject({
    total_balance: 3, available_balance: 3, uncommitted_balance: 3, committed_balance: 0, total_tokens: '3000000', total_deposits: 3
  })
  expect((await ask(trader, `/v1/consumption-accounts/${String(data[0]!['account_id'])}`)).body.data).toEqual(data[0])
})

test('units that requests hold are committed, and what has expired is no part of the total', async () => {
  const { ledger, accountHistory } = fakeAccounts()
  const consumption = { posted: tokens(3_500_000), held: tokens(500_000), available: tokens(1_250_001) }
  const positions = () => ledger.positions(trader.userId).map(position => ({ ...position, consumption }))
  const drawn = {
    account: 'consumption', instrumentId: prime.instrumentId, type: 'usage', in: 0n, out: 1_500_000n, firstAt: now, lastAt: now
  } as const
  const ask = await served({
    ledger: { ...ledger, positions },
    accountHistory: { ...accountHistory, activity: async () => Promise.resolve([drawn]) }
  })
  const { body: { data: [account] } } = await ask(trader, '/v1/consumption-accounts')
  expect(account).toMatchObject({
    available_balance: 1.250001,
    uncommitted_balance: 1.250001,
    committed_balance: 0.5,
    total_balance: 1.750001,
    total_tokens: '1750001',
    total_withdrawals: 1.5,
    last_withdrawal_at: '2026-06-15T12:00:30.000Z',
    last_transfer_at: null
  })
})

test('nothing is told to who does not sign', async () => {
  const ask = await serve(fakePorts({ identities: trusting([trader]) }))
  for (const path of ['/v1/trading-accounts', '/v1/me', '/v1/positions', '/v1/trades', '/v1/transfer-histories', '/v1/account/limits']) {
    expect((await ask(path)).status, path).toBe(401)
  }
})

test('who has no accounts is told so; who has, but not here yet, may come again', async () => {
  const ask = await served()
  expect((await ask(clerk, '/v1/trading-accounts')).body.errors.detail).toBe('unknown_holder')
  const restoring = await served({ ledger: quietLedger({ isReady: () => false }) })
  for (const path of ['/v1/trading-accounts', '/v1/consumption-accounts', '/v1/positions', '/v1/me', '/v1/sub-accounts']) {
    const { status, headers } = await restoring(trader, path)
    expect([path, status, headers.get('retry-after')]).toEqual([path, 503, '1'])
  }
})

describe('me', () => {
  test('says who asks, what it may do and what it pays', async () => {
    const ask = await served()
    const { body: { data } } = await ask(supplier, '/v1/me')
    expect(data).toMatchObject({
      user_id: 'user_21',
      email: '21@example.com',
      account_mode: 'advanced',
      roles: ['trader', 'supplier'],
      fees: { maker_bp: 0, taker_bp: 10, volume_30d: '1.21080000' }
    })
    expect(data['capabilities']).toEqual(expect.arrayContaining(['trade:write', 'supply:write']))
    expect((await ask(trader, '/v1/me')).body.data['capabilities']).not.toContain('supply:write')
    expect((await ask(clerk, '/v1/me')).body.data).toMatchObject({ account_mode: 'easy', fees: null })
  })

  test('has sub-accounts, its own only', async () => {
    const ask = await served()
    expect((await ask(trader, '/v1/sub-accounts')).body.data).toEqual([expect.objectContaining({ user_id: 'user_12', cash_balance: '100.00000000', status: 'active' })])
    expect((await ask(desk, '/v1/sub-accounts')).body.data).toEqual([])
  })
})

test('limits are those that orders are counted by, and name the headers that tell of them', async () => {
  const ask = await served({ orderRate: { perSecond: 5, perMinute: 60, burst: 10 } })
  expect((await ask(trader, '/v1/account/limits?market_id=text-prime')).body.data).toEqual({
    market_id: prime.marketId,
    order_rate_limits: { scope: 'user_market', max_orders_per_second: 5, max_orders_per_minute: 60, burst_capacity: 10, window_seconds: 60 },
    response_headers: {
      limit: 'x-ratelimit-limit', remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset', retry_after: 'retry-after'
    }
  })
})
