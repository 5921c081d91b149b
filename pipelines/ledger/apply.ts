// The one place that dispatches a command.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { fireDeadMen, setAccountMode, setDeadMan, setHolder } from './accounts.ts'
import { amend } from './amend.ts'
import { cancel, cancelAll } from './cancel.ts'
import { forgetClosed } from './closing.ts'
import { expireLot, setClock, sweepPosition } from './lots/booking.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { moveMoney, receiveFunds, returnFunds } from './money.ts'
import { closePeriod, listInstrument, setLedgerParameters, setReference } from './operators.ts'
import { takeOutcome } from './outcome.ts'
import { submit } from './submit.ts'
import { moveSupply } from './supply.ts'
import { authorize } from './usage/authorize.ts'
import { capture } from './usage/capture.ts'
import { fireDeadlines } from './usage/deadlines.ts'
import { forgetRequests } from './usage/ending.ts'
import { run } from './usage/running.ts'
import { voidUsage } from './usage/void.ts'

export type Command = LedgerCommand | { readonly kind: 'clock' }

/** The only writer of the state. Time first: what it brings comes before the command of that instant. */
export function apply (state: Ledger, command: Command, position: Position, say: Say): void {
  state.now = position.at
  state.periods.advance(position.at)
  fireDeadMen(state, say)
  if (state.requestDeadlines.count !== 0) fireDeadlines(state, say)
  switch (command.kind) {
    case 'submit-order': submit(state, command, position, say); break
    case 'order-outcome': takeOutcome(state, command, position, say); break
    case 'submit-cancel': cancel(state, command, position, say); break
    case 'submit-amend': amend(state, command, position, say); break
    case 'cancel-all': cancelAll(state, command, position, say); break
    case 'set-dead-man': setDeadMan(state, command, position, say); break
    case 'set-holder': setHolder(state, command, position, say); break
    case 'set-account-mode': setAccountMode(state, command, position, say); break
    case 'deposit':
    case 'withdraw':
    case 'transfer-funds':
    case 'finalize-proceeds': moveMoney(state, command, position, say); break
    case 'receive-funds': receiveFunds(state, command, say); break
    case 'return-funds': returnFunds(state, command, say); break
    case 'issue-supply':
    case 'transfer-issued':
    case 'transfer-to-consumption': moveSupply(state, command, position, say); break
    case 'list-instrument': listInstrument(state, command, position, say); break
    case 'set-ledger-parameters': setLedgerParameters(state, command, position, say); break
    case 'reference-price': setReference(state, command); break
    case 'period-closed': closePeriod(state, command); break
    case 'authorize-usage': authorize(state, command, position, say); break
    case 'start-usage':
    case 'unstart-usage':
    case 'extend-usage': run(state, command, position, say); break
    case 'capture-usage': capture(state, command, say); break
    case 'void-usage': voidUsage(state, command, position, say); break
    case 'expire-lot': expireLot(state, command, position, say); break
    case 'sweep-position': sweepPosition(state, command, position, say); break
    case 'stop-clock':
    case 'start-clock': setClock(state, command, position, say); break
    case 'clock':
      forgetClosed(state)
      forgetRequests(state)
      break
  }
}
