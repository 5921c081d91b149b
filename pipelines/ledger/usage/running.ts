// A request that holds tokens is being answered: an attempt starts, ends before its first byte, goes on.

import type { ExtendUsage, StartUsage, UnstartUsage } from '../../../schemas/ledger/usage-commands.ts'
import { bookDue } from '../lots/due.ts'
import type { Ledger, Position, Say } from '../ledger.ts'
import { isWholeWithin } from '../order-checks.ts'
import { isText, tokensMax } from './authorize.ts'
import { undoStart } from './deadlines.ts'
import { authorizedMs, holdMore } from './holding.ts'
import { buyForRunning } from './purchases.ts'
import { isOfRecord, isStale, misfitOfNonce } from './readings.ts'
import { type Refused, refusedState, requestState } from './request-state.ts'
import { requestField as field, statusNumbers } from './requests.ts'

/** How long a start may show nothing. */
export const startMs = 90 * 1000

type Running = StartUsage | UnstartUsage | ExtendUsage

export function run (state: Ledger, command: Running, at: Position, say: Say): void {
  const { holders, requests } = state
  const { isLate } = at
  const cause = command.kind
  const holder = holders.find(command.holder)
  const slot = holder === 0 ? 0 : requests.byId.find(holder, command.requestId)
  if (slot !== 0) bookDue(state, requests.of(slot, field.position), say)
  const refusal = holder === 0 ? 'unknown_holder' : isLate ? 'too_late' : slot === 0 ? 'unknown_request' : refusalOf(state, slot, command)
  const lacking = refusal === null ? change(state, slot, command) : 0
  say(slot === 0 ? refusedState(state, command, { cause, refusal }) : requestState(state, slot, { cause, refusal }))
  if (lacking > 0) buyForRunning(state, slot, { lacking, at }, say)
}

/** What any command on a request that is known is refused for, before its own words are looked at. */
function refusalOfState ({ requests }: Ledger, slot: number): Refused | null {
  if (requests.hasEnded(slot)) return 'request_closed'
  return requests.isStatus(slot, 'parked') ? 'insufficient_tokens' : null
}

function refusalOf (state: Ledger, slot: number, command: Running): Refused | null {
  const { requests } = state
  const ofState = refusalOfState(state, slot)
  if (ofState !== null) return ofState
  const isStarted = requests.isStatus(slot, 'started')
  switch (command.kind) {
    case 'start-usage':
      if (isStarted && requests.nonces[slot] !== command.nonce) return 'already_started'
      return isText(command.nonce) ? null : 'stale_nonce'
    case 'unstart-usage':
      return isStarted ? misfitOfNonce(state, slot, command.nonce) : 'not_started'
    case 'extend-usage': {
      if (!isOfRecord(state, slot, command)) return 'not_source_of_record'
      const ofNonce = misfitOfNonce(state, slot, command.nonce)
      if (ofNonce !== null) return ofNonce
      if (isStale(state, slot, command)) return 'stale_sequence'
      const areSane = [command.produced, command.more].every(tokens => isWholeWithin(tokens, 0, tokensMax))
      return areSane && Number.isSafeInteger(command.sequence) ? null : 'invalid_tokens'
    }
  }
}

/** Returns how many tokens it would hold beyond what it does, if there were any. */
function change (state: Ledger, slot: number, command: Running): number {
  const { requests, requestDeadlines, now } = state
  switch (command.kind) {
    case 'start-usage':
      if (requests.isStatus(slot, 'started')) return 0
      requests.put(slot, field.status, statusNumbers.started)
      requests.put(slot, field.startBy, now + startMs)
      requests.put(slot, field.supplier, command.supplier)
      requests.nonces[slot] = command.nonce
      requestDeadlines.set(slot)
      return 0
    case 'unstart-usage':
      undoStart(state, slot)
      return 0
    case 'extend-usage':
      requests.put(slot, field.sequence, command.sequence)
      requests.put(slot, field.produced, command.produced)
      requests.put(slot, field.startBy, 0)
      requests.put(slot, field.expiresAt, now + authorizedMs)
      requestDeadlines.set(slot)
      return holdMore(state, slot, command.more)
  }
}
