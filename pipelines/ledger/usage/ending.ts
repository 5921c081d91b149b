// A request ends, and how long it is remembered.

import type { AuthorizationStatus } from '../../../schemas/ledger/usage-records.ts'
import { holderField } from '../holders.ts'
import { Spending } from '../lots/spending.ts'
import type { Ledger, Say } from '../ledger.ts'
import { releaseBudget } from './budgets.ts'
import { unpark } from './holding.ts'
import { giveBackCash } from './managed.ts'
import { holding, requestField as field, statusNumbers } from './requests.ts'

export const rememberedMs = 2 * 60 * 1000

/** How it ends, and whether what has expired of what it held is given anew. */
export type End = { readonly status: AuthorizationStatus, readonly isRegranted: boolean }

/** Ends it, and gives back all that it holds: tokens of lots, or cash. */
export function giveUp (state: Ledger, slot: number, { status, isRegranted }: End, say: Say): void {
  const { requests } = state
  const spending = new Spending(state, requests.of(slot, field.position))
  releaseBudget(state, slot, 0)
  giveBackCash(state, slot)
  spending.giveBack(slot, { isRegranted })
  end(state, slot, status)
  spending.say(requests.ids[slot]!, say)
}

/** Takes it out of where it stands. What it held is for the caller to give back first. */
export function end (state: Ledger, slot: number, status: AuthorizationStatus): void {
  const { requests, requestDeadlines, holders, now } = state
  if (requests.isStatus(slot, 'parked')) unpark(state, slot)
  else requests.unlink(slot, holding)
  holders.add(requests.of(slot, field.holder), holderField.openRequests, -1)
  requestDeadlines.end(slot)
  requests.put(slot, field.status, statusNumbers[status])
  requests.put(slot, field.startBy, 0)
  requests.nonces[slot] = ''
  requests.put(slot, field.forgetAt, now + rememberedMs)
  requests.queue(slot)
}

/** Forgets whose time is over. */
export function forgetRequests ({ requests, now }: Ledger): void {
  while (requests.ended.first !== 0 && requests.of(requests.ended.first, field.forgetAt) <= now) requests.forget()
}
