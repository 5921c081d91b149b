// The caller's lots: those that live from the replica, those that are done with from the history, each once.

import { describe, expect, test } from 'vitest'
import type { LedgerPort, LotKey, LotView, PastLot, Ports } from '../../../gateway/ports.ts'
import { lotIdOf, lotIdText } from '../../../gateway/trading/lot-ids.ts'
import { instant, instrumentId, microdollars, tokens, type LotId } from '../../../schemas/units.ts'
import { desk, signedBy, trader, trusting } from '../people.ts'
import { fakePorts, noAccountHistory, now, prime, quietLedger, serve } from '../support.ts'

const hourMs = 3_600_000
const price = microdollars(100_900)

const live = (id: number, change: Partial<LotView> = {}): LotView => ({
  lotId: id as LotId,
  instrumentId: prime.instrumentId,
  price,
  tradeSequence: 42,
  period: 123_455,
  openedAt: instant(now - hourMs),
  expiresAt: instant(now + 3 * hourMs),
  opened: tokens(2_000_000),
  remaining: tokens(1_250_000),
  held: tokens(250_000),
  drawn: tokens(500_000),
  expired: tokens(0),
  regranted: tokens(0),
  grant: microdollars(0),
  isExpired: false,
  ...change
})

const past = (id: number, change: Partial<PastLot> = {}): PastLot => ({
  lotId: id as LotId,
  instrumentId: prime.instrumentId,
  price,
  tradeSequence: 41,
  period: 123_454,
  openedAt: instant(now - 9 * hourMs + id),
  expiresAt: instant(now - 5 * hourMs),
  opened: tokens(2_000_000),
  drawn: tokens(2_000_000),
  expired: tokens(0),
  regranted: tokens(0),
  ...change
})

const statusOf = (lot: PastLot, at: number): string => {
  if (lot.expired + lot.regranted > 0) return 'expired'
  if (lot.opened === lot.drawn) return 'consumed'
  return lot.expiresAt <= at ? 'expired' : 'active'
}

/** Served to the trader; what analytics has is kept in the order of its own table, filtered by status as it is. */
async function served (lots: readonly LotView[], history: readonly PastLot[], changes: Partial<LedgerPort> = {}) {
  const asked: unknown[] = []
  const ports: Partial<Ports> = {
    identities: trusting([trader, desk]),
    ledger: quietLedger({ lots: holder => holder === trader.userId ? lots : [], ...changes }),
    accountHistory: {
      ...noAccountHistory,
      lots: async ({ holder, conditions, beyond, limit, order, now: at }) => {
        asked.push({ conditions, limit })
        const sign = order === 'asc' ? 1 : -1
        const compared = (a: LotKey, b: LotKey) => sign * (a.openedAt - b.openedAt || a.lotId - b.lotId)
        return Promise.resolve(history
          .filter(() => holder === trader.userId)
          .filter(lot => conditions.every(each => each.field === 'status'
            ? (each.value as readonly string[]).includes(statusOf(lot, at))
            : each.field !== 'lotId' || lot.lotId === each.value))
          .filter(lot => beyond === null || compared(lot, beyond) > 0)
          .toSorted(compared).slice(0, limit))
      }
    }
  }
  const ask = await serve(fakePorts(ports))
  return { asked, ask: async (path: string, user = trader) => ask(path, { headers: signedBy(user) }) }
}

const idOf = (id: number): string => lotIdText(id as LotId)

describe('a lot', () => {
  test('that lives is told in units and in tokens, with what it cost to the picodollar', async () => {
    const { ask } = await served([live(64, { opened: tokens(1_500_001), remaining: tokens(750_001) })], [])
    const { body: { data: [lot] } } = await ask('/v1/accounts/lots')
    expect(lot).toEqual({
      lot_id: 'lot_00000000020',
      id: 'lot_00000000020',
      account_id: expect.stringMatching(/^consumption_account_/) as string,
      instrument_id: prime.publicId,
      instrument_symbol: 'text-prime',
      instrument_name: prime.name,
      status: 'active',
      quantity: 1.500001,
      remaining: 0.750001,
      held: 0.25,
      used: 0.5,
      expired: 0,
      regranted: 0,
      tokens: { quantity: 1_500_001, remaining: 750_001, held: 250_000, used: 500_000, expired: 0, regranted: 0 },
      purchase_price: '0.10090000',
      currency: 'usd',
      cost: '0.151350100900',
      trade_id: 'trade_text-prime-42',
      sweep_period: 123_455,
      cohort_started_at: '2026-05-02T20:00:00.000Z',
      purchased_at: '2026-06-15T11:00:30.000Z',
      opened_at: '2026-06-15T11:00:30.000Z',
      expires_at: '2026-06-15T15:00:30.000Z'
    })
  })

  test('that has expired has nothing left, booked or not, but for what requests hold', async () => {
    const { ask } = await served([live(64, { isExpired: true, expired: tokens(0) })], [])
    const { body: { data: [lot] } } = await ask('/v1/accounts/lots?status=expired')
    expect(lot).toMatchObject({ status: 'expired', remaining: 0, held: 0.25, used: 0.5, expired: 1.25 })
  })

  test('has no id before its sweep is booked', async () => {
    const { ask } = await served([live(0), live(0), live(64)], [])
    const { body: { data } } = await ask('/v1/accounts/lots')
    expect(data.map(row => row['lot_id'])).toEqual([null, null, idOf(64)])
  })

  test('that is done with is told by the history, and by the time where its end is not there yet', async () => {
    const { ask } = await served([], [
      past(1), past(2, { drawn: tokens(500_000), expired: tokens(1_500_000) }),
      past(3, { drawn: tokens(0), regranted: tokens(2_000_000) }), past(4, { drawn: tokens(500_000) }),
      past(5, { drawn: tokens(500_000), expiresAt: instant(now + 1) })
    ])
    const { body: { data } } = await ask('/v1/accounts/lots?order_direction=asc')
    const fates = ['status', 'used', 'expired', 'regranted', 'remaining']
    expect(data.map(row => fates.map(name => row[name]))).toEqual([
      ['consumed', 2, 0, 0, 0], ['expired', 0.5, 1.5, 0, 0], ['expired', 0, 0, 2, 0], ['expired', 0.5, 1.5, 0, 0],
      ['consumed', 2, 0, 0, 0]
    ])
  })
})

describe('the list', () => {
  const lots = [live(640), live(704, { instrumentId: instrumentId('code-max'), openedAt: instant(now - hourMs / 2) })]
  // The replica has the last of them as well.
  const expired = past(2, { drawn: tokens(0), expired: tokens(2_000_000) })
  const history = [past(1), expired, past(3), past(640, { openedAt: lots[0]!.openedAt })]

  test('has each lot once, the newest first', async () => {
    const { ask } = await served(lots, history)
    const { body: { data, paging } } = await ask('/v1/accounts/lots')
    expect(data.map(row => row['lot_id'])).toEqual([704, 640, 3, 2, 1].map(idOf))
    expect(data[1]!['status']).toBe('active')
    expect(paging).toEqual({ next_cursor: null, prev_cursor: null, has_more: false })
  })

  test.each([1, 2, 3])('comes to the same in pages of %i, there and back', async limit => {
    const { ask } = await served(lots, history)
    const seen: unknown[][] = []
    let [query, last] = ['', '']
    do {
      const { body: { data, paging } } = await ask(`/v1/accounts/lots?limit=${limit}${query}`)
      seen.push(data.map(row => row['lot_id']))
      last = paging.prev_cursor ?? ''
      query = paging.next_cursor === null ? '' : `&next=${paging.next_cursor}`
    } while (query !== '')
    expect(seen.flat()).toEqual([704, 640, 3, 2, 1].map(idOf))
    const { body: { data } } = await ask(`/v1/accounts/lots?limit=${limit}&prev=${last}`)
    expect(data.map(row => row['lot_id'])).toEqual(seen.at(-2))
  })

  test.each([
    ['status=active', [704, 640]], ['status=consumed', [3, 1]], ['filters[0][field]=status&filters[0][value]=expired', [2]],
    ['filters[0][field]=status&filters[0][op]=!=&filters[0][value]=expired', [704, 640, 3, 1]],
    ['flop[filters][0][field]=status&flop[filters][0][value]=active&instrument_id=code-max', [704]],
    ['instrument_id=text-prime&status=active', [640]],
    [`filters[0][field]=opened_at&filters[0][op]=>&filters[0][value]=${(now - hourMs) / 1000}&status=active`, [704]],
    [`from=${(now - hourMs) / 1000}&status=active`, [704, 640]], [`to=${(now - 2 * hourMs) / 1000}&status=active`, []],
    [`filters[0][field]=expires_at&filters[0][op]=<=&filters[0][value]=${now / 1000}&status=active`, []]
  ])('%s leaves %j', async (query, expected) => {
    const { ask } = await served(lots, history)
    expect((await ask(`/v1/accounts/lots?${query}`)).body.data.map(row => row['lot_id'])).toEqual(expected.map(idOf))
  })

  test('of live lots needs no analytics, and asks it for no more than may be in the way', async () => {
    const { ask, asked } = await served(lots, history)
    await ask('/v1/accounts/lots?status=active')
    expect(asked).toEqual([])
    await ask('/v1/accounts/lots?status=consumed&limit=5')
    expect(asked).toEqual([{ conditions: [{ field: 'status', op: 'in', value: ['consumed', 'active'] }], limit: 8 }])
  })

  test('is under every prefix, and nobody else\'s', async () => {
    const { ask } = await served(lots, history)
    for (const prefix of ['/v1/trading', '/api/v1/trading', '/api/v1']) {
      expect((await ask(`${prefix}/accounts/lots`)).body.data).toHaveLength(5)
    }
    expect((await ask('/v1/accounts/lots', desk)).body.data).toEqual([])
    expect((await ask('/v1/accounts/lots?status=open')).status).toBe(422)
  })
})

describe('one lot', () => {
  test('is found by its id, alive or not', async () => {
    const { ask } = await served([live(640)], [past(1)])
    expect((await ask(`/v1/accounts/lots/${idOf(640)}`)).body.data['status']).toBe('active')
    expect((await ask(`/v1/accounts/lots/${idOf(1)}`)).body.data['status']).toBe('consumed')
    for (const id of [idOf(2), 'lot_0', idOf(0)]) expect((await ask(`/v1/accounts/lots/${id}`)).status).toBe(404)
    expect((await ask(`/v1/accounts/lots/${idOf(640)}`, desk)).status).toBe(404)
  })

  test('is not told while the replica may know less than it did', async () => {
    const { ask } = await served([], [past(1)], { isReady: () => false })
    for (const path of ['/v1/accounts/lots', `/v1/accounts/lots/${idOf(1)}`, '/v1/sweeps/preview']) {
      expect((await ask(path)).status).toBe(503)
    }
  })

  test.each([1, 65, 2 ** 40, Number.MAX_SAFE_INTEGER])('%i goes to text and back', id => {
    expect(lotIdOf(idOf(id))).toBe(id)
    expect(lotIdOf(idOf(id).toLowerCase())).toBe(id)
    expect(lotIdOf(idOf(id).slice(4))).toBe(id)
  })
})
