// What is answered about what requests took and cost.

import { z } from 'zod'
import { costStatus, requestGroup, requestStatus } from '../../../analytics/request-history.ts'

const text = z.string()
const tokens = z.int().min(0)
const instant = z.iso.datetime()
const dollars = text.regex(/^\d+\.\d{12}$/)
const perToken = text.regex(/^\d+\.\d{18}$/).meta({ description: 'Dollars a token, rounded half up.' })
const ms = z.int().min(0)

const receipt = {
  request_id: text,
  status: z.enum(requestStatus),
  requested_model: text.nullable(),
  serving_model: text.nullable(),
  endpoint: text.nullable(),
  api_key_id: text.nullable(),
  created_at: instant,
  usage: z.object({
    input_tokens: tokens.nullable(), output_tokens: tokens.nullable(), total_tokens: tokens.nullable()
  }),
  cost: z.object({
    amount: dollars.nullable(),
    currency: z.literal('usd'),
    status: z.enum(costStatus),
    effective_price_per_token: perToken.nullable(),
    metering_policy_version: text.nullable(),
    reconciled_at: instant.nullable(),
    breakdown: z.array(z.object({
      acquisition_price_per_token: dollars.nullable(), tokens, subtotal: dollars.nullable()
    })).optional().meta({ description: 'Of one receipt: the lots it drew on, in the order in which it did.' })
  }),
  timing: z.object({ ttft_ms: ms.nullable(), tokens_per_second: z.number().nullable(), duration_ms: ms.nullable() }),
  instrument_id: text,
  delivery: text.nullable(),
  tags: z.array(text),
  is_estimated: z.boolean(),
  reason: text.nullable()
}
const listed = z.object(receipt).meta({ id: 'UsageReceipt' })
const cursor = text.nullable()

export const receiptAnswered = z.object({ ...receipt, data: listed })
  .meta({ id: 'UsageReceiptReply', description: 'At its top, and again under data.' })

export const receiptsAnswered = z.object({
  data: z.array(listed),
  paging: z.object({ next_cursor: cursor, prev_cursor: cursor, has_more: z.boolean() })
}).meta({ id: 'UsageReceiptList' })

const sums = {
  request_count: tokens,
  input_tokens: tokens,
  output_tokens: tokens,
  total_tokens: tokens,
  cost: z.object({
    reconciled_amount: dollars.nullable(),
    currency: z.literal('usd'),
    reconciled_requests: tokens,
    pending_requests: tokens,
    unpriced_requests: tokens,
    cancelled_requests: tokens,
    unpriced_tokens: tokens
  })
}

const summary = {
  totals: z.object(sums),
  group_by: z.enum(requestGroup).nullable(),
  from: instant,
  to: instant,
  buckets: z.array(z.object({ key: text.nullable(), ...sums })).max(100).optional()
}

export const summaryAnswered = z.object({ ...summary, data: z.object(summary) })
  .meta({ id: 'UsageSummary', description: 'At its top, and again under data.' })
