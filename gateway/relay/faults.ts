// Failures of upstreams, as clients are told them.

import { Fault, toFault } from '../surfaces/fault.ts'
import { saidPromptTooLong } from '../surfaces/prompt-length.ts'
import { UpstreamFailure } from './attempt.ts'

const soon = { 'retry-after': '1' }
const saidMax = 500

/** The request's own fault, as an upstream sees it. What an edge says of tickets and paths is the edge's. */
export const blamesRequest = (status: number): boolean => [400, 413, 415, 422].includes(status)

type Said = {
  readonly error?: { readonly message?: unknown } | string
  readonly message?: unknown
  readonly detail?: unknown
}

/** Of a body in any of the usual forms, its words. */
function wordsOf (said: string): string {
  try {
    const { error, message, detail } = JSON.parse(said) as Said
    const found = typeof error === 'object' ? error.message : error ?? message ?? detail
    return typeof found === 'string' ? found.slice(0, saidMax) : ''
  } catch {
    return ''
  }
}

/** How long it wants to be left alone; null: it did not say that it has too much to do. */
export function limitedFor ({ kind, status, retryAfterMs }: UpstreamFailure): number | null {
  return kind === 'status' && (status === 429 || (status === 503 && retryAfterMs !== null)) ? retryAfterMs ?? 1000 : null
}

export function faultOfFailure (thrown: unknown): Fault {
  if (!(thrown instanceof UpstreamFailure)) return toFault(thrown)
  const { kind, status, said } = thrown
  switch (kind) {
    case 'status': {
      if (blamesRequest(status)) {
        const words = wordsOf(said)
        return saidPromptTooLong(words, thrown) ??
          new Fault('rejected', `The model did not take this request: ${words || `status ${status}`}`, { cause: thrown })
      }
      if (status === 429) return new Fault('overloaded', 'The supplier has too much to do; nothing was billed. Try again.', { headers: soon, cause: thrown })
      return new Fault('upstream_failed', 'The supplier failed; nothing was billed. Try again.', { headers: soon, cause: thrown })
    }
    case 'headers_timeout': case 'idle': case 'total_timeout':
      return new Fault('upstream_timeout', 'The supplier did not answer in time; nothing was billed. Try again.', { headers: soon, cause: thrown })
    case 'truncated':
      return new Fault('upstream_truncated', 'The supplier broke off its answer; nothing was billed. Try again.', { headers: soon, cause: thrown })
    default:
      return new Fault('upstream_failed', 'The supplier failed; nothing was billed. Try again.', { headers: soon, cause: thrown })
  }
}
