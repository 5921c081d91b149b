// An order as its holder sees it: the record that tells each of its changes.

import type { OrderState } from '../../schemas/ledger/records.ts'
import type { UpdateCause } from '../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, Units } from '../../schemas/units.ts'
import { holderField } from './holders.ts'
import { holdSlot } from './holds.ts'
import type { Ledger } from './ledger.ts'
import { type Orders, orderField as field } from './orders.ts'
import {
  type Refusal, autoTransferBit, closureOf, isOpenStatus, postOnlyBit, reduceOnlyBit, sideOf, statusOf, timeInForceOf,
  typeOf
} from './order-terms.ts'

/** What the state answers, and whether it says no. */
export type Answer = { readonly cause: UpdateCause, readonly refusal: Refusal | null }

const orNull = (value: number): number | null => value === 0 ? null : value

/** The order's state now. */
export function orderState (state: Ledger, slot: number, { cause, refusal }: Answer): OrderState {
  const { orders, holders } = state
  const terms = orders.of(slot, field.terms)
  const type = typeOf(terms)
  return {
    kind: 'order-state',
    orderId: orders.of(slot, field.id) as OrderId,
    sequence: orders.of(slot, field.sequence),
    holder: holders.of(orders.of(slot, field.holder), holderField.id) as HolderId,
    instrumentId: orders.instrumentIds[slot] as InstrumentId,
    cause,
    refusal,
    status: statusOf(orders.of(slot, field.status)),
    closureReason: closureOf(orders.of(slot, field.closure)),
    clientOrderId: orders.hasClientId(slot) ? orders.clientOrderIds[slot]! : null,
    side: sideOf(terms),
    type,
    timeInForce: timeInForceOf(orders.of(slot, field.timeInForce)),
    postOnly: (terms & postOnlyBit) !== 0,
    reduceOnly: (terms & reduceOnlyBit) !== 0,
    autoTransfer: (terms & autoTransferBit) !== 0,
    price: type === 'market' ? null : orNull(orders.of(slot, field.price)) as Microdollars | null,
    stopPrice: orNull(orders.of(slot, field.stopPrice)) as Microdollars | null,
    quantity: orders.of(slot, field.quantity) as Units,
    notional: orNull(orders.of(slot, field.notional)) as Microdollars | null,
    filledQuantity: orders.of(slot, field.filled) as Units,
    filledNotional: orders.of(slot, field.filledNotional) as Microdollars,
    fee: orders.of(slot, field.fee) as Microdollars,
    heldAmount: heldAmount(orders, slot),
    otherLeg: orders.of(slot, field.otherLeg) as OrderId,
    expiresAt: orNull(orders.of(slot, field.expiresAt)) as Instant | null,
    submittedAt: orders.of(slot, field.submittedAt) as Instant,
    acceptedAt: orders.of(slot, field.acceptedAt) as Instant,
    at: orders.of(slot, field.changedAt) as Instant,
    closedAt: orNull(orders.of(slot, field.closedAt)) as Instant | null
  }
}

/** The hold of a pair is told once: of its first leg while that is open, then of the other. */
function heldAmount (orders: Orders, slot: number): number {
  const first = holdSlot(orders, slot)
  const isFirstOpen = first !== slot && isOpenStatus(orders.of(first, field.status))
  const isTold = isOpenStatus(orders.of(slot, field.status)) && !isFirstOpen
  return isTold ? orders.of(first, field.held) + orders.of(first, field.heldGrant) : 0
}
