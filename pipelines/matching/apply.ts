// The one place that dispatches a command. A record is a row of steps: the orders whose time is up, those that a sweep
// takes, the stops that a pause kept waiting, the command, the stops that its trades reached. Each step says its fills,
// updates and delta.

import type { OrderCommand } from '../../schemas/matching/records.ts'
import { amend } from './amend.ts'
import { cancel } from './cancel.ts'
import { expireDue } from './expire.ts'
import type { Matching, Position } from './matching.ts'
import { setParameters, setTradingStatus } from './parameters.ts'
import { place } from './place.ts'
import { sweep } from './sweep.ts'
import type { Tape } from './tape.ts'
import { triggerReached } from './trigger.ts'

export type Command = OrderCommand | { readonly kind: 'clock' }

/** The only writer of the state. What it says is on the tape afterwards, until the next command. */
export function apply (state: Matching, command: Command, position: Position, tape: Tape): void {
  const hasTimePassed = state.advance(position)
  const stamp = command.kind === 'place-order' ? command.period : 0
  const isSweep = (hasTimePassed || stamp > state.period) && state.enterPeriod(stamp)
  tape.begin(state)
  if (hasTimePassed || isSweep) passTime(state, isSweep, tape)
  // Each kind is read where it is known: a command's fields then have one place in memory a kind.
  switch (command.kind) {
    case 'place-order':
      tape.about(command.instrumentId)
      place(state, command, position, tape)
      break
    case 'cancel-order':
      tape.about(command.instrumentId)
      cancel(state, command, position, tape)
      break
    case 'amend-order':
      tape.about(command.instrumentId)
      amend(state, command, position, tape)
      break
    case 'set-parameters':
      tape.about(command.instrumentId)
      setParameters(state, command, position, tape)
      break
    case 'set-trading-status':
      tape.about(command.instrumentId)
      setTradingStatus(state, command, position, tape)
      break
    case 'clock': break
  }
  if (state.stops.count !== 0) triggerReached(state, tape)
  if (state.isReferenceDue) sayReference(state, tape)
}

/** What changes by itself: orders expire, a sweep period may have begun, and a pause may be over. */
function passTime (state: Matching, isSweep: boolean, tape: Tape): void {
  if (state.expiries.count !== 0) expireDue(state, tape)
  if (isSweep) sweep(state, tape)
  if (state.stops.count !== 0) triggerReached(state, tape)
  tape.step()
}

/** To the ledger, once a minute, if it is not what was last said. */
function sayReference (state: Matching, tape: Tape): void {
  state.isReferenceDue = false
  if (state.parameters === null) return
  state.startMinute()
  const { reference } = state
  if (reference === state.referenceSaid) return
  state.referenceSaid = reference
  tape.reference(state.instrumentId!, reference)
}
