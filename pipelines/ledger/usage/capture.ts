// A request ends with what it took: that is billed, up to what it held.

import type { CaptureUsage } from '../../../schemas/ledger/usage-commands.ts'
import type { Instant, Microdollars, Tokens } from '../../../schemas/units.ts'
import { sayEntry } from '../journal.ts'
import type { Ledger, Say } from '../ledger.ts'
import { bookDue } from '../lots/due.ts'
import { Spending } from '../lots/spending.ts'
import { positionField } from '../positions.ts'
import { releaseBudget } from './budgets.ts'
import { end } from './ending.ts'
import { payManaged } from './managed.ts'
import { isOfRecord, isSane, isStale, misfitOfNonce, requestOf, sayUnbilled, supplierOf } from './readings.ts'
import { refusedState, requestState } from './request-state.ts'
import { requestField as field } from './requests.ts'

/** What is billed is drawn, the rest goes back. A reading of record that does not fit is unbilled, with the reason. */
export function capture (state: Ledger, command: CaptureUsage, say: Say): void {
  const { requests } = state
  const slot = requestOf(state, command)
  if (slot !== 0) bookDue(state, requests.of(slot, field.position), say)
  if (!isSane(command, [command.inputTokens, command.outputTokens])) {
    const answer = { cause: command.kind, refusal: 'invalid_tokens' } as const
    say(slot === 0 ? refusedState(state, command, answer) : requestState(state, slot, answer))
    return
  }
  const taken = command.inputTokens + command.outputTokens
  if (slot === 0) {
    sayUnbilled(state, command, { tokens: taken, reason: 'unknown_request' }, say)
    return
  }
  if (!isOfRecord(state, slot, command) || isStale(state, slot, command)) return
  const misfit = misfitOf(state, slot, command)
  if (misfit !== null) {
    sayUnbilled(state, command, { tokens: taken, reason: misfit }, say)
    return
  }
  const produced = requests.of(slot, field.produced)
  const held = requests.held(slot)
  const reading = { ...command, supplier: supplierOf(state, slot, command.supplier) }
  bill(state, slot, { command, taken, held }, say)
  sayUnbilled(state, reading, { tokens: taken - held, reason: 'beyond_held' }, say)
  sayUnbilled(state, reading, { tokens: produced - taken, reason: 'below_produced' }, say)
}

function misfitOf (
  state: Ledger, slot: number, { nonce }: CaptureUsage
): 'closed_request' | 'not_started' | 'stale_nonce' | null {
  const { requests } = state
  if (requests.hasEnded(slot)) return 'closed_request'
  return requests.isStatus(slot, 'started') ? misfitOfNonce(state, slot, nonce) : 'not_started'
}

type Bill = { readonly command: CaptureUsage, readonly taken: number, readonly held: number }

/** Cr consumption, Dr drawn and breakage; or what a managed supplier is paid. */
function bill (state: Ledger, slot: number, { command, taken, held }: Bill, say: Say): void {
  const { requests, positions, instruments } = state
  const position = requests.of(slot, field.position)
  const billed = Math.min(taken, held)
  releaseBudget(state, slot, billed)
  const spending = new Spending(state, position)
  const isManaged = requests.isManaged(slot)
  if (!isManaged) spending.draw(slot, billed)
  const postings = isManaged ? payManaged(state, slot, billed) : spending.postings()
  requests.put(slot, field.sequence, command.sequence)
  const usage = {
    requestId: command.requestId,
    sequence: command.sequence,
    source: command.source,
    eventId: command.eventId,
    supplier: supplierOf(state, slot, command.supplier),
    inputTokens: command.inputTokens,
    outputTokens: command.outputTokens,
    billed: billed as Tokens,
    held: held as Tokens,
    keyId: requests.keyIds[slot]!,
    managedPrice: isManaged ? requests.of(slot, field.managedPrice) as Microdollars : null,
    authorizedAt: requests.of(slot, field.authorizedAt) as Instant,
    occurredAt: command.occurredAt
  }
  end(state, slot, 'captured')
  const { instrumentId } = instruments.at(positions.of(position, positionField.instrument))
  const holder = positions.of(position, positionField.holder)
  const entry = { holder, type: 'usage', reference: command.requestId, instrumentId, cost: 0 } as const
  sayEntry(state, { ...entry, postings: postings.list, lots: spending.changes, usage }, say)
}
