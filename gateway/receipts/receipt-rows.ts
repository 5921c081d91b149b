// Receipts and sums as the API shows them.

import type { PastRequest, RequestDraw, RequestGroup, RequestSums } from '../../analytics/request-history.ts'
import { microdollars, type Instant } from '../../schemas/units.ts'
import { exactDollars, isoTime } from '../trading/decimals.ts'

/** How tokens are measured and billed; changes with the rules. */
const policy = '1'
const currency = 'usd'

/** As the client called it, without prefixes. */
const endpoints: Readonly<Record<string, string>> = {
  chat: '/v1/chat/completions', messages: '/v1/messages', responses: '/v1/responses'
}

const known = (text: string): string | null => text === '' ? null : text

/** Dollars a token, with eighteen places, rounded half up. Null of no tokens. */
export function perToken (picodollars: bigint, tokens: number): string | null {
  if (tokens === 0) return null
  const count = BigInt(tokens)
  const atto = (2_000_000n * picodollars + count) / (2n * count)
  const digits = String(atto).padStart(19, '0')
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`
}

/** Tokens a second from the first on, with two places. */
function speed ({ outputTokens, firstTokenMs, durationMs }: PastRequest): number | null {
  if (firstTokenMs === null || durationMs === null || durationMs <= firstTokenMs) return null
  return Math.round(outputTokens * 100_000 / (durationMs - firstTokenMs)) / 100
}

const line = ({ price, tokens }: RequestDraw): object => ({
  acquisition_price_per_token: exactDollars(BigInt(price)),
  tokens,
  subtotal: exactDollars(BigInt(price) * BigInt(tokens))
})

function breakdown ({ managedPrice, billed }: PastRequest, draws: readonly RequestDraw[]): object[] {
  if (managedPrice === null) return draws.map(line)
  return billed === 0 ? [] : [line({ price: microdollars(managedPrice), tokens: billed })]
}

/** `draws`: of a single look-up; null: without a breakdown. */
export function receiptJson (request: PastRequest, draws: readonly RequestDraw[] | null): object {
  const { costStatus, cost, billed, bookedAt, inputTokens, outputTokens, totalTokens } = request
  const isReconciled = costStatus === 'reconciled'
  const isMeasured = costStatus !== 'pending' || totalTokens > 0
  return {
    request_id: request.requestId,
    status: request.status,
    requested_model: known(request.requestedModel),
    serving_model: known(request.servedModel),
    endpoint: endpoints[request.surface] ?? null,
    api_key_id: known(request.keyId),
    created_at: isoTime(request.startedAt),
    usage: {
      input_tokens: isMeasured ? inputTokens : null,
      output_tokens: isMeasured ? outputTokens : null,
      total_tokens: isMeasured ? totalTokens : null
    },
    cost: {
      amount: isReconciled ? exactDollars(cost) : null,
      currency,
      status: costStatus,
      effective_price_per_token: isReconciled ? perToken(cost, billed) : null,
      metering_policy_version: isReconciled ? policy : null,
      reconciled_at: bookedAt === null ? null : isoTime(bookedAt),
      ...(draws === null ? {} : { breakdown: isReconciled ? breakdown(request, draws) : [] })
    },
    timing: { ttft_ms: request.firstTokenMs, tokens_per_second: speed(request), duration_ms: request.durationMs },
    instrument_id: request.instrumentId,
    delivery: known(request.delivery),
    tags: request.tags,
    is_estimated: request.isEstimated,
    reason: known(request.reason)
  }
}

const nothing: RequestSums = {
  bucket: '', requests: 0, inputTokens: 0, outputTokens: 0, cost: 0n, reconciled: 0, pending: 0, unpriced: 0, cancelled: 0, unpricedTokens: 0
}

export const sumsJson = (sums: RequestSums = nothing): object => ({
  request_count: sums.requests,
  input_tokens: sums.inputTokens,
  output_tokens: sums.outputTokens,
  total_tokens: sums.inputTokens + sums.outputTokens,
  cost: {
    reconciled_amount: sums.reconciled === 0 ? null : exactDollars(sums.cost),
    currency,
    reconciled_requests: sums.reconciled,
    pending_requests: sums.pending,
    unpriced_requests: sums.unpriced,
    cancelled_requests: sums.cancelled,
    unpriced_tokens: sums.unpricedTokens
  }
})

export type Summary = {
  readonly from: Instant
  readonly to: Instant
  readonly totals: RequestSums | undefined
  /** Null: by nothing. */
  readonly groupBy: RequestGroup | null
  readonly buckets: readonly RequestSums[]
}

export const summaryJson = ({ from, to, totals, groupBy, buckets }: Summary): object => ({
  totals: sumsJson(totals),
  group_by: groupBy,
  from: isoTime(from),
  to: isoTime(to),
  ...(groupBy === null ? {} : { buckets: buckets.map(sums => ({ key: known(sums.bucket), ...sumsJson(sums) })) })
})
