// `RatesPort`: what accounts and keys ask for, counted from what the ledger says of everybody's requests, and from what
// this gateway has asked for itself.

import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { AuthorizationState, UsageReceipt } from '../../schemas/ledger/usage-records.ts'
import type { Instant } from '../../schemas/units.ts'
import type { RatesPort } from '../consumption/ports.ts'
import { rateHeaders } from '../limits/rate-headers.ts'
import { accountLimits, Rates, type AccountLimits } from '../limits/rates.ts'

export type CountedRates = RatesPort & { hear (value: AuthorizationState | JournalEntry): void }

const over = new Set(['captured', 'voided', 'lapsed'])

function hearState (rates: Rates, { cause, refusal, status, holder, keyId, requestId, at }: AuthorizationState): void {
  // First who has ended: a repeat of it is told as it is, under the cause of what was repeated.
  if (over.has(status) || (cause === 'market' && refusal !== null)) rates.ended({ requestId, at })
  else if (cause === 'authorize-usage' && refusal === null) rates.authorized({ holder, keyId, requestId, at })
  else if (cause === 'authorize-usage') rates.dropped({ requestId, at })
}

function hearCapture (rates: Rates, { requestId, billed }: UsageReceipt, at: Instant): void {
  rates.captured({ requestId, tokens: billed, at })
}

export function countedRates (limits: AccountLimits = accountLimits): CountedRates {
  const rates = new Rates(limits)
  return {
    judge: ({ key, user: { userId: holder } }, requestId, now) => rates.judge({ holder, key, requestId, now }),
    call: ({ key, user: { userId: holder } }, now) => rates.call({ holder, key, now }),
    headers: ({ user }, now) => rateHeaders(limits, rates.usage(user.userId, now), now),
    begin ({ key: { keyId }, user: { userId: holder } }, requestId, at) {
      rates.asked({ holder, keyId, requestId, at })
    },
    hear (value) {
      if (value.kind === 'authorization-state') hearState(rates, value)
      else if (value.usage !== null) hearCapture(rates, value.usage, value.bookedAt)
    }
  }
}
