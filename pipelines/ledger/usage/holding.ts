// A request holds tokens, or waits until there are some.

import type { Ledger } from '../ledger.ts'
import { holderField } from '../holders.ts'
import { positionField } from '../positions.ts'
import { holding, requestField as field, statusNumbers, waiting } from './requests.ts'

/** How long an authorisation lives unless it goes on. */
export const authorizedMs = 15 * 60 * 1000
/** How long a request waits for a purchase. */
export const parkedMs = 1000

/** Tokens of live lots that nobody holds. What is due must have been booked. */
export const available = ({ positions }: Ledger, position: number): number =>
  positions.of(position, positionField.live) - positions.of(position, positionField.liveHeld)

/** Holds what it needs, or what there is. It stands in no list. */
export function hold (state: Ledger, slot: number): void {
  const { requests, positions, instruments, requestDeadlines, now } = state
  const home = requests.of(slot, field.position)
  const { ageing } = instruments.at(positions.of(home, positionField.instrument))
  requests.put(slot, field.status, statusNumbers.authorized)
  requests.put(slot, field.authorizedAt, now)
  requests.put(slot, field.authorizedAge, ageing.ageAt(now))
  requests.put(slot, field.expiresAt, now + authorizedMs)
  requests.link(slot, holding)
  holdMore(state, slot, requests.of(slot, field.need))
  requestDeadlines.set(slot)
}

/** So many more, or as many as there are. */
export function holdMore (state: Ledger, slot: number, more: number): void {
  const { requests, positions } = state
  const home = requests.of(slot, field.position)
  const tokens = Math.min(available(state, home), more)
  requests.add(slot, field.live, tokens)
  positions.add(home, positionField.liveHeld, tokens)
}

export function park (state: Ledger, slot: number): void {
  const { requests, requestDeadlines, holders, now } = state
  requests.put(slot, field.status, statusNumbers.parked)
  requests.put(slot, field.expiresAt, now + parkedMs)
  requests.link(slot, waiting)
  holders.add(requests.of(slot, field.holder), holderField.parked, 1)
  requestDeadlines.set(slot)
}

/** It waits no longer. */
export function unpark ({ requests, holders }: Ledger, slot: number): void {
  requests.unlink(slot, waiting)
  holders.add(requests.of(slot, field.holder), holderField.parked, -1)
}
