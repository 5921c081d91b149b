// A request ends with nothing: all it held goes back.

import type { VoidUsage } from '../../../schemas/ledger/usage-commands.ts'
import type { HolderId, Tokens } from '../../../schemas/units.ts'
import type { Ledger, Position, Say } from '../ledger.ts'
import { bookDue } from '../lots/due.ts'
import { giveUp } from './ending.ts'
import {
  type Unbilled, isOfRecord, isSane, isStale, misfitOfNonce, reasonOf, requestOf, sayUnbilled, supplierOf
} from './readings.ts'
import { type Refused, refusedState, requestState } from './request-state.ts'
import { requestField as field } from './requests.ts'

/** At whose fault tokens that have expired meanwhile are given anew; at any other they are breakage. */
const regrants: ReadonlySet<string> = new Set(['supplier', 'house'])

export function voidUsage (state: Ledger, command: VoidUsage, position: Position, say: Say): void {
  const { requests } = state
  const cause = command.kind
  const slot = requestOf(state, command)
  if (slot !== 0) bookDue(state, requests.of(slot, field.position), say)
  const reading = readingOf(state, command, slot)
  const refusal = refusalOf(state, slot, command, position)
  if (refusal !== null) {
    say(slot === 0 ? refusedState(state, command, { cause, refusal }) : requestState(state, slot, { cause, refusal }))
    const reason = reasonOf(refusal)
    const isUnbilled = reason !== null && isNews(state, slot, command)
    if (isUnbilled) sayUnbilled(state, reading, { tokens: command.tokens, reason }, say)
    return
  }
  if (command.sequence > 0) requests.put(slot, field.sequence, command.sequence)
  giveUp(state, slot, { status: 'voided', isRegranted: regrants.has(command.fault) }, say)
  sayUnbilled(state, reading, { tokens: command.tokens, reason: 'voided' }, say)
  say(requestState(state, slot, { cause, refusal: null }))
}

/** Whether the reading is of record, and has not counted before. */
const isNews = (state: Ledger, slot: number, command: VoidUsage): boolean =>
  slot === 0 || (isOfRecord(state, slot, command) && (command.sequence === 0 || !isStale(state, slot, command)))

const readingOf = (state: Ledger, command: VoidUsage, slot: number): Unbilled => {
  const { holder, instrumentId, requestId, sequence, source, eventId, tokens } = command
  const supplier = slot === 0 ? 0 as HolderId : supplierOf(state, slot)
  const inputTokens = 0 as Tokens
  return { holder, instrumentId, requestId, sequence, source, eventId, supplier, inputTokens, outputTokens: tokens }
}

function refusalOf (state: Ledger, slot: number, command: VoidUsage, { isLate }: Position): Refused | null {
  const { holders, requests } = state
  if (holders.find(command.holder) === 0) return 'unknown_holder'
  if (isLate) return 'too_late'
  if (slot === 0) return 'unknown_request'
  if (requests.hasEnded(slot)) return 'request_closed'
  if (!isOfRecord(state, slot, command)) return 'not_source_of_record'
  const misfit = misfitOfNonce(state, slot, command.nonce)
  if (misfit !== null) return misfit
  if (command.sequence !== 0 && isStale(state, slot, command)) return 'stale_sequence'
  return isSane(command, [command.tokens]) && command.sequence >= 0 ? null : 'invalid_tokens'
}
