// What some requests took and cost, as an array: one of each kind that a receipt tells apart.

import type {
  PastRequest, RequestDraw, RequestHistory, RequestKey, RequestQuery, RequestSums
} from '../../analytics/request-history.ts'
import { instant, instrumentId, microdollars, tokens } from '../../schemas/units.ts'

const day = Date.UTC(2026, 0, 5)
const price = microdollars(100_000)

const request = (number: number, terms: Partial<PastRequest>): PastRequest => ({
  requestId: `req_past_${number}`,
  instrumentId: instrumentId('text-prime'),
  keyId: 'api_key_ben',
  tags: ['blue'],
  surface: 'chat',
  delivery: 'direct',
  outcome: 'completed',
  reason: '',
  servedModel: 'simulated',
  requestedModel: 'Text-Prime',
  isEstimated: false,
  status: 'reconciled',
  costStatus: 'reconciled',
  inputTokens: tokens(20),
  outputTokens: tokens(10),
  totalTokens: 30,
  billed: tokens(30),
  cost: 30n * BigInt(price),
  managedPrice: null,
  firstTokenMs: 100,
  durationMs: 600,
  startedAt: instant(day + number * 1000),
  bookedAt: instant(day + number * 1000 + 700),
  ...terms
})

const nothing: Partial<PastRequest> = {
  inputTokens: tokens(0),
  outputTokens: tokens(0),
  totalTokens: 0,
  billed: tokens(0),
  cost: 0n,
  bookedAt: null,
  firstTokenMs: null,
  durationMs: null
}

export const pastRequests: readonly PastRequest[] = [
  request(1, {}),
  request(2, { surface: 'messages', isEstimated: true, outcome: 'client_gone', reason: 'client_gone' }),
  request(3, { surface: 'responses', managedPrice: price, delivery: 'redirect' }),
  request(4, { ...nothing, status: 'pending', costStatus: 'pending', surface: '', outcome: '', servedModel: '' }),
  request(5, { ...nothing, status: 'error', costStatus: 'cancelled', outcome: 'failed', reason: 'upstream_failed' }),
  request(6, { costStatus: 'unpriced', billed: tokens(0), cost: 0n, bookedAt: null })
]

const drawn: readonly RequestDraw[] = [{ price, tokens: tokens(30) }]

const sums = (bucket: string): RequestSums => ({
  bucket,
  requests: 6,
  inputTokens: 80,
  outputTokens: 40,
  cost: 90n * BigInt(price),
  reconciled: 3,
  pending: 1,
  unpriced: 1,
  cancelled: 1,
  unpricedTokens: 30
})

function page ({ orderBy, order, beyond, limit }: RequestQuery): readonly PastRequest[] {
  const sign = order === 'asc' ? 1 : -1
  const keyOf = (past: PastRequest): RequestKey => ({ value: past[orderBy], requestId: past.requestId })
  const compare = (a: RequestKey, b: RequestKey): number =>
    sign * (a.value - b.value || (a.requestId < b.requestId ? -1 : a.requestId > b.requestId ? 1 : 0))
  return pastRequests.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
    .filter(past => beyond === null || compare(keyOf(past), beyond) > 0)
    .slice(0, limit)
}

export const requestHistory: RequestHistory = {
  requests: async query => Promise.resolve(page(query)),
  request: async (_holder, id) => Promise.resolve(pastRequests.find(({ requestId }) => requestId === id) ?? null),
  draws: async () => Promise.resolve(drawn),
  sums: async ({ groupBy }) => Promise.resolve(groupBy === 'day' ? ['2026-01-05', '2026-01-06'].map(sums) : [sums('')])
}
