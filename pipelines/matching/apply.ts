// The one place that dispatches a command.

import type { OrderCommand } from '../../schemas/matching/records.ts'
import { amend, cancel } from './amend.ts'
import type { Matching, Position } from './matching.ts'
import { setParameters, setTradingStatus } from './parameters.ts'
import { place } from './place.ts'
import type { Tape } from './tape.ts'

export type Command = OrderCommand | { readonly kind: 'clock' }

/** The only writer of the state. What it says is on the tape afterwards, until the next command. */
export function apply (state: Matching, command: Command, position: Position, tape: Tape): void {
  state.advance(position)
  tape.begin(state)
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
}
