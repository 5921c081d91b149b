// A request ends, and how long it is remembered.

import type { AuthorizationStatus } from '../../../schemas/ledger/usage-records.ts'
import type { Ledger } from '../ledger.ts'
import { unpark } from './holding.ts'
import { holding, requestField as field, statusNumbers } from './requests.ts'

export const rememberedMs = 2 * 60 * 1000

/** Takes it out of where it stands. What it held is for the caller to give back first. */
export function end (state: Ledger, slot: number, status: AuthorizationStatus): void {
  const { requests, requestDeadlines, now } = state
  if (requests.isStatus(slot, 'parked')) unpark(state, slot)
  else requests.unlink(slot, holding)
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
