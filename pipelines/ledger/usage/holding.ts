// A request holds tokens, or cash for a managed supplier's; or waits until there are some.

import type { Ledger } from '../ledger.ts'
import { holderField } from '../holders.ts'
import { positionField } from '../positions.ts'
import { holdOfBudget, leftOf } from './budgets.ts'
import { holdCash } from './managed.ts'
import { holding, requestField as field, statusNumbers, waiting } from './requests.ts'

/** How long an authorisation lives unless it goes on. */
export const authorizedMs = 15 * 60 * 1000
/** How long a request waits for a purchase. */
export const parkedMs = 1000

/** Tokens of live lots that nobody holds. What is due must have been booked. */
export const available = ({ positions }: Ledger, position: number): number =>
  positions.of(position, positionField.live) - positions.of(position, positionField.liveHeld)

/** Holds what it needs, or what there is, of lots or by cash. It stands in no list. */
export function hold (state: Ledger, slot: number, { isManaged }: { isManaged: boolean }): void {
  const { requests, positions, instruments, requestDeadlines, now } = state
  const home = requests.of(slot, field.position)
  const { ageing } = instruments.at(positions.of(home, positionField.instrument))
  requests.put(slot, field.status, statusNumbers.authorized)
  requests.put(slot, field.isManaged, isManaged ? 1 : 0)
  requests.put(slot, field.authorizedAt, now)
  requests.put(slot, field.authorizedAge, ageing.ageAt(now))
  requests.put(slot, field.expiresAt, now + authorizedMs)
  requests.link(slot, holding)
  holdMore(state, slot, requests.of(slot, field.need))
  requestDeadlines.set(slot)
}

/** So many more, or as many as there are and its key's budget leaves. Returns how many of these there weren't. */
export function holdMore (state: Ledger, slot: number, more: number): number {
  const { requests } = state
  const wanted = Math.min(more, Math.max(0, leftOf(state, requests.of(slot, field.key))))
  const tokens = requests.isManaged(slot) ? holdCash(state, slot, wanted) : holdLots(state, slot, wanted)
  holdOfBudget(state, slot, tokens)
  return wanted - tokens
}

function holdLots (state: Ledger, slot: number, more: number): number {
  const { requests, positions } = state
  const home = requests.of(slot, field.position)
  const tokens = Math.min(available(state, home), more)
  requests.add(slot, field.live, tokens)
  positions.add(home, positionField.liveHeld, tokens)
  return tokens
}

export function park (state: Ledger, slot: number): void {
  const { requests, positions, requestDeadlines, holders, now } = state
  requests.put(slot, field.status, statusNumbers.parked)
  requests.put(slot, field.expiresAt, now + parkedMs)
  requests.put(slot, field.purchases, positions.of(requests.of(slot, field.position), positionField.purchases))
  requests.link(slot, waiting)
  holders.add(requests.of(slot, field.holder), holderField.parked, 1)
  requestDeadlines.set(slot)
}

/** It waits no longer. */
export function unpark ({ requests, holders }: Ledger, slot: number): void {
  requests.unlink(slot, waiting)
  holders.add(requests.of(slot, field.holder), holderField.parked, -1)
}
