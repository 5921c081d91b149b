import { describe, expect, test } from 'vitest'
import type { PastRequest, RequestDraw, RequestHistory, RequestQuery, RequestSums, SumsQuery } from '../../../analytics/request-history.ts'
import { perToken } from '../../../gateway/receipts/receipt-rows.ts'
import { receiptOf, receiptsOf, summaryOf } from '../../../gateway/receipts/receipts.ts'
import { Fault } from '../../../gateway/surfaces/fault.ts'
import type { RequestView } from '../../../pipelines/ledger/usage/views.ts'
import { holderId, instant, instrumentId, microdollars, tokens } from '../../../schemas/units.ts'

const holder = holderId(11)
const now = instant(Date.UTC(2026, 5, 15, 12))

const request: PastRequest = {
  requestId: 'req_1',
  instrumentId: instrumentId('text-prime'),
  keyId: 'api_key_1',
  tags: ['blue'],
  surface: 'chat',
  delivery: 'redirect',
  outcome: 'completed',
  reason: '',
  servedModel: 'gpt-oss-120b',
  requestedModel: 'Text-Prime',
  isEstimated: false,
  status: 'reconciled',
  costStatus: 'reconciled',
  inputTokens: tokens(20),
  outputTokens: tokens(10),
  totalTokens: 30,
  billed: tokens(30),
  cost: 20n * 100_000n + 10n * 100_001n,
  managedPrice: null,
  firstTokenMs: 100,
  durationMs: 600,
  startedAt: instant(now - 60_000),
  bookedAt: instant(now - 59_000)
}

const draws: RequestDraw[] = [
  { price: microdollars(100_000), tokens: tokens(20) }, { price: microdollars(100_001), tokens: tokens(10) }
]

type Known = {
  readonly requests?: readonly PastRequest[]
  readonly draws?: readonly RequestDraw[]
  readonly sums?: readonly RequestSums[]
}
type Asked = { readonly asked: (RequestQuery | SumsQuery)[] }

function historyOf ({ requests = [], draws = [], sums = [] }: Known): RequestHistory & Asked {
  const asked: (RequestQuery | SumsQuery)[] = []
  return {
    asked,
    requests: async query => {
      asked.push(query)
      return Promise.resolve(requests.slice(0, query.limit))
    },
    request: async (_holder, id) => Promise.resolve(requests.find(({ requestId }) => requestId === id) ?? null),
    draws: async () => Promise.resolve(draws),
    sums: async query => {
      asked.push(query)
      return Promise.resolve(query.groupBy === null ? sums.slice(0, 1) : sums)
    }
  }
}

const one = async (known: Known, view?: RequestView) =>
  await receiptOf(historyOf(known), { holder, requestId: 'req_1', view, now }) as Record<string, unknown>

/** Of the ledger. */
const view: RequestView = {
  holder,
  instrumentId: instrumentId('text-prime'),
  requestId: 'req_1',
  status: 'started',
  need: tokens(1),
  held: tokens(1),
  produced: tokens(0),
  isManaged: false,
  keyId: 'api_key_1',
  nonce: 'n',
  expiresAt: now,
  authorizedAt: instant(now - 5_000)
}

describe('a receipt', () => {
  const shown = {
    request_id: 'req_1',
    status: 'reconciled',
    requested_model: 'Text-Prime',
    serving_model: 'gpt-oss-120b',
    endpoint: '/v1/chat/completions',
    api_key_id: 'api_key_1',
    created_at: '2026-06-15T11:59:00.000Z',
    usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
    cost: {
      amount: '0.000003000010',
      currency: 'usd',
      status: 'reconciled',
      effective_price_per_token: '0.000000100000333333',
      metering_policy_version: '1',
      reconciled_at: '2026-06-15T11:59:01.000Z',
      breakdown: [
        { acquisition_price_per_token: '0.000000100000', tokens: 20, subtotal: '0.000002000000' },
        { acquisition_price_per_token: '0.000000100001', tokens: 10, subtotal: '0.000001000010' }
      ]
    },
    timing: { ttft_ms: 100, tokens_per_second: 20, duration_ms: 600 },
    instrument_id: 'text-prime',
    delivery: 'redirect',
    tags: ['blue'],
    is_estimated: false,
    reason: null
  }

  test('has every field of the contract, at the top and in the envelope', async () => {
    expect(await one({ requests: [request], draws })).toEqual({ ...shown, data: shown })
  })

  test('has no breakdown until all of its draws have arrived', async () => {
    const { cost } = await one({ requests: [request], draws: draws.slice(1) })
    expect(cost).not.toHaveProperty('breakdown')
    expect(cost).toHaveProperty('amount', '0.000003000010')
  })

  test('of a managed supplier has one line, at its price', async () => {
    const { cost } = await one({ requests: [{ ...request, managedPrice: microdollars(2_000_000), cost: 60_000_000n }] })
    expect(cost).toMatchObject({
      amount: '0.000060000000',
      breakdown: [{ acquisition_price_per_token: '0.000002000000', tokens: 30, subtotal: '0.000060000000' }]
    })
  })

  test('that is pending, or came to nothing, says no price', async () => {
    const cost = { amount: null, effective_price_per_token: null, metering_policy_version: null, reconciled_at: null }
    const open = { ...request, cost: 0n, billed: tokens(0), bookedAt: null }
    expect(await one({ requests: [{ ...open, status: 'pending', costStatus: 'pending' }] }))
      .toMatchObject({ status: 'pending', usage: { total_tokens: 30 }, cost: { ...cost, status: 'pending' } })
    expect(await one({ requests: [{ ...open, status: 'error', costStatus: 'cancelled' }] }))
      .toMatchObject({ status: 'error', cost: { ...cost, status: 'cancelled', breakdown: [] } })
  })

  test('of what an edge answered leaves out what nobody told', async () => {
    const edge = { ...request, surface: '', delivery: '', servedModel: '', keyId: '', firstTokenMs: null, durationMs: null }
    expect(await one({ requests: [edge], draws })).toMatchObject({
      endpoint: null,
      serving_model: null,
      api_key_id: null,
      delivery: null,
      timing: { ttft_ms: null, tokens_per_second: null, duration_ms: null }
    })
  })

  test('is pending while only the ledger knows of the request, and not found when nobody does', async () => {
    expect(await one({}, view)).toMatchObject({
      status: 'pending',
      api_key_id: 'api_key_1',
      created_at: '2026-06-15T11:59:55.000Z',
      usage: { total_tokens: null },
      cost: { status: 'pending' }
    })
    expect(await one({}, { ...view, status: 'captured' })).toMatchObject({ status: 'pending' })
    const parked = { ...view, status: 'parked', authorizedAt: instant(0) } as const
    expect(await one({}, parked)).toMatchObject({ status: 'pending', created_at: '2026-06-15T12:00:00.000Z' })
    await expect(one({})).rejects.toMatchObject({ status: 404, code: 'not_found' })
  })
})

test.each(['voided', 'lapsed', 'refused'] as const)('a receipt of what was %s is an error that costs nothing, as soon as the ledger says so', async status => {
  expect(await one({}, { ...view, status })).toMatchObject({
    status: 'error', usage: { total_tokens: 0 }, cost: { status: 'cancelled', amount: null, breakdown: [] }
  })
})

test('the price of a token is rounded half up in its eighteenth place', () => {
  expect(perToken(1n, 3)).toBe('0.000000000000333333')
  expect(perToken(2n, 3)).toBe('0.000000000000666667')
  expect(perToken(1n, 2_000_000)).toBe('0.000000000000000001')
  expect(perToken(5_000_000_000_000n, 1)).toBe('5.000000000000000000')
  expect(perToken(0n, 0)).toBeNull()
})

describe('the list', () => {
  const fault = async (query: string): Promise<Fault> => {
    const thrown: unknown = await receiptsOf(historyOf({}), { holder, query }).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(Fault)
    return thrown as Fault
  }

  test('is asked as the contract says', async () => {
    const history = historyOf({ requests: [request] })
    const query = 'from=2026-06-01&to=2026-06-15T00:00:00Z&status=pending&cost_status=unpriced&model=GPT-4o&api_key_id=k' +
      '&order_by=total_tokens&order_direction=asc&limit=7'
    const reply = await receiptsOf(history, { holder, query })
    expect(history.asked).toEqual([{
      holder,
      conditions: {
        from: Date.UTC(2026, 5, 1), to: Date.UTC(2026, 5, 15), status: 'pending', costStatus: 'unpriced', model: 'gpt-4o', keyId: 'k'
      },
      orderBy: 'totalTokens',
      order: 'asc',
      beyond: null,
      limit: 8
    }])
    expect(reply).toMatchObject({ data: [{ request_id: 'req_1' }], paging: { next_cursor: null, prev_cursor: null, has_more: false } })
    expect((reply as { data: { cost: object }[] }).data[0]!.cost).not.toHaveProperty('breakdown')
  })

  test('goes on where a page ended, newest first', async () => {
    const history = historyOf({ requests: [request, { ...request, requestId: 'req_2' }, { ...request, requestId: 'req_3' }] })
    const { data, paging } = await receiptsOf(history, { holder, query: 'limit=2' }) as
      { data: { request_id: string }[], paging: { next_cursor: string, has_more: boolean } }
    expect(data.map(each => each.request_id)).toEqual(['req_1', 'req_2'])
    expect(paging.has_more).toBe(true)
    await receiptsOf(history, { holder, query: `limit=2&next=${paging.next_cursor}` })
    expect(history.asked[1]).toMatchObject({ order: 'desc', orderBy: 'startedAt', beyond: { value: now - 60_000, requestId: 'req_2' } })
  })

  test('refuses what it can\'t be asked, each by its name, in the words of inference', async () => {
    const { status, fields } = await fault('limit=101&status=done&model=a&model=b&colour=red')
    expect(status).toBe(422)
    expect(Object.keys(fields!).sort()).toEqual(['colour', 'limit', 'model', 'status'])
    expect((await fault('next=abc')).fields).toHaveProperty('next')
  })
})

describe('the summary', () => {
  const sums: RequestSums = {
    bucket: 'text-prime',
    requests: 4,
    inputTokens: 100,
    outputTokens: 50,
    cost: 1_500_000n,
    reconciled: 2,
    pending: 1,
    unpriced: 1,
    cancelled: 0,
    unpricedTokens: 9
  }
  const of = async (query: string, known: Known = { sums: [sums, { ...sums, bucket: '', reconciled: 0 }] }) => {
    const history = historyOf(known)
    return { reply: await summaryOf(history, { holder, query, now }) as Record<string, unknown>, asked: history.asked }
  }

  test('is of thirty days and of everything, unless asked', async () => {
    const { reply, asked } = await of('')
    const totals = {
      request_count: 4,
      input_tokens: 100,
      output_tokens: 50,
      total_tokens: 150,
      cost: {
        reconciled_amount: '0.000001500000',
        currency: 'usd',
        reconciled_requests: 2,
        pending_requests: 1,
        unpriced_requests: 1,
        cancelled_requests: 0,
        unpriced_tokens: 9
      }
    }
    const shown = { totals, group_by: null, from: '2026-05-16T12:00:00.000Z', to: '2026-06-15T12:00:00.000Z' }
    expect(reply).toEqual({ ...shown, data: shown })
    expect(asked).toHaveLength(1)
  })

  test('has buckets when asked, and an unknown key is null', async () => {
    const { reply, asked } = await of('group_by=api_key&api_key_id=k&from=2026-06-10&to=2026-06-11')
    expect(reply).toMatchObject({ group_by: 'api_key', buckets: [{ key: 'text-prime' }, { key: null, cost: { reconciled_amount: null } }] })
    expect(asked[1]).toMatchObject({ groupBy: 'api_key', limit: 100, conditions: { keyId: 'k', from: Date.UTC(2026, 5, 10) } })
  })

  test('of nothing is zero', async () => {
    const { reply } = await of('', {})
    expect(reply['totals']).toMatchObject({ request_count: 0, cost: { reconciled_amount: null } })
  })

  test.each([
    ['group_by=hour', 'group_by'], ['from=2026-05-01&to=2026-06-02', 'from'], ['from=2026-06-02&to=2026-06-01', 'from'], ['status=x', 'status']
  ])('%s is refused', async (query, field) => {
    await expect(of(query)).rejects.toMatchObject({ status: 422, fields: { [field]: [expect.any(String)] } })
  })
})
