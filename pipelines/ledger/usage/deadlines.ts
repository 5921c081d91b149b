// What time does to requests: a start without a byte is undone, an authorisation lapses, a wait is over.

import { bookDue } from '../lots/due.ts'
import type { Ledger, Say } from '../ledger.ts'
import { giveUp } from './ending.ts'
import { market, requestState } from './request-state.ts'
import { requestField as field, statusNumbers } from './requests.ts'
import { endWait } from './waiting.ts'

/** All whose time is up, in the order of their deadlines, then of arrival. */
export function fireDeadlines (state: Ledger, say: Say): void {
  const { requests, requestDeadlines, now } = state
  for (let slot = requestDeadlines.due(now); slot !== 0; slot = requestDeadlines.due(now)) {
    bookDue(state, requests.of(slot, field.position), say)
    const startBy = requests.of(slot, field.startBy)
    if (requests.isStatus(slot, 'parked')) endWait(state, slot, 'purchase_failed', say)
    else if (startBy !== 0 && startBy <= requests.of(slot, field.expiresAt)) unstart(state, slot, say)
    else lapse(state, slot, say)
  }
}

function unstart (state: Ledger, slot: number, say: Say): void {
  undoStart(state, slot)
  say(requestState(state, slot, { cause: market, refusal: null }))
}

/** Another may start. */
export function undoStart ({ requests, requestDeadlines }: Ledger, slot: number): void {
  requests.put(slot, field.status, statusNumbers.authorized)
  requests.put(slot, field.startBy, 0)
  requests.put(slot, field.supplier, 0)
  requests.nonces[slot] = ''
  requestDeadlines.set(slot)
}

/** All goes back. Who had started, and never said how it ended, was a supplier or the house. */
function lapse (state: Ledger, slot: number, say: Say): void {
  giveUp(state, slot, { status: 'lapsed', isRegranted: state.requests.isStatus(slot, 'started') }, say)
  say(requestState(state, slot, { cause: market, refusal: null }))
}
