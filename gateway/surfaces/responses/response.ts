// The response object: what it repeats of the request, and what came of it.

import type { Fault, FaultCode } from '../fault.ts'
import { isObject } from '../chunk.ts'
import type { Reply } from '../reply.ts'
import type { End, Inference, JsonObject, Kept, Served, Usage } from '../surface.ts'

export const responseId = (requestId: string): string => `resp_${requestId}`

/** The response that an item is of, by the item's id. Null: not one of ours. */
export function responseOfItem (itemId: string): string | null {
  const [, requestId] = /^(?:msg|rs|fc|ctc)_(.+)_\d+$/.exec(itemId) ?? []
  return requestId === undefined ? null : responseId(requestId)
}

export const usageJson = ({ input, cached, output, reasoning }: Usage): JsonObject => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output
})

type Outcome = {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly output: readonly JsonObject[]
  readonly usage: Usage | null
  readonly model: string
  readonly error?: JsonObject
  /** Why it is incomplete. */
  readonly reason?: string
}

export function responseJson (inference: Inference, served: Served, outcome: Outcome): JsonObject {
  const { status, output, usage, model, error, reason } = outcome
  return {
    id: responseId(served.requestId),
    object: 'response',
    created_at: served.created,
    status,
    background: false,
    error: error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    model: model === '' ? inference.model : model,
    output,
    usage: usage === null ? null : usageJson(usage),
    ...isObject(inference.echo['response']) ? inference.echo['response'] : {}
  }
}

/** Why an answer is not whole. Null: it is. */
export function cutReason (reply: Reply, { isCut }: End): string | null {
  if (isCut || reply.finish === 'length') return 'max_output_tokens'
  return reply.finish === 'content_filter' ? 'content_filter' : null
}

/** Codes that Codex and the SDKs act upon; to them any other is a server's failure. */
const errorCodes: Partial<Record<FaultCode, string>> = {
  context_length_exceeded: 'context_length_exceeded',
  insufficient_credits: 'insufficient_quota',
  no_capacity: 'insufficient_quota',
  budget_exhausted: 'insufficient_quota',
  payment_declined: 'insufficient_quota',
  rate_limited: 'rate_limit_exceeded',
  free_tier: 'rate_limit_exceeded',
  overloaded: 'server_is_overloaded',
  invalid: 'invalid_prompt'
}

export const errorJson = ({ code, message }: Fault): JsonObject => ({ code: errorCodes[code] ?? 'server_error', message })

/** What the next response needs to go on from this one. */
export function kept ({ chat, echo }: Inference, response: JsonObject): Kept {
  const items = Array.isArray(echo['items']) ? echo['items'] as readonly JsonObject[] : []
  return { messages: chat.messages.slice(Number(echo['instructed'] ?? 0)), response, items }
}
