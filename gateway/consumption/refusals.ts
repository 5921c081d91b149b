// The ledger's refusals as clients are told them. 402 only where nothing that is under way can mend it.

import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import { Fault } from '../surfaces/fault.ts'
import type { CreditPort, RequestsPort } from './ports.ts'

const final = { 'x-should-retry': 'false' }
const soon = { 'retry-after': '1' }

export type RefusalContext = {
  readonly requests: Pick<RequestsPort, 'hasPurchase' | 'isEasy'>
  readonly credit: CreditPort
  /** Of the next UTC day: when the free tier begins anew. */
  readonly secondsToMidnight: () => number
}

function outOfTokens ({ holder, instrumentId }: AuthorizationState, { requests, credit }: RefusalContext): Fault {
  credit.look(holder)
  const reload = credit.state(holder)
  if (reload === 'pending') {
    return new Fault('reload_pending', 'Your credits are being reloaded; try again in a second.', { headers: soon })
  }
  if (requests.hasPurchase(holder, instrumentId)) {
    return new Fault('purchase_pending', `More of ${instrumentId} is being bought; try again in a second.`, { headers: soon })
  }
  if (reload === 'declined') {
    return new Fault('payment_declined', 'Your card was declined. Renew it in your settings.', { headers: final })
  }
  if (requests.isEasy(holder)) {
    return new Fault('no_capacity', `No ${instrumentId} could be bought with the credits you have, at a price within your limits.`, { headers: final })
  }
  return new Fault('insufficient_credits', `You have too few tokens of ${instrumentId} for this request. Buy units of it, or ask for less output.`, { headers: final })
}

export function faultOfRefusal (state: AuthorizationState, context: RefusalContext): Fault {
  switch (state.refusal) {
    case 'insufficient_tokens': case 'purchase_failed': return outOfTokens(state, context)
    case 'too_many_parked': return new Fault('purchase_pending', 'Many of your requests wait for a purchase already.', { headers: soon })
    case 'free_tier_requests': {
      const headers = { 'retry-after': String(context.secondsToMidnight()), ...final }
      return new Fault('free_tier', 'An account without a deposit has 100 requests a day (UTC). Deposit credits to go on.', { headers })
    }
    case 'free_tier_open':
      return new Fault('free_tier', 'An account without a deposit has three requests at once.', { headers: soon })
    case 'budget_exhausted':
      return new Fault('budget_exhausted', 'The budget of this key is spent.', { headers: final })
    case 'account_suspended': return new Fault('account_suspended', 'This account is suspended.')
    case 'unknown_holder': case 'unknown_instrument':
      return new Fault('insufficient_credits', 'This account has no credits yet. Deposit credits to begin.', { headers: final })
    case 'request_conflict':
      return new Fault('request_conflict', 'This Idempotency-Key was used for another request.', { headers: final })
    case 'already_started':
      return new Fault('request_open', 'This request is being answered already.', { headers: { 'x-should-retry': 'true' } })
    case 'request_closed':
      return new Fault('request_done', 'This request was answered already.', { headers: final })
    default:
      return state.status === 'lapsed' || state.status === 'voided'
        ? new Fault('unavailable', 'The request was given up; nothing was billed. Try again.', { headers: soon })
        : new Fault('unavailable', 'The market could not take this request; nothing was billed. Try again.', { headers: soon })
  }
}
