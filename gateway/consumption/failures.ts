// What a failure of an upstream means for the rest of its request, and for routing.

import type { FailureKind, UpstreamFailure } from '../relay/attempt.ts'
import { blamesRequest, limitedFor } from '../relay/faults.ts'
import type { Failure, Result } from '../routing/routing.ts'

/** Another supplier may do better. */
export function isOthersToo ({ kind, status }: UpstreamFailure): boolean {
  if (kind === 'aborted') return false
  return kind !== 'status' || !blamesRequest(status)
}

function kindOf (kind: Exclude<FailureKind, 'status'>): Failure {
  switch (kind) {
    case 'connect': case 'refused_address': return 'connect'
    case 'headers_timeout': case 'idle': case 'total_timeout': return 'timeout'
    case 'malformed': case 'reported': return 'malformed'
    case 'reset': case 'truncated': case 'aborted': return 'cut'
  }
}

/** As routing counts it. What blames the request says that the endpoint answers. */
export function resultOf (failure: UpstreamFailure): Result {
  const { kind, status, retryAfterMs } = failure
  if (kind !== 'status') return { kind: 'failed', failure: kindOf(kind) }
  if (limitedFor(failure) !== null) return { kind: 'limited', retryAfterMs }
  return blamesRequest(status) ? { kind: 'aborted', firstTokenMs: null, tokens: null } : { kind: 'failed', failure: 'status' }
}
