// The ledger's views as the gateway's ports have them.

import type { Ledger } from '../../pipelines/ledger/ledger.ts'
import { orderByCommand, orderView, type HolderView as Held, type OrderView as Kept } from '../../pipelines/ledger/views.ts'
import type { Instant } from '../../schemas/units.ts'
import type { HolderView, LogPosition, OrderView } from '../ports.ts'
import type { Answers } from './ledger-outcomes.ts'

export function orderOf (kept: Kept): OrderView {
  const { sequence, at, content, isOpen, isCancelPending, isAmendPending, firstAnswer, ...order } = kept
  return { ...order, updatedAt: at, isCancelling: isCancelPending }
}

export function holderOf ({ volume30d, ...held }: Held): HolderView {
  return { ...held, volume: volume30d }
}

/** What changes in an order's life as it was first answered; null while it has not been. */
function firstAnswerOf (kept: Kept): OrderView | null {
  const { firstAnswer } = kept
  if (firstAnswer === null) return null
  const { at, ...then } = firstAnswer
  const wasOpen = then.status === 'held' || then.status === 'resting' || then.status === 'partly_filled'
  return { ...orderOf(kept), ...then, updatedAt: at, closedAt: wasOpen ? null : at, isCancelling: false }
}

export type Standing = { readonly state: Ledger, readonly now: Instant, readonly position: LogPosition }

export function answersOf ({ state, now, position }: Standing): Answers {
  return {
    position,
    now,
    firstAnswer: orderId => {
      const kept = orderView(state, orderId)
      return kept === undefined ? null : firstAnswerOf(kept)
    },
    orderByCommand: commandId => orderByCommand(state, commandId)?.orderId ?? null
  }
}
