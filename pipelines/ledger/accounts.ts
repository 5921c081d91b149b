// What is known of a holder: who owns it, what it may do, its mode, its dead-man timer.

import type { SetAccountMode, SetDeadMan, SetHolder } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import { cancelOpen } from './cancel.ts'
import { holderField } from './holders.ts'
import { sayOutcome } from './keyed.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { isWholeWithin } from './order-checks.ts'
import { dayMs } from './volumes.ts'

/** The longest that a dead-man timer may be set to. */
export const timeoutMsMax = dayMs

const isId = (id: number): boolean => isWholeWithin(id, 1, Number.MAX_SAFE_INTEGER)

/** Opens a holder's accounts, or changes what is known of it. An owner is for good. */
export function setHolder (state: Ledger, command: SetHolder, { isLate }: Position, say: Say): void {
  const { holders } = state
  const found = holders.find(command.holder)
  const refusal = refusalOfHolder(state, found, command, isLate)
  let count = 0
  if (refusal === null) {
    const holder = found === 0 ? open(state, command) : found
    holders.mark(holder, command)
    if (command.isSuspended) count = cancelOpen(state, holder, { reason: 'suspended', instrumentId: null }, say)
  }
  sayOutcome(state, { holder: command.holder, command: command.kind, refusal, count }, say)
}

function refusalOfHolder (
  { holders }: Ledger, found: number, { holder, owner }: SetHolder, isLate: boolean
): LedgerRefusal | null {
  if (!isId(holder)) return 'unknown_holder'
  if (isLate) return 'too_late'
  if (!isId(owner)) return 'other_owner'
  return found === 0 || holders.of(found, holderField.owner) === owner ? null : 'other_owner'
}

function open ({ holders }: Ledger, { holder, owner }: SetHolder): number {
  const slot = holders.take()
  holders.put(slot, holderField.id, holder)
  holders.put(slot, holderField.owner, owner)
  holders.index.add(slot)
  return slot
}

/** All open orders go before the mode does. */
export function setAccountMode (
  state: Ledger, { holder, mode, kind }: SetAccountMode, { isLate }: Position, say: Say
): void {
  const { holders } = state
  const slot = holders.find(holder)
  const refusal = slot === 0 ? 'unknown_holder' : isLate ? 'too_late' : null
  let count = 0
  if (refusal === null && holders.mode(slot) !== mode) {
    count = cancelOpen(state, slot, { reason: 'mode_change', instrumentId: null }, say)
    holders.setMode(slot, mode)
  }
  sayOutcome(state, { holder, command: kind, refusal, count }, say)
}

export function setDeadMan (
  state: Ledger, { holder, timeoutMs, kind }: SetDeadMan, { isLate }: Position, say: Say
): void {
  const slot = state.holders.find(holder)
  const refusal = refusalOfDeadMan({ slot, timeoutMs, isLate })
  if (refusal === null) state.deadMen.set(slot, timeoutMs === 0 ? 0 : state.now + timeoutMs)
  sayOutcome(state, { holder, command: kind, refusal }, say)
}

function refusalOfDeadMan (
  { slot, timeoutMs, isLate }: { slot: number, timeoutMs: number, isLate: boolean }
): LedgerRefusal | null {
  if (slot === 0) return 'unknown_holder'
  if (isLate) return 'too_late'
  return isWholeWithin(timeoutMs, 0, timeoutMsMax) ? null : 'invalid_expiry'
}

/** Cancels what belongs to those who have not been heard of in time. Whoever comes at that very instant is too late. */
export function fireDeadMen (state: Ledger, say: Say): void {
  for (let holder = state.deadMen.due(state.now); holder !== 0; holder = state.deadMen.due(state.now)) {
    state.deadMen.set(holder, 0)
    cancelOpen(state, holder, { reason: 'dead_man', instrumentId: null }, say)
  }
}
