// Sweeps and breakage: announced, foretold, told.

import { describe, expect, test } from 'vitest'
import type { Breakage, Ports, Swept } from '../../../gateway/ports.ts'
import { instant, instrumentId, microdollars, periodMs, periodOf, units } from '../../../schemas/units.ts'
import { signedBy, trader, trusting } from '../people.ts'
import { fakePorts, noAccountHistory, now, prime, quietLedger, serve } from '../support.ts'

const swept = (sweptAt: number, symbol = 'text-prime'): Swept => ({
  instrumentId: instrumentId(symbol),
  sweptAt: instant(sweptAt),
  lots: 2,
  units: 5n,
  cost: 504_500_000_000n,
  bookedAt: instant(sweptAt + 7000)
})

const broken = (period: number): Breakage => ({
  instrumentId: prime.instrumentId,
  period,
  lots: 2,
  tokens: 1_500_001n,
  value: 151_350_100_900n,
  grant: 100_000n,
  firstAt: instant(now - 2000),
  lastAt: instant(now - 1000)
})

async function served (changes: Partial<Ports> = {}) {
  const ask = await serve(fakePorts({ identities: trusting([trader]), ...changes }))
  return async (path: string) => ask(path, { headers: signedBy(trader) })
}

describe('the schedule', () => {
  test('is for anyone', async () => {
    const ask = await serve(fakePorts())
    const { status, body: { data } } = await ask('/v1/sweeps/schedule')
    expect(status).toBe(200)
    expect(data).toMatchObject({
      times_utc: ['00:00', '04:00', '08:00', '12:00', '16:00', '20:00'],
      period_minutes: 240,
      lot_lifetime_minutes: 240,
      lot_lifetime_min_minutes: 5,
      current_period: periodOf(now),
      last_sweep_at: '2026-06-15T12:00:00.000Z',
      next_sweep_at: '2026-06-15T16:00:00.000Z',
      server_time: '2026-06-15T12:00:30.000Z'
    })
    expect(data['upcoming']).toEqual([16, 20, 24, 28, 32, 36].map(hour => new Date(Date.UTC(2026, 5, 15, hour)).toISOString()))
  })

  test.each([
    ['the instant of a sweep', Date.UTC(2026, 5, 15, 16), '2026-06-15T16:00:00.000Z', '2026-06-15T20:00:00.000Z'],
    ['the millisecond before', Date.UTC(2026, 5, 15, 16) - 1, '2026-06-15T12:00:00.000Z', '2026-06-15T16:00:00.000Z'],
    ['the night in which clocks go forward', Date.UTC(2026, 2, 29, 1, 30), '2026-03-29T00:00:00.000Z', '2026-03-29T04:00:00.000Z']
  ])('knows %s', async (_, at, last, next) => {
    const ask = await serve(fakePorts({ now: () => instant(at) }))
    expect((await ask('/v1/sweeps/schedule')).body.data).toMatchObject({ last_sweep_at: last, next_sweep_at: next })
  })
})

test('the preview says what the next one will move, and what that cost', async () => {
  const moving = [
    { instrumentId: prime.instrumentId, units: units(5), cost: microdollars(504_500), lots: 2 },
    { instrumentId: instrumentId('code-max'), units: units(1), cost: microdollars(2), lots: 1 }
  ]
  const ask = await served({ ledger: quietLedger({ sweepPreview: () => moving }) })
  const { body: { data } } = await ask('/v1/sweeps/preview')
  expect(data).toMatchObject({
    sweeps_at: '2026-06-15T16:00:00.000Z', lots_expire_at: '2026-06-15T20:00:00.000Z', total_cost: '0.50450200'
  })
  expect(data['instruments']).toEqual([
    expect.objectContaining({ instrument_symbol: 'text-prime', units: 5, lots: 2, cost: '0.50450000' }),
    expect.objectContaining({ instrument_symbol: 'code-max', units: 1, lots: 1, cost: '0.00000200' })
  ])
})

describe('past sweeps', () => {
  const at = periodOf(now) * periodMs

  test('are told by instrument, with what they moved', async () => {
    const accountHistory = { ...noAccountHistory, sweeps: async () => Promise.resolve([swept(at)]) }
    const ask = await served({ accountHistory })
    const { body: { data } } = await ask('/v1/sweeps')
    expect(data).toEqual([{
      instrument_id: prime.publicId,
      instrument_symbol: 'text-prime',
      instrument_name: prime.name,
      sweep_period: periodOf(now),
      swept_at: '2026-06-15T12:00:00.000Z',
      units: '5',
      lots: 2,
      cost: '0.504500000000',
      booked_at: '2026-06-15T12:00:07.000Z'
    }])
  })

  test('are asked for by page and by what they are about', async () => {
    const asked: object[] = []
    const rows = [swept(at), swept(at, 'code-max')]
    const ask = await served({
      accountHistory: {
        ...noAccountHistory,
        sweeps: async query => {
          asked.push(query)
          return Promise.resolve(rows)
        }
      }
    })
    const query = `limit=1&instrument_id=text-prime&filters[0][field]=swept_at&filters[0][op]=<&filters[0][value]=${now / 1000}`
    const { body: { paging } } = await ask(`/v1/sweeps?${query}`)
    await ask(`/v1/sweeps?${query}&next=${paging.next_cursor}`)
    const conditions = [{ field: 'instrumentId', op: '==', value: 'text-prime' }, { field: 'sweptAt', op: '<', value: now }]
    expect(asked).toEqual([
      { holder: trader.userId, conditions, limit: 2, order: 'desc', beyond: null },
      { holder: trader.userId, conditions, limit: 2, order: 'desc', beyond: { sweptAt: at, instrumentId: 'text-prime' } }
    ])
  })
})

test('breakage is told by cohort, exact in tokens and in what they had cost', async () => {
  const asked: object[] = []
  const period = periodOf(now)
  const ask = await served({
    accountHistory: {
      ...noAccountHistory,
      breakage: async query => {
        asked.push(query)
        return Promise.resolve([broken(period - 1)])
      }
    }
  })
  const { body: { data } } = await ask('/v1/accounts/breakage?from=2026-06-15T08:00:00Z&to=2026-06-15T11:59:59Z')
  expect(data).toEqual([{
    instrument_id: prime.publicId,
    instrument_symbol: 'text-prime',
    instrument_name: prime.name,
    sweep_period: period - 1,
    cohort_started_at: '2026-06-15T08:00:00.000Z',
    lots: 2,
    units: 1.500001,
    tokens: '1500001',
    value: '0.151350100900',
    granted_value: '0.10000000',
    first_expired_at: '2026-06-15T12:00:28.000Z',
    last_expired_at: '2026-06-15T12:00:29.000Z'
  }])
  expect(asked).toMatchObject([{
    conditions: [{ field: 'period', op: '>=', value: period - 1 }, { field: 'period', op: '<=', value: period - 1 }], beyond: null
  }])
})

test('what is one\'s own is told to who signs', async () => {
  const ask = await serve(fakePorts({ identities: trusting([trader]) }))
  for (const path of ['/v1/sweeps', '/v1/sweeps/preview', '/v1/accounts/breakage', '/v1/accounts/lots']) {
    expect((await ask(path)).status, path).toBe(401)
  }
})
