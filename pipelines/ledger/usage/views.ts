// What others may see of requests: gateways answer from a replica. Nothing here changes the state.

import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import type { HolderId } from '../../../schemas/units.ts'
import type { Ledger } from '../ledger.ts'
import { requestState } from './request-state.ts'

export type RequestView = Omit<AuthorizationState, 'kind' | 'cause' | 'refusal' | 'at'>

/** A request while it waits, holds, or has ended not long ago. What has come due since is not counted in. */
export function requestView (state: Ledger, holder: HolderId, requestId: string): RequestView | undefined {
  const slot = state.holders.find(holder)
  const request = slot === 0 ? 0 : state.requests.byId.find(slot, requestId)
  if (request === 0) return undefined
  const { kind, cause, refusal, at, ...view } = requestState(state, request, { cause: '', refusal: null })
  return view
}
