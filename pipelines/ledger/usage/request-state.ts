// A request as its holder's gateway sees it: the record that tells each of its changes.

import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import type { LedgerRefusal, UsageRefusal } from '../../../schemas/ledger/refusals.ts'
import type { HolderId, InstrumentId, Instant, Tokens } from '../../../schemas/units.ts'
import { holderField } from '../holders.ts'
import type { Ledger } from '../ledger.ts'
import { positionField } from '../positions.ts'
import { requestField as field, requestStatusOf } from './requests.ts'

export type Refused = UsageRefusal | LedgerRefusal
/** What the state answers: the kind of a command, or `market`; and whether it says no. */
export type Answer = { readonly cause: string, readonly refusal: Refused | null }

export const market = 'market'

export function requestState (state: Ledger, slot: number, { cause, refusal }: Answer): AuthorizationState {
  const { requests, holders, positions, instruments, now } = state
  const position = requests.of(slot, field.position)
  return {
    kind: 'authorization-state',
    holder: holders.of(requests.of(slot, field.holder), holderField.id) as HolderId,
    instrumentId: instruments.at(positions.of(position, positionField.instrument)).instrumentId,
    requestId: requests.ids[slot]!,
    cause,
    refusal,
    status: requestStatusOf(requests.of(slot, field.status)),
    need: requests.of(slot, field.need) as Tokens,
    held: requests.held(slot) as Tokens,
    produced: requests.of(slot, field.produced) as Tokens,
    isManaged: requests.isManaged(slot),
    keyId: requests.keyIds[slot]!,
    nonce: requests.nonces[slot]!,
    expiresAt: (requests.hasEnded(slot) ? 0 : requests.of(slot, field.expiresAt)) as Instant,
    at: now
  }
}

/** Of a request that nobody knows. */
export type Unknown = {
  readonly holder: HolderId
  readonly instrumentId?: InstrumentId
  readonly requestId: string
  readonly need?: Tokens
  readonly keyId?: string
}

export function refusedState (
  { now }: Ledger, { holder, instrumentId, requestId, need, keyId }: Unknown, { cause, refusal }: Answer
): AuthorizationState {
  return {
    kind: 'authorization-state',
    holder,
    instrumentId: instrumentId ?? '' as InstrumentId,
    requestId,
    cause,
    refusal,
    status: 'refused',
    need: need ?? 0 as Tokens,
    held: 0 as Tokens,
    produced: 0 as Tokens,
    isManaged: false,
    keyId: keyId ?? '',
    nonce: '',
    expiresAt: 0 as Instant,
    at: now
  }
}
