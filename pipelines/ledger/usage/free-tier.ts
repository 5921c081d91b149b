// What an account may ask for that has paid nothing in yet.

import { holderField as field } from '../holders.ts'
import type { Ledger } from '../ledger.ts'
import { dayOf } from '../volumes.ts'

/** How often it has asked today. */
export const freeRequests = ({ holders, now }: Ledger, holder: number): number =>
  holders.of(holder, field.freeDay) === dayOf(now) ? holders.of(holder, field.freeRequests) : 0

export function verdictOfFreeTier (state: Ledger, holder: number): 'free_tier_open' | 'free_tier_requests' | null {
  const { holders, parameters: { freeOpenMax, freeRequestsPerDay } } = state
  if (holders.hasPaid(holder)) return null
  if (holders.of(holder, field.openRequests) >= freeOpenMax) return 'free_tier_open'
  return freeRequests(state, holder) >= freeRequestsPerDay ? 'free_tier_requests' : null
}

/** It holds, or waits. Who has paid is not counted. */
export function countFreeRequest (state: Ledger, holder: number): void {
  const { holders, now } = state
  if (holders.hasPaid(holder)) return
  holders.put(holder, field.freeRequests, freeRequests(state, holder) + 1)
  holders.put(holder, field.freeDay, dayOf(now))
}
