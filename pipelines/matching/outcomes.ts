// What a command did to an order (cause, status, reason, and whether it was refused) as one small number, for a row of
// the tape.

import {
  type ClosureReason, type OrderStatus, type RefusalReason, type UpdateCause, closureReason, orderStatus, refusalReason,
  updateCause
} from '../../schemas/matching/records.ts'

export type Reason = ClosureReason | RefusalReason

export type OutcomeParts = {
  readonly cause: UpdateCause
  readonly refused: boolean
  readonly status: OrderStatus
  readonly reason: Reason | null
}

const reasons: readonly (Reason | null)[] = [null, ...closureReason, ...refusalReason]
const reasonNumbers = new Map(reasons.map((reason, number) => [reason, number]))
const statusNumbers = new Map(orderStatus.map((status, number) => [status, number]))
const causeNumbers = new Map(updateCause.map((cause, number) => [cause, number]))

// Bits, from the lowest: refused 1, cause 3, status 3, reason the rest.
const causeShift = 1
const statusShift = 4
const reasonShift = 7
const threeBits = 7

export const outcomeBits = 13

export function outcome ({ cause, refused, status, reason }: OutcomeParts): number {
  return (refused ? 1 : 0) | causeNumbers.get(cause)! << causeShift | statusNumbers.get(status)! << statusShift |
    reasonNumbers.get(reason)! << reasonShift
}

export function outcomeParts (number: number): OutcomeParts {
  return {
    refused: (number & 1) !== 0,
    cause: updateCause[number >> causeShift & threeBits]!,
    status: orderStatus[number >> statusShift & threeBits]!,
    reason: reasons[number >> reasonShift]!
  }
}

/** An order that was taken, and what became of it. */
export const taken = (cause: UpdateCause, status: OrderStatus, reason: ClosureReason | null = null): number =>
  outcome({ cause, refused: false, status, reason })

/** Those that nearly every command needs, made once. */
export const ofCause = (cause: UpdateCause) => ({
  resting: taken(cause, 'resting'),
  partlyFilled: taken(cause, 'partly_filled'),
  filled: taken(cause, 'filled'),
  cancelled: taken(cause, 'cancelled', 'cancelled'),
  selfTrade: taken(cause, 'cancelled', 'self_trade'),
  someNoLiquidity: taken(cause, 'cancelled', 'partially_filled_no_liquidity'),
  someMaxSlippage: taken(cause, 'cancelled', 'partially_filled_max_slippage'),
  noneNoLiquidity: taken(cause, 'cancelled', 'no_fill_no_liquidity'),
  noneMaxSlippage: taken(cause, 'cancelled', 'no_fill_max_slippage'),
  oco: taken(cause, 'cancelled', 'oco'),
  swept: taken(cause, 'cancelled', 'swept'),
  expired: taken(cause, 'expired', 'expired')
})
export type OutcomesOfCause = ReturnType<typeof ofCause>

export const placed = ofCause('place')
export const amended = ofCause('amend')
export const cancelled = ofCause('cancel')
export const matched = ofCause('match')
/** By time, or by a change of the instrument. */
export const passed = ofCause('market')

/** What becomes of an order's other leg when it closes or fills with this outcome. */
export const besides = (outcome: number): number => taken(outcomeParts(outcome).cause, 'cancelled', 'oco')

const cancelledBy = new Map<string, number>(closureReason.map(reason => [reason, taken('cancel', 'cancelled', reason)]))

/** A cancel says why; what is no reason of ours is an ordinary one. */
export function cancelledFor (reason: string): number {
  return reason === 'cancelled' ? cancelled.cancelled : cancelledBy.get(reason) ?? cancelled.cancelled
}

const refusalsOf = (cause: UpdateCause): Readonly<Record<RefusalReason, number>> => Object.fromEntries(
  refusalReason.map(reason => [reason, outcome({ cause, refused: true, status: 'refused', reason })])
) as Record<RefusalReason, number>

/** Commands that were refused, and about no order that rests. */
export const refused = Object.fromEntries(updateCause.map(cause => [cause, refusalsOf(cause)])) as
  Readonly<Record<UpdateCause, Readonly<Record<RefusalReason, number>>>>
