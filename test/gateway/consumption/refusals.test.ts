// What the ledger's refusals are to a client: a status, a code, and whether to try again.

import { describe, expect, test } from 'vitest'
import { faultOfRefusal, type RefusalContext } from '../../../gateway/consumption/refusals.ts'
import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import { holderId, instant, instrumentId, tokens } from '../../../schemas/units.ts'

type Credit = ReturnType<RefusalContext['credit']['state']>
type About = { refusal?: string | null, status?: string, isEasy?: boolean, hasPurchase?: boolean, credit?: Credit }

function told ({ refusal = null, status = 'refused', isEasy = false, hasPurchase = false, credit = 'none' }: About): string[] {
  const state: AuthorizationState = {
    kind: 'authorization-state',
    holder: holderId(19),
    instrumentId: instrumentId('text-prime'),
    requestId: 'r',
    cause: 'authorize-usage',
    refusal: refusal as AuthorizationState['refusal'],
    status: status as AuthorizationState['status'],
    need: tokens(1),
    held: tokens(0),
    produced: tokens(0),
    isManaged: false,
    keyId: '',
    nonce: '',
    expiresAt: instant(0),
    at: instant(0)
  }
  const fault = faultOfRefusal(state, {
    requests: { hasPurchase: () => hasPurchase, isEasy: () => isEasy },
    credit: { state: () => credit, look: () => {} },
    secondsToMidnight: () => 3600
  })
  const { 'retry-after': after = '-', 'x-should-retry': should = '-' } = fault.headers as Record<string, string>
  return [String(fault.status), fault.code, after, should]
}

const table: readonly (readonly [string, About, readonly string[]])[] = [
  ['too few tokens', { refusal: 'insufficient_tokens' }, ['402', 'insufficient_credits', '-', 'false']],
  ['in Auto Mode', { refusal: 'insufficient_tokens', isEasy: true }, ['402', 'no_capacity', '-', 'false']],
  ['a purchase in vain', { refusal: 'purchase_failed', isEasy: true }, ['402', 'no_capacity', '-', 'false']],
  ['a purchase under way', { refusal: 'insufficient_tokens', isEasy: true, hasPurchase: true }, ['503', 'purchase_pending', '1', '-']],
  ['a reload under way', { refusal: 'insufficient_tokens', credit: 'pending' }, ['503', 'reload_pending', '1', '-']],
  ['a card that was declined', { refusal: 'insufficient_tokens', credit: 'declined' }, ['402', 'payment_declined', '-', 'false']],
  ['a card at its limit', { refusal: 'insufficient_tokens', credit: 'limit' }, ['402', 'insufficient_credits', '-', 'false']],
  ['many that wait', { refusal: 'too_many_parked' }, ['503', 'purchase_pending', '1', '-']],
  ['the free tier of a day', { refusal: 'free_tier_requests' }, ['429', 'free_tier', '3600', 'false']],
  ['the free tier at once', { refusal: 'free_tier_open' }, ['429', 'free_tier', '1', '-']],
  ['a budget', { refusal: 'budget_exhausted' }, ['402', 'budget_exhausted', '-', 'false']],
  ['a suspension', { refusal: 'account_suspended' }, ['403', 'account_suspended', '-', '-']],
  ['an account that nobody has funded', { refusal: 'unknown_holder' }, ['402', 'insufficient_credits', '-', 'false']],
  ['a name used for another request', { refusal: 'request_conflict' }, ['409', 'request_conflict', '-', 'false']],
  ['a start of somebody else\'s', { refusal: 'already_started', status: 'started' }, ['409', 'request_open', '-', 'true']],
  ['a request that has ended', { refusal: 'request_closed', status: 'captured' }, ['409', 'request_done', '-', 'false']],
  ['one that lapsed', { status: 'lapsed' }, ['503', 'unavailable', '1', '-']],
  ['one that came too late', { refusal: 'too_late' }, ['503', 'unavailable', '1', '-']]
]

describe('a client is told of', () => {
  test.each(table)('%s', (_name, about, expected) => {
    expect(told(about)).toEqual(expected)
  })

  test('nothing as final that is under way: 402 is never told beside a purchase or a reload', () => {
    for (const refusal of ['insufficient_tokens', 'purchase_failed']) {
      for (const isEasy of [true, false]) {
        expect(told({ refusal, isEasy, credit: 'pending' })[0]).toBe('503')
        expect(told({ refusal, isEasy, hasPurchase: true })[0]).toBe('503')
      }
    }
  })
})
