// An order's status in the API's words, and which orders each of those words asks for.
//
// `active` is the word that published queries filter by for what rests in a market, so that is how a resting order
// shows; `open` asks for all that is not over, which clients call so. What a command withdrew is `cancelled`, the
// market's own endings are `closed`; both say why in closure_reason.

import type { LedgerOrderStatus } from '../../schemas/ledger/records.ts'
import { closureReason, type ClosureReason } from '../../schemas/matching/records.ts'
import type { OrderStanding, OrderView } from '../ports.ts'

const openStatus = ['pending', 'active', 'partially_filled', 'cancellation_pending'] as const
const closedStatus = ['filled', 'cancelled', 'closed', 'rejected', 'expired'] as const
export const apiStatus = [...openStatus, ...closedStatus] as const
export type ApiStatus = typeof apiStatus[number]

const wordOf: Readonly<Record<Exclude<LedgerOrderStatus, 'cancelled'>, ApiStatus>> = {
  held: 'pending',
  resting: 'active',
  partly_filled: 'partially_filled',
  filled: 'filled',
  refused: 'rejected',
  expired: 'expired'
}

const withdrawn: ReadonlySet<ClosureReason> = new Set(['cancelled', 'dead_man', 'mode_change', 'suspended', 'oco'])

type Standing = Pick<OrderView, 'status' | 'closureReason' | 'isCancelling'>

export function statusWord ({ status, closureReason, isCancelling }: Standing): ApiStatus {
  if (status === 'cancelled') return closureReason === null || withdrawn.has(closureReason) ? 'cancelled' : 'closed'
  return isCancelling && isOpen({ status }) ? 'cancellation_pending' : wordOf[status]
}

export const isOpen = ({ status }: Pick<OrderView, 'status'>): boolean =>
  status === 'held' || status === 'resting' || status === 'partly_filled'

/** What a client may ask for: each word of the API, and `open` for all that is not over. */
export const askedStatus = [...apiStatus, 'open'] as const
export type AskedStatus = typeof askedStatus[number]

/** The words that one stands for. */
export const wordsOf = (asked: AskedStatus): readonly ApiStatus[] => asked === 'open' ? openStatus : [asked]

const closings: Readonly<Record<typeof closedStatus[number], readonly OrderStanding[]>> = {
  filled: ['filled'],
  cancelled: closureReason.filter(reason => withdrawn.has(reason)),
  closed: closureReason.filter(reason => !withdrawn.has(reason) && reason !== 'expired'),
  rejected: ['refused'],
  expired: ['expired']
}

/** Where the closed orders stand that any of the words asks for; open ones are not asked of the history. */
export const closedStandings = (words: readonly ApiStatus[]): readonly OrderStanding[] =>
  closedStatus.filter(word => words.includes(word)).flatMap(word => closings[word])
