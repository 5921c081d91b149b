// What a reply says of an account's limits, in the words that clients of other gateways read.

import type { AccountLimits, Usage } from './rates.ts'

export type RateHeaders = Readonly<Record<string, string>>

type Bound = { readonly max: number | null, readonly used: number }

const left = (max: number, used: number): string => String(Math.max(0, max - used))

/** As OpenAI writes it: from now on. */
function ofBound (name: 'requests' | 'tokens', { max, used }: Bound, { resetSeconds }: Usage): RateHeaders {
  if (max === null) return {}
  return {
    [`x-ratelimit-limit-${name}`]: String(max),
    [`x-ratelimit-remaining-${name}`]: left(max, used),
    [`x-ratelimit-reset-${name}`]: `${resetSeconds}s`
  }
}

/** As the Trading API writes it: of requests, and the reset as Unix seconds. */
function plain ({ max, used }: Bound, { resetSeconds }: Usage, nowSeconds: number): RateHeaders {
  if (max === null) return {}
  return {
    'x-ratelimit-limit': String(max),
    'x-ratelimit-remaining': left(max, used),
    'x-ratelimit-reset': String(nowSeconds + resetSeconds)
  }
}

/** Of what is not bounded nothing is said. `now`: milliseconds since the epoch. */
export function rateHeaders (limits: AccountLimits, usage: Usage, now: number): RateHeaders {
  const requests = { max: limits.requestsPerMinute, used: usage.requests }
  const tokens = { max: limits.tokensPerMinute, used: usage.tokens }
  return {
    ...plain(requests, usage, Math.ceil(now / 1000)),
    ...ofBound('requests', requests, usage),
    ...ofBound('tokens', tokens, usage)
  }
}
