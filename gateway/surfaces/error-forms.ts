// An error in the words of each vendor's clients, the market's own `errors.detail` beside it.

import type { Fault } from './fault.ts'
import type { JsonObject } from './surface.ts'

type Words = { readonly openAi: string, readonly anthropic: string }

const request: Words = { openAi: 'invalid_request_error', anthropic: 'invalid_request_error' }
const wordsByStatus: Readonly<Record<number, Words>> = {
  401: { openAi: 'authentication_error', anthropic: 'authentication_error' },
  402: { openAi: 'insufficient_quota', anthropic: 'billing_error' },
  403: { openAi: 'permission_error', anthropic: 'permission_error' },
  404: { openAi: 'not_found_error', anthropic: 'not_found_error' },
  408: { openAi: 'timeout_error', anthropic: 'timeout_error' },
  413: { openAi: 'invalid_request_error', anthropic: 'request_too_large' },
  429: { openAi: 'rate_limit_error', anthropic: 'rate_limit_error' },
  500: { openAi: 'server_error', anthropic: 'api_error' },
  502: { openAi: 'server_error', anthropic: 'api_error' },
  503: { openAi: 'server_error', anthropic: 'overloaded_error' },
  504: { openAi: 'server_error', anthropic: 'timeout_error' }
}

const wordsOf = (fault: Fault): Words => wordsByStatus[fault.status] ?? request

/** What this market says beside it: the faults of each field, or the code where no field is to blame. */
const errors = ({ code, fields }: Fault, message: string): JsonObject => ({ detail: fields ?? code, message })

/** As OpenAI's clients read it, on Chat Completions and on Responses. */
export function openAiForm (fault: Fault, requestId: string): JsonObject {
  const { code, message, fields } = fault
  const [param] = Object.keys(fields ?? {})
  return {
    error: { message, type: wordsOf(fault).openAi, code, param: param ?? null },
    errors: errors(fault, message),
    request_id: requestId
  }
}

/** By this its SDK knows to send the whole conversation again, which is what we need. */
const unknownThread: JsonObject = { details: { error_code: 'thread_not_found' } }

/** As Anthropic's clients read it. */
export function anthropicForm (fault: Fault, requestId: string): JsonObject {
  const { code, anthropic: message } = fault
  return {
    type: 'error',
    error: { type: wordsOf(fault).anthropic, message, code, ...(code === 'thread_not_found' ? unknownThread : {}) },
    errors: errors(fault, message),
    request_id: requestId
  }
}
