// What others may see of requests: gateways answer from a replica. Nothing here changes the state.

import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import type { HolderId, Instant, Tokens } from '../../../schemas/units.ts'
import { holderField } from '../holders.ts'
import type { Ledger } from '../ledger.ts'
import { leftOf } from './budgets.ts'
import { freeRequests } from './free-tier.ts'
import { keyField } from './keys.ts'
import { requestState } from './request-state.ts'
import { requestField } from './requests.ts'

export type RequestView = Omit<AuthorizationState, 'kind' | 'cause' | 'refusal' | 'at'> & {
  /** 0: nothing was ever held for it. */
  readonly authorizedAt: Instant
}

/** A request while it waits, holds, or has ended not long ago. What has come due since is not counted in. */
export function requestView (state: Ledger, holder: HolderId, requestId: string): RequestView | undefined {
  const slot = state.holders.find(holder)
  const request = slot === 0 ? 0 : state.requests.byId.find(slot, requestId)
  if (request === 0) return undefined
  const { kind, cause, refusal, at, ...view } = requestState(state, request, { cause: '', refusal: null })
  return { ...view, authorizedAt: state.requests.of(request, requestField.authorizedAt) as Instant }
}

/** Whose readings bill a request; empty: it is not known. */
export function recorderOf ({ holders, requests }: Ledger, holder: HolderId, requestId: string): string {
  const slot = holders.find(holder)
  const request = slot === 0 ? 0 : requests.byId.find(slot, requestId)
  return request === 0 ? '' : requests.recorders[request]!
}

export type KeyView = {
  /** In the running period of its budget; ever, where it has none now. */
  readonly drawn: Tokens
  /** By requests that are open. */
  readonly held: Tokens
  /** Of its budget; below 0 where that was lowered; null: it is not bounded. */
  readonly left: Tokens | null
}

/** Undefined of a key that never had a budget. */
export function keyView (state: Ledger, holder: HolderId, keyId: string): KeyView | undefined {
  const { holders, keys, now } = state
  const key = keys.byId.find(holders.find(holder), keyId)
  if (key === 0) return undefined
  const left = leftOf(state, key)
  return {
    drawn: keys.drawn(key, now) as Tokens,
    held: keys.of(key, keyField.held) as Tokens,
    left: left === Infinity ? null : left as Tokens
  }
}

/** What an account may still ask for that has paid nothing in. */
export type FreeTierView = { readonly requestsLeft: number, readonly openLeft: number }

/** Null of who has paid. */
export function freeTierView (state: Ledger, holder: HolderId): FreeTierView | null {
  const { holders, parameters: { freeRequestsPerDay, freeOpenMax } } = state
  const slot = holders.find(holder)
  if (slot === 0 || holders.hasPaid(slot)) return null
  return {
    requestsLeft: Math.max(0, freeRequestsPerDay - freeRequests(state, slot)),
    openLeft: Math.max(0, freeOpenMax - holders.of(slot, holderField.openRequests))
  }
}
