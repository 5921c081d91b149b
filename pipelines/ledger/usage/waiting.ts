// A request has waited long enough: served, or refused.

import type { UsageRefusal } from '../../../schemas/ledger/refusals.ts'
import type { Ledger, Say } from '../ledger.ts'
import { isWithinBudget, leftOf } from './budgets.ts'
import { end } from './ending.ts'
import { available, hold, unpark } from './holding.ts'
import { canPay } from './managed.ts'
import { market, requestState } from './request-state.ts'
import { requestField as field } from './requests.ts'

/** As if it came now and waited for nothing: of lots, by cash, or not at all, for the reason that it waited in vain. */
export function endWait (state: Ledger, slot: number, refusal: UsageRefusal, say: Say): void {
  const { requests, holders } = state
  const holder = requests.of(slot, field.holder)
  if (!isWithinBudget(state, slot)) refuse(state, slot, 'budget_exhausted', say)
  else if (holders.isSuspended(holder)) refuse(state, slot, refusal, say)
  else if (hasEnough(state, slot)) serve(state, slot, { isManaged: false }, say)
  else if (canPay(state, holder, wanted(state, slot))) serve(state, slot, { isManaged: true }, say)
  else refuse(state, slot, refusal, say)
}

/** All that it waits for, or what its key's budget leaves of that. */
export function hasAll (state: Ledger, slot: number): boolean {
  const { requests } = state
  const wanted = Math.min(requests.of(slot, field.need), leftOf(state, requests.of(slot, field.key)))
  return available(state, requests.of(slot, field.position)) >= wanted
}

export const hasEnough = (state: Ledger, slot: number): boolean =>
  available(state, state.requests.of(slot, field.position)) >= state.requests.of(slot, field.min)

const wanted = ({ requests }: Ledger, slot: number): { price: number, tokens: number } =>
  ({ price: requests.of(slot, field.managedPrice), tokens: requests.of(slot, field.min) })

/** It has what it waited for. */
export function serve (state: Ledger, slot: number, by: { isManaged: boolean }, say: Say): void {
  unpark(state, slot)
  hold(state, slot, by)
  say(requestState(state, slot, { cause: market, refusal: null }))
}

export function refuse (state: Ledger, slot: number, refusal: UsageRefusal, say: Say): void {
  end(state, slot, 'refused')
  say(requestState(state, slot, { cause: market, refusal }))
}
