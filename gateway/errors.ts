// Every way a request can fail, and the status it fails with. Codes are API: never renamed.

export const statusOf = {
  malformed: 400,
  not_found: 404,
  instrument_not_found: 404,
  market_not_found: 404,
  method_not_allowed: 405,
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503
} as const
export type ErrorCode = keyof typeof statusOf

/** What is wrong with each field, under the name the client used for it. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>

type Circumstances = {
  readonly fields?: FieldFaults
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** The only error whose words reach a client. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly fields: FieldFaults | null
  readonly headers: Readonly<Record<string, string>>

  constructor (code: ErrorCode, message: string, { fields, headers, cause }: Circumstances = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'ApiError'
    this.code = code
    this.fields = fields ?? null
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
export function errorBody ({ code, message, fields }: ApiError): object {
  return { errors: { detail: fields ?? code, message }, error: { code, message, details: fields ?? {} } }
}
