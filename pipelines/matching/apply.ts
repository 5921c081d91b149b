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
  state.advance(position.at)
  tape.begin(command.kind === 'clock' ? null : command.instrumentId, state.now, state.parameters?.tickSize ?? 0)
  switch (command.kind) {
    case 'place-order': place(state, command, position, tape); break
    case 'cancel-order': cancel(state, command, position, tape); break
    case 'amend-order': amend(state, command, position, tape); break
    case 'set-parameters': setParameters(state, command, position, tape); break
    case 'set-trading-status': setTradingStatus(state, command, position, tape); break
    case 'clock': break
  }
}
