// Commands about accounts: under which reference they count once, and what became of them.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { EntryType } from '../../schemas/ledger/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { invalid } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import type { HolderView, LedgerPort, LogPosition } from '../ports.ts'
import { movementId } from './account-ids.ts'
import { assertReady, done, refused } from './refusals.ts'

/**
 * The client's own word for the command, else the request's: a request that is sent again, signature and all, is the
 * same command. What the market itself refers to can't be meant by either.
 */
export function referenceOf ({ idempotencyKey, tag }: SignedCall, clientReference: string | undefined): string {
  if (idempotencyKey !== null && clientReference !== undefined && idempotencyKey !== clientReference) {
    throw invalid({ client_reference: ['differs from the Idempotency-Key header'] })
  }
  const own = clientReference ?? idempotencyKey
  return own === null ? `request:${tag.id}` : `client:${own}`
}

/** The client's own word for what has this reference; null when it had none. */
export const clientReferenceOf = (reference: string): string | null =>
  reference.startsWith('client:') ? reference.slice('client:'.length) : null

export type Done = {
  readonly id: string
  readonly reference: string | null
  readonly at: Instant
  readonly position: LogPosition
}

export type Moving = LedgerCommand & { readonly reference: string }

/** Has the ledger do it; the id is the same for a repeat. */
export async function moved (
  ledger: LedgerPort, { tag, caller }: SignedCall, asked: { readonly command: Moving, readonly type: EntryType }
): Promise<Done> {
  const [answer] = await ledger.submit([{ command: asked.command, tag }])
  const { outcome, position } = done(answer)
  const prefix = asked.type === 'issuance' ? 'issuance' : 'transfer'
  const reference = asked.command.reference
  const id = movementId(prefix, caller.holder, { type: asked.type, reference })
  return { id, reference: clientReferenceOf(reference), at: outcome.at, position }
}

/** The caller's accounts as this gateway's replica has them. */
export function ownHolder (ledger: LedgerPort, { caller }: SignedCall): HolderView {
  assertReady(ledger, caller.holder)
  const holder = ledger.holder(caller.holder)
  if (holder === null) throw refused('unknown_holder')
  return holder
}
