// Every way in which a request for inference can fail, and the status it fails with. Codes are API: never renamed.

export const faultStatus = {
  malformed: 400,
  rejected: 400,
  unauthorized: 401,
  trading_key: 401,
  ticket_invalid: 401,
  insufficient_credits: 402,
  no_capacity: 402,
  budget_exhausted: 402,
  payment_declined: 402,
  key_not_allowed: 403,
  address_not_allowed: 403,
  account_suspended: 403,
  not_found: 404,
  model_not_found: 404,
  response_not_found: 404,
  thread_not_found: 404,
  method_not_allowed: 405,
  ticket_expired: 408,
  body_timeout: 408,
  ticket_used: 409,
  request_open: 409,
  request_done: 409,
  request_conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  invalid: 422,
  context_length_exceeded: 422,
  rate_limited: 429,
  free_tier: 429,
  headers_too_large: 431,
  internal: 500,
  upstream_failed: 502,
  upstream_truncated: 502,
  purchase_pending: 503,
  reload_pending: 503,
  no_supplier: 503,
  overloaded: 503,
  unavailable: 503,
  draining: 503,
  upstream_timeout: 504
} as const
export type FaultCode = keyof typeof faultStatus

/** What is wrong with each field, under the name the client used for it, such as `messages.0.content`. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>

type Circumstances = {
  readonly fields?: FieldFaults
  /** The message for Anthropic's clients, where they look for words of that vendor's. */
  readonly anthropic?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** The only error whose words reach a client. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly fields: FieldFaults | null
  /** As Anthropic's clients are told it. */
  readonly anthropic: string
  /** Of the reply, such as Retry-After. */
  readonly headers: Readonly<Record<string, string>>

  constructor (code: FaultCode, message: string, { fields, anthropic, headers, cause }: Circumstances = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'Fault'
    this.code = code
    this.fields = fields ?? null
    this.anthropic = anthropic ?? message
    this.headers = headers ?? {}
  }

  get status (): number {
    return faultStatus[this.code]
  }
}

/** Parameters that cannot be used, by the names under which they were sent. */
export function invalid (fields: FieldFaults): Fault {
  const [first] = Object.entries(fields).map(([field, faults]) => `${field} ${faults.join(' and ')}`)
  return new Fault('invalid', first ?? 'The request is not valid.', { fields })
}

const canRetry = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'canRetry' in thrown && thrown.canRetry === true

/** What a client is told of anything thrown: adapters say by `canRetry` that it may go well another time. */
export function toFault (thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  if (canRetry(thrown)) {
    const headers = { 'retry-after': '5' }
    return new Fault('unavailable', 'A part of the market does not answer; nothing was billed. Try again.', { headers, cause: thrown })
  }
  return new Fault('internal', 'Something went wrong on our side; nothing was billed.', { cause: thrown })
}
