// Commands with a reference, their idempotence key: the same again changes nothing and is answered as done; other
// content under the same reference is refused.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal, UsageRefusal } from '../../schemas/ledger/refusals.ts'
import type { HolderId, InstrumentId, OrderId } from '../../schemas/units.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { referenceLengthMax, type Keyed as ReferenceKey } from './references.ts'

type Keyed = Extract<LedgerCommand, { readonly reference: string }>

export type Subject = {
  readonly command: Keyed
  /** What it asks for, as text. */
  readonly content: string
  /** Who is suspended may still be given. */
  readonly creditsOnly: boolean
  readonly instrumentId: InstrumentId | null
}

/** Where a receiver keeps a sender's reference: two senders may have the same. */
const referenceOf = (command: Keyed): string =>
  command.kind === 'receive-funds' ? `${command.from} ${command.reference}` : command.reference

// Field by field: what is decoded has its kind on the prototype, where a spread does not see it.
export const keyOf = (command: Keyed): ReferenceKey =>
  ({ kind: command.kind, holder: command.holder, reference: referenceOf(command) })

/** Decides a command, keeps its reference if it was done, and says what became of it. */
export function settle (
  state: Ledger, { command, content }: Subject, say: Say, decide: () => LedgerRefusal | null
): LedgerRefusal | null {
  const isRepeat = state.references.find(keyOf(command)) === content && state.holders.find(command.holder) !== 0
  const refusal = isRepeat ? null : decide()
  if (refusal === null && !isRepeat) state.references.keep(keyOf(command), content)
  sayOutcome(state, { holder: command.holder, command: command.kind, refusal, reference: command.reference }, say)
  return refusal
}

/** What any of them is refused for, in order of precedence. */
export function refusalOfKeyed (
  state: Ledger, { command, creditsOnly, instrumentId }: Subject, { isLate }: Position
): LedgerRefusal | null {
  const { holders, instruments, references } = state
  const holder = holders.find(command.holder)
  if (holder === 0) return 'unknown_holder'
  if (instrumentId !== null && instruments.find(instrumentId) === undefined) return 'unknown_instrument'
  if (references.find(keyOf(command)) !== undefined) return 'reference_conflict'
  if (isLate) return 'too_late'
  if (!creditsOnly && holders.isSuspended(holder)) return 'account_suspended'
  return null
}

export const hasReference = ({ reference }: { reference: string }): boolean =>
  reference.length > 0 && reference.length <= referenceLengthMax

export type Outcome = {
  readonly holder: HolderId
  readonly command: LedgerCommand['kind']
  readonly refusal: LedgerRefusal | UsageRefusal | null
  readonly orderId?: OrderId
  readonly count?: number
  readonly reference?: string
}

const noOrder = 0 as OrderId

export function sayOutcome (
  state: Ledger, { holder, command, refusal, orderId, count, reference }: Outcome, say: Say
): void {
  say({
    kind: 'command-outcome',
    holder,
    command,
    refusal,
    orderId: orderId ?? noOrder,
    count: count ?? 0,
    reference: reference ?? '',
    at: state.now
  })
}
