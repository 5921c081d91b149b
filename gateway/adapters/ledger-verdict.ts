// What became of a command, read off what the ledger said when it was applied, and off what it says of the order later.

import type { Named } from '../../pipelines/runtime/stage.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { CommandOutcome, JournalEntry, LedgerOutput, OrderState } from '../../schemas/ledger/records.ts'
import type { LedgerRefusal, UsageRefusal } from '../../schemas/ledger/refusals.ts'
import { orderIdAt, type OrderId } from '../../schemas/units.ts'
import { closedRefusal, type Answer, type LogPosition, type OrderView } from '../ports.ts'

/** Which state of an order answers: its first, one with which it is closed, or one that tells of its amend. */
export type Wanted = 'first' | 'closing' | 'amendment'

export type Verdict =
  | { readonly kind: 'decided', readonly answer: Answer }
  /** Matching has the word; the order's next state of that sort answers. */
  | { readonly kind: 'open', readonly orderId: OrderId, readonly wanted: Wanted }
  /** The order is there already: as it was first answered. */
  | { readonly kind: 'repeat', readonly orderId: OrderId }

const decided = (answer: Answer): Verdict => ({ kind: 'decided', answer })

/** Where the command lies, and what its record made the ledger say. */
export type Said = { readonly outputs: readonly Named[], readonly position: LogPosition }

export function firstVerdict (command: LedgerCommand, { outputs, position }: Said): Verdict {
  const said = outputs as readonly LedgerOutput[]
  const outcome = said.find(value => isOutcomeOf(value, command))
  switch (command.kind) {
    case 'submit-order': {
      const id = orderIdAt(position.partition, position.offset)
      if (said.some(value => value.kind === 'place-order' && value.orderId === id)) return { kind: 'open', orderId: id, wanted: 'first' }
      const state = said.find(value => value.kind === 'order-state' && value.orderId === id)
      if (state !== undefined) return decided(firstAnswer(orderViewOf(state as OrderState), position))
      if (outcome?.refusal === null) return { kind: 'repeat', orderId: outcome.orderId }
      return decided(outcome === undefined ? { kind: 'unknown', orderId: null } : refusedBy(outcome.refusal))
    }
    case 'submit-cancel': return verdictOnOrder(command.orderId, 'closing', outcome)
    case 'submit-amend': return verdictOnOrder(command.orderId, 'amendment', outcome)
    default: return decided(answerOf(outcome, said, position))
  }
}

function isOutcomeOf (value: LedgerOutput, command: LedgerCommand): value is CommandOutcome {
  const holder = 'holder' in command ? command.holder : 0
  return value.kind === 'command-outcome' && value.command === command.kind && value.holder === holder
}

const refusedBy = (refusal: LedgerRefusal | UsageRefusal): Answer => ({ kind: 'refused', refusal, order: null })

/** What was taken says nothing yet, not even that it was: a second cancel of an order adds nothing to the first. */
function verdictOnOrder (orderId: OrderId, wanted: Wanted, outcome: CommandOutcome | undefined): Verdict {
  return outcome == null || outcome.refusal === null ? { kind: 'open', orderId, wanted } : decided(refusedBy(outcome.refusal))
}

function answerOf (outcome: CommandOutcome | undefined, said: readonly LedgerOutput[], position: LogPosition): Answer {
  if (outcome === undefined) return { kind: 'unknown', orderId: null }
  if (outcome.refusal !== null) return refusedBy(outcome.refusal)
  const entries = said.filter((value): value is JournalEntry => value.kind === 'journal-entry' && value.holder === outcome.holder)
  return { kind: 'done', outcome, entries, position }
}

/** The answer to the command that asked for the order. */
export const firstAnswer = (order: OrderView, position: LogPosition): Answer =>
  order.refusal === null ? { kind: 'order', order, position } : { kind: 'refused', refusal: order.refusal, order }

/** The answer that a later state of the order gives to who wants it; null when it gives none. */
export function laterAnswer (state: OrderState, wanted: Wanted, position: LogPosition): Answer | null {
  const order = orderViewOf(state)
  const isAbout = state.cause === (wanted === 'closing' ? 'cancel' : 'amend')
  if (wanted === 'first') return firstAnswer(order, position)
  if (isAbout && state.refusal !== null) return { kind: 'refused', refusal: state.refusal, order }
  if (wanted === 'amendment' && isAbout) return { kind: 'order', order, position }
  if (state.closedAt === null) return null
  // It closed before matching saw the command. Whoever wanted it cancelled has what was wanted, whatever cancelled it.
  if (wanted === 'closing' && state.status === 'cancelled') return { kind: 'order', order, position }
  return { kind: 'refused', refusal: closedRefusal(order), order }
}

export function orderViewOf ({ kind, sequence, cause, at, ...state }: OrderState): OrderView {
  return { ...state, refusal: state.status === 'refused' ? state.refusal : null, updatedAt: at, isCancelling: false }
}
