// Every way a request can fail, and the status it fails with. Codes are API: never renamed.

export const statusOf = {
  malformed: 400,
  INSUFFICIENT_BALANCE: 400,
  unauthorized: 401,
  invalid_signature: 401,
  expired_timestamp: 401,
  insufficient_role: 403,
  unknown_holder: 403,
  account_suspended: 403,
  auto_mode_trading_restricted: 403,
  mode_managed_setting: 403,
  not_an_issuer: 403,
  other_owner: 403,
  not_found: 404,
  instrument_not_found: 404,
  market_not_found: 404,
  order_not_found: 404,
  method_not_allowed: 405,
  client_order_id_conflict: 409,
  reference_conflict: 409,
  duplicate_order: 409,
  key_shown: 409,
  order_already_cancelled: 409,
  order_already_filled: 409,
  order_closed: 409,
  amend_pending: 409,
  halted: 409,
  paused: 409,
  not_halted: 409,
  period_closed: 409,
  order_changed: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  unknown_instrument: 422,
  unsupported: 422,
  invalid_quantity: 422,
  invalid_price: 422,
  off_tick: 422,
  price_band: 422,
  post_only_would_cross: 422,
  invalid_stop_price: 422,
  invalid_expiry: 422,
  invalid_notional: 422,
  invalid_amount: 422,
  reduce_only_buy: 422,
  notional_too_large: 422,
  too_many_open_orders: 422,
  too_many_keys: 422,
  transfer_one_way: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  not_accepted: 503,
  outcome_unknown: 504
} as const
export type ErrorCode = keyof typeof statusOf

/** What is wrong with each field, under the name the client used for it. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>

type Circumstances = {
  readonly fields?: FieldFaults
  /** What else a client may want to know, beside the faults in `error.details`. */
  readonly details?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** The only error whose words reach a client. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly fields: FieldFaults | null
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor (code: ErrorCode, message: string, { fields, details, headers, cause }: Circumstances = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'ApiError'
    this.code = code
    this.fields = fields ?? null
    this.details = details ?? {}
    this.headers = headers ?? {}
  }

  get status (): number {
    return statusOf[this.code]
  }
}

/** A parameter that cannot be used, by the name under which it was sent. */
export function invalid (faults: FieldFaults): ApiError {
  const [first] = Object.entries(faults).map(([field, messages]) => `${field} ${messages.join(' and ')}`)
  return new ApiError('invalid', first ?? 'The request is not valid.', { fields: faults })
}

const canRetry = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'canRetry' in thrown && thrown.canRetry === true

/** What a client is told of anything thrown: adapters say by `canRetry` that it may go well another time. */
export function toApiError (thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (canRetry(thrown)) {
    const headers = { 'retry-after': '5' }
    return new ApiError('unavailable', 'A part of the market does not answer; try again.', { headers, cause: thrown })
  }
  return new ApiError('internal', 'Something went wrong on our side.', { cause: thrown })
}

/** Two dialects in one body: `errors` is the documented one, `error` is what one published client reads. */
export function errorBody ({ code, message, fields, details }: ApiError): object {
  return { errors: { detail: fields ?? code, message }, error: { code, message, details: { ...fields, ...details } } }
}
