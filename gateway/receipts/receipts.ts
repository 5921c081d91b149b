// The three answers about what an account's requests took and cost. Who asks is known already.

import { z } from 'zod'
import {
  costStatus, requestGroup, requestStatus, type PastRequest, type RequestConditions, type RequestDraw,
  type RequestHistory
} from '../../analytics/request-history.ts'
import type { RequestView } from '../../pipelines/ledger/usage/views.ts'
import type { AuthorizationStatus } from '../../schemas/ledger/usage-records.ts'
import { instant, tokens, type HolderId, type Instant } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import { exact, readListing, type AskedList } from '../http/listing.ts'
import { readPlain } from '../http/route.ts'
import { Fault, invalid } from '../surfaces/fault.ts'
import { keyedListing, keyedPage, since, until } from '../trading/entry-pages.ts'
import { anInstant } from '../trading/parameters.ts'
import { receiptJson, summaryJson } from './receipt-rows.ts'

export type ReceiptsAsked = {
  readonly holder: HolderId
  /** As sent, without the question mark. */
  readonly query: string
}

const name = z.string().max(200, 'is too long')
const model = name.transform(sent => sent.toLowerCase())

const filterable = {
  from: since,
  to: until,
  status: { schema: z.enum(requestStatus, `is one of ${requestStatus.join(', ')}`), ops: exact },
  cost_status: { schema: z.enum(costStatus, `is one of ${costStatus.join(', ')}`), ops: exact },
  model: { schema: model, ops: exact },
  api_key_id: { schema: name, ops: exact }
}

type Cursor = readonly [value: number, requestId: string]
const cursor: z.ZodType<Cursor> = z.tuple([z.int(), z.string().max(200)])

/** How the list is asked. */
export const receiptListing = keyedListing(filterable, ['inserted_at', 'total_tokens'], cursor)

/** The lists of the trading API read a query; what they refuse is told in the words of this one. */
function read<Asked> (reading: () => Asked): Asked {
  try {
    return reading()
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.fields !== null) throw invalid(thrown.fields)
    throw thrown
  }
}

function conditionsOf ({ conditions }: AskedList<typeof filterable, Cursor>): RequestConditions {
  const asked = Object.fromEntries(conditions.map(({ field, value }) => [field, value])) as {
    readonly [Name in keyof typeof filterable]?: z.output<typeof filterable[Name]['schema']>
  }
  const { from, to, status, cost_status: costStatus, model, api_key_id: keyId } = asked
  return { from, to, status, costStatus, model, keyId }
}

/** A page of receipts. */
export async function receiptsOf (history: RequestHistory, { holder, query }: ReceiptsAsked): Promise<object> {
  const asked = read(() => readListing(receiptListing, query))
  const orderBy = asked.orderBy === 'total_tokens' ? 'totalTokens' : 'startedAt'
  const conditions = conditionsOf(asked)
  const { rows, paging } = await keyedPage(asked, {
    fetched: async ({ beyond, ...window }) => {
      const key = beyond === null ? null : { value: beyond[0], requestId: beyond[1] }
      return await history.requests({ holder, conditions, orderBy, ...window, beyond: key })
    },
    keyOf: (request): Cursor => [request[orderBy], request.requestId]
  })
  return { data: rows.map(row => receiptJson(row, null)), paging }
}

export type ReceiptAsked = {
  readonly holder: HolderId
  readonly requestId: string
  /** Of the ledger, where it knows the request: that is a second before the history does. */
  readonly view: RequestView | undefined
  readonly now: Instant
}

/** It came to nothing, and nothing is billed: what says how has not arrived yet. */
const cameToNothing: ReadonlySet<AuthorizationStatus> = new Set(['voided', 'lapsed', 'refused'])

/** Of a request that the history has not heard of yet. */
const underWay = (
  { requestId, instrumentId, keyId, status, authorizedAt }: RequestView, now: Instant
): PastRequest => ({
  requestId,
  instrumentId,
  keyId,
  tags: [],
  surface: '',
  delivery: '',
  outcome: '',
  reason: '',
  servedModel: '',
  requestedModel: instrumentId,
  isEstimated: false,
  ...cameToNothing.has(status)
    ? { status: 'error', costStatus: 'cancelled' }
    : { status: 'pending', costStatus: 'pending' },
  inputTokens: tokens(0),
  outputTokens: tokens(0),
  totalTokens: 0,
  billed: tokens(0),
  cost: 0n,
  managedPrice: null,
  firstTokenMs: null,
  durationMs: null,
  startedAt: authorizedAt === 0 ? now : authorizedAt,
  bookedAt: null
})

/** At the top, and again in the envelope of lists. */
const twice = (json: object): object => ({ ...json, data: json })

/** Null while not all of them have arrived: they are stored beside the receipt, not with it. */
async function drawsOf (
  history: RequestHistory, holder: HolderId, { requestId, billed, managedPrice }: PastRequest
): Promise<readonly RequestDraw[] | null> {
  if (billed === 0 || managedPrice !== null) return []
  const draws = await history.draws(holder, requestId)
  return draws.reduce((sum, { tokens }) => sum + tokens, 0) === billed ? draws : null
}

export async function receiptOf (
  history: RequestHistory, { holder, requestId, view, now }: ReceiptAsked
): Promise<object> {
  const request = await history.request(holder, requestId)
  if (request !== null) return twice(receiptJson(request, await drawsOf(history, holder, request)))
  if (view === undefined) throw new Fault('not_found', `You have made no request ${requestId}.`)
  return twice(receiptJson(underWay(view, now), []))
}

const dayMs = 24 * 60 * 60_000
const spanDays = 30
const spanDaysMax = 31
const bucketsMax = 100

/** How sums are asked. */
export const summaryAsked = {
  from: anInstant,
  to: anInstant,
  group_by: z.enum(requestGroup, `is one of ${requestGroup.join(', ')}`),
  api_key_id: name
}

export async function summaryOf (
  history: RequestHistory, { holder, query, now }: ReceiptsAsked & { readonly now: Instant }
): Promise<object> {
  const asked = read(() => readPlain(summaryAsked, query))
  const { to = now, group_by: groupBy = null, api_key_id: keyId } = asked
  const from = asked.from ?? instant(Math.max(0, to - spanDays * dayMs))
  if (from > to) throw invalid({ from: ['is after to'] })
  if (to - from > spanDaysMax * dayMs) throw invalid({ from: [`is more than ${spanDaysMax} days before to`] })
  const those = { holder, conditions: { from, to, keyId } }
  const [[totals], buckets] = await Promise.all([
    history.sums({ ...those, groupBy: null, limit: 1 }),
    groupBy === null ? [] : history.sums({ ...those, groupBy, limit: bucketsMax })
  ])
  return twice(summaryJson({ from, to, totals, groupBy, buckets }))
}
