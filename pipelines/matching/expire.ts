// Orders whose time is up leave before anything else happens at that instant, halted or not.

import { closeAlone } from './cancel.ts'
import type { Matching } from './matching.ts'
import { passed } from './outcomes.ts'
import type { Tape } from './tape.ts'

/** The earliest first; at one instant, in the order of their ids. */
export function expireDue (state: Matching, tape: Tape): void {
  const { expiries, now } = state
  for (let slot = expiries.head; slot !== 0 && expiries.first(slot) <= now; slot = expiries.head) {
    tape.step()
    closeAlone(state, slot, passed.expired, tape)
  }
}
