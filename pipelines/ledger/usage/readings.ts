// What readings have in common: the request they are about, why one does not fit, and that it is told.

import type { CaptureUsage, VoidUsage } from '../../../schemas/ledger/usage-commands.ts'
import type { UnbilledReason } from '../../../schemas/usage/records.ts'
import type { HolderId, InstrumentId, Tokens } from '../../../schemas/units.ts'
import type { Ledger, Say } from '../ledger.ts'
import { isWholeWithin } from '../order-checks.ts'
import { tokensMax } from './authorize.ts'
import type { Refused } from './request-state.ts'
import { requestField as field } from './requests.ts'

type Reading = Pick<CaptureUsage | VoidUsage, 'holder' | 'requestId' | 'sequence'>

/** The request's slot, or 0. */
export function requestOf ({ holders, requests }: Ledger, { holder, requestId }: Reading): number {
  const slot = holders.find(holder)
  return slot === 0 ? 0 : requests.byId.find(slot, requestId)
}

export const isSane = ({ sequence }: Reading, tokens: readonly number[]): boolean =>
  Number.isSafeInteger(sequence) && tokens.every(count => isWholeWithin(count, 0, tokensMax))

/** The live start's nonce; of a request that nobody has started, none. */
export function misfitOfNonce ({ requests }: Ledger, slot: number, nonce: string): 'not_started' | 'stale_nonce' | null {
  if (requests.nonces[slot] === nonce) return null
  return requests.isStatus(slot, 'started') ? 'stale_nonce' : 'not_started'
}

export const isOfRecord = ({ requests }: Ledger, slot: number, { source }: { source: string }): boolean =>
  requests.recorders[slot] === source

export const isStale = ({ requests }: Ledger, slot: number, { sequence }: Reading): boolean =>
  sequence <= requests.of(slot, field.sequence)

export const supplierOf = ({ requests }: Ledger, slot: number, said = 0 as HolderId): HolderId =>
  said === 0 ? requests.of(slot, field.supplier) as HolderId : said

/** Why a refused reading of record bills nothing; null where it has counted already, or is not one of record. */
export function reasonOf (refusal: Refused): UnbilledReason | null {
  switch (refusal) {
    case 'unknown_holder':
    case 'unknown_request': return 'unknown_request'
    case 'request_closed': return 'closed_request'
    case 'not_started':
    case 'stale_nonce': return refusal
    default: return null
  }
}

export type Unbilled = {
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly sequence: number
  readonly source: string
  readonly eventId: string
  readonly supplier: HolderId
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
}

/** Nothing is said of no tokens. */
export function sayUnbilled (
  { now }: Ledger, reading: Unbilled, { tokens, reason }: { tokens: number, reason: UnbilledReason }, say: Say
): void {
  if (tokens <= 0) return
  const { holder, instrumentId, requestId, sequence, source, eventId, supplier, inputTokens, outputTokens } = reading
  say({
    kind: 'unbilled-usage',
    holder,
    instrumentId,
    requestId,
    sequence,
    source,
    eventId,
    supplier,
    tokens: tokens as Tokens,
    inputTokens,
    outputTokens,
    reason,
    at: now
  })
}
