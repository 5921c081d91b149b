// What can go wrong between us and ClickHouse, and whether waiting helps.
//
// Weather is retried: the server is away, busy, full or read-only, and will take the same block later. What would fail
// again the same way (a table that is not there, a column of another type) is not: waiting would only hide it.

import { ClickHouseError } from '@clickhouse/client'

/** Server errors that pass by themselves, or when an operator has made room. Anything else of the server is final. */
export const passing = [
  'TIMEOUT_EXCEEDED', 'SOCKET_TIMEOUT', 'NETWORK_ERROR', 'ALL_CONNECTION_TRIES_FAILED', 'TOO_MANY_SIMULTANEOUS_QUERIES',
  'TOO_MANY_PARTS', 'TOO_SLOW', 'MEMORY_LIMIT_EXCEEDED', 'CANNOT_ALLOCATE_MEMORY', 'CANNOT_SCHEDULE_TASK',
  'NOT_ENOUGH_SPACE', 'CANNOT_WRITE_TO_FILE', 'CANNOT_WRITE_TO_FILE_DESCRIPTOR', 'CANNOT_FSYNC', 'TABLE_IS_READ_ONLY', 'READONLY',
  'ABORTED', 'QUERY_WAS_CANCELLED', 'SERVER_OVERLOADED', 'USER_SESSION_LIMIT_EXCEEDED', 'QUOTA_EXCEEDED',
  'KEEPER_EXCEPTION', 'UNKNOWN_STATUS_OF_INSERT', 'TOO_FEW_LIVE_REPLICAS', 'DEADLOCK_AVOIDED', 'ASYNC_LOAD_WAIT_FAILED'
] as const

/** A full disk has many names, by where it was met; the text of the system is in all of them. */
const fullDisk = /No space left on device/i

/** System calls of this side that fail while the server is away, starting or stopping. */
const away = [
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH',
  'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'
]

/** Messages of the client's own errors, which carry no code. */
const awayMessage = /^(Timeout error|socket hang up|The request was aborted|aborted)/i

export class ClickHouseFailure extends Error {
  /** ClickHouse's name for it, such as `TOO_MANY_PARTS`, or the system call's. API: shown in metrics. */
  readonly code: string
  readonly canRetry: boolean

  constructor (doing: string, code: string, { canRetry, cause }: { canRetry: boolean, cause: unknown }) {
    super(`ClickHouse, ${doing}: ${code}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'ClickHouseFailure'
    this.code = code
    this.canRetry = canRetry
  }
}

/** Names what an exception of the client was. Never throws, whatever it is given. */
export function failure (doing: string, cause: unknown): ClickHouseFailure {
  if (cause instanceof ClickHouseFailure) return cause
  if (cause instanceof ClickHouseError) {
    const code = cause.type ?? `code_${cause.code}`
    const passes = (passing as readonly string[]).includes(code) || fullDisk.test(cause.message)
    return new ClickHouseFailure(doing, code, { canRetry: passes, cause })
  }
  const code = codeOf(cause)
  const isAway = away.includes(code) || (cause instanceof Error && awayMessage.test(cause.message))
  return new ClickHouseFailure(doing, code, { canRetry: isAway, cause })
}

export const canRetry = (error: unknown): boolean => error instanceof ClickHouseFailure && error.canRetry

/** A refused connection to a name with several addresses is an AggregateError, with the code on its parts only. */
function codeOf (cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return 'unknown'
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0])
  if (cause instanceof Error && cause.cause !== undefined) return codeOf(cause.cause)
  return cause instanceof Error && awayMessage.test(cause.message) ? 'connection_lost' : 'unknown'
}
