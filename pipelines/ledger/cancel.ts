// Cancels: asked of matching, never done here. What is held stays held until matching says that the order is closed.

import type { CancelAll, SubmitCancel } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { ClosureReason } from '../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, OrderId } from '../../schemas/units.ts'
import { holderField } from './holders.ts'
import { sayOutcome } from './keyed.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { orderField as field } from './orders.ts'
import { cancelUnderWay, isOpenStatus, statusOf } from './order-terms.ts'

/** A second cancel, while the first is under way, asks nothing more: the order's end answers both. */
export function cancel (state: Ledger, command: SubmitCancel, { isLate }: Position, say: Say): void {
  const { orders } = state
  const slot = ownOrder(state, command)
  const refusal = refusalOfOwn(state, { holder: command.holder, slot, isLate })
  if (refusal !== null) {
    sayOutcome(state, { holder: command.holder, command: command.kind, refusal, orderId: command.orderId }, say)
  } else if ((orders.of(slot, field.underWay) & cancelUnderWay) === 0) {
    ask(state, slot, 'cancelled', say)
  }
}

/** The order's slot, if it is the holder's own; else 0: nothing of another's order shows. */
export function ownOrder (
  { orders, holders }: Ledger, { orderId, holder }: { orderId: OrderId, holder: HolderId }
): number {
  const slot = orders.find(orderId)
  return slot !== 0 && holders.of(orders.of(slot, field.holder), holderField.id) === holder ? slot : 0
}

type Standing = { readonly holder: HolderId, readonly slot: number, readonly isLate: boolean }

/** Why nothing can be asked of an order: it is not there, or no more. */
export function refusalOfOwn ({ orders, holders }: Ledger, { holder, slot, isLate }: Standing): LedgerRefusal | null {
  if (holders.find(holder) === 0) return 'unknown_holder'
  if (isLate) return 'too_late'
  if (slot === 0) return 'unknown_order'
  const status = orders.of(slot, field.status)
  if (isOpenStatus(status)) return null
  switch (statusOf(status)) {
    case 'cancelled': return 'order_already_cancelled'
    case 'filled': return 'order_already_filled'
    default: return 'order_closed'
  }
}

function ask (state: Ledger, slot: number, reason: ClosureReason, say: Say): void {
  const { orders, holders } = state
  orders.put(slot, field.underWay, orders.of(slot, field.underWay) | cancelUnderWay)
  say({
    kind: 'cancel-order',
    orderId: orders.of(slot, field.id) as OrderId,
    holder: holders.of(orders.of(slot, field.holder), holderField.id) as HolderId,
    instrumentId: orders.instrumentIds[slot] as InstrumentId,
    reason
  })
}

/** Asks that all open orders of a holder, or those in one instrument, be cancelled; says how many that are. */
export function cancelOpen (
  state: Ledger, holder: number, of: { reason: ClosureReason, instrumentId: InstrumentId | null }, say: Say
): number {
  const { orders, holders } = state
  let count = 0
  for (let slot = holders.of(holder, holderField.firstOpen); slot !== 0; slot = orders.of(slot, field.next)) {
    if (of.instrumentId !== null && orders.instrumentIds[slot] !== of.instrumentId) continue
    if ((orders.of(slot, field.underWay) & cancelUnderWay) !== 0) continue
    count++
    // One leg of a pair takes the other with it.
    const other = orders.otherLeg(slot)
    if (other === 0 || (orders.of(other, field.underWay) & cancelUnderWay) === 0) ask(state, slot, of.reason, say)
    else orders.put(slot, field.underWay, orders.of(slot, field.underWay) | cancelUnderWay)
  }
  return count
}

export function cancelAll (
  state: Ledger, { holder, instrumentId, reason, kind }: CancelAll, { isLate }: Position, say: Say
): void {
  const slot = state.holders.find(holder)
  const refusal = refusalOfAll(state, { slot, instrumentId, isLate })
  const count = refusal === null ? cancelOpen(state, slot, { reason, instrumentId }, say) : 0
  sayOutcome(state, { holder, command: kind, refusal, count }, say)
}

function refusalOfAll (
  state: Ledger, of: { slot: number, instrumentId: InstrumentId | null, isLate: boolean }
): LedgerRefusal | null {
  if (of.slot === 0) return 'unknown_holder'
  if (of.instrumentId !== null && state.instruments.find(of.instrumentId) === undefined) return 'unknown_instrument'
  return of.isLate ? 'too_late' : null
}
