// Amends: judged and held for, then asked of matching. One at a time: until matching answers, what is held suffices for
// the order as it was and as it would be.

import type { SubmitAmend } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { TimeInForce } from '../../schemas/matching/records.ts'
import { type InstrumentId, type Instant, type Units, notionalMax, quantityMax } from '../../schemas/units.ts'
import { ownOrder, refusalOfOwn } from './cancel.ts'
import { positionOf, tryHold } from './holds.ts'
import { sayOutcome } from './keyed.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { bookDue } from './lots/due.ts'
import { isPrice, isWholeWithin, protects, verdictOfExpiry } from './order-checks.ts'
import { orderField as field } from './orders.ts'
import { amendUnderWay, sideOf, timeInForceNumber, timeInForceOf, typeOf } from './order-terms.ts'
import { dayMs, dayOf } from './volumes.ts'

export function amend (state: Ledger, command: SubmitAmend, { isLate }: Position, say: Say): void {
  const slot = ownOrder(state, command)
  if (slot !== 0) bookDue(state, positionOf(state, slot), say)
  const refusal = refusalOfOwn(state, { holder: command.holder, slot, isLate }) ??
    refusalOfAmend(state, slot, command) ?? begin(state, slot, command)
  if (refusal !== null) {
    sayOutcome(state, { holder: command.holder, command: command.kind, refusal, orderId: command.orderId }, say)
    return
  }
  const { orders } = state
  say({
    kind: 'amend-order',
    orderId: command.orderId,
    holder: command.holder,
    instrumentId: orders.instrumentIds[slot] as InstrumentId,
    price: command.price,
    quantity: command.quantity,
    quantityIs: 'total',
    stopPrice: command.stopPrice,
    expiresAt: newExpiry(state, command),
    quantityBefore: command.quantity === null ? null : orders.of(slot, field.quantity) as Units
  })
}

function refusalOfAmend (state: Ledger, slot: number, command: SubmitAmend): LedgerRefusal | null {
  const { orders, holders } = state
  if ((orders.of(slot, field.underWay) & amendUnderWay) !== 0) return 'amend_pending'
  const holder = orders.of(slot, field.holder)
  if (holders.isSuspended(holder)) return 'account_suspended'
  if (holders.isEasy(holder)) return 'auto_mode_trading_restricted'
  return verdictOfAmendment(state, slot, command)
}

const rests = (timeInForce: TimeInForce): boolean => timeInForce !== 'ioc' && timeInForce !== 'fok'

function verdictOfAmendment (state: Ledger, slot: number, command: SubmitAmend): LedgerRefusal | null {
  const { orders } = state
  const { price, quantity, stopPrice, timeInForce, expiresAt } = command
  const type = typeOf(orders.of(slot, field.terms))
  const before = timeInForceOf(orders.of(slot, field.timeInForce))
  const isNothing = [price, quantity, stopPrice, timeInForce, expiresAt].every(asked => asked === null)
  const isStop = type === 'stop' || type === 'stop_limit'
  const isPair = orders.of(slot, field.otherLeg) !== 0
  if (isNothing || type === 'market' || !rests(before) || !rests(timeInForce ?? before)) return 'unsupported'
  if ((stopPrice !== null && !isStop) || (quantity !== null && isPair)) return 'unsupported'
  if (quantity !== null && !isWholeWithin(quantity, 1, quantityMax)) return 'invalid_quantity'
  if (price !== null && !isPrice(price)) return 'invalid_price'
  if (type === 'stop' && !isProtected(state, slot, command)) return 'invalid_price'
  if (stopPrice !== null && !isPrice(stopPrice)) return 'invalid_stop_price'
  if (timeInForce !== null || expiresAt !== null) {
    const verdict = verdictOfExpiry(timeInForce ?? before, expiresAt, state.now)
    if (verdict !== null) return verdict
  }
  const leaves = Math.max(0, (quantity ?? orders.of(slot, field.quantity)) - orders.of(slot, field.filled))
  const worth = orders.of(slot, field.filledNotional) + leaves * (price ?? orders.of(slot, field.price))
  return worth > notionalMax ? 'notional_too_large' : null
}

function isProtected ({ orders, parameters }: Ledger, slot: number, { price, stopPrice }: SubmitAmend): boolean {
  if (price === null && stopPrice === null) return true
  if (stopPrice !== null && !isPrice(stopPrice)) return true
  return protects({
    side: sideOf(orders.of(slot, field.terms)),
    stopPrice: stopPrice ?? orders.of(slot, field.stopPrice),
    price: price ?? orders.of(slot, field.price),
    slippageBp: parameters.stopSlippageBp
  })
}

/** Notes what is asked, and holds for it, if there is enough. */
function begin (state: Ledger, slot: number, { price, quantity, timeInForce }: SubmitAmend): LedgerRefusal | null {
  const { orders } = state
  const before = orders.of(slot, field.underWay)
  orders.put(slot, field.underWay, before | amendUnderWay)
  orders.put(slot, field.newPrice, price ?? orders.of(slot, field.price))
  orders.put(slot, field.newQuantity, quantity ?? 0)
  const forceBefore = orders.of(slot, field.timeInForce)
  orders.put(slot, field.newTimeInForce, timeInForce === null ? forceBefore : timeInForceNumber(timeInForce))
  if (tryHold(state, slot)) return null
  orders.put(slot, field.underWay, before)
  for (const name of [field.newPrice, field.newQuantity, field.newTimeInForce]) orders.put(slot, name, 0)
  return sideOf(orders.of(slot, field.terms)) === 'buy' ? 'insufficient_balance' : 'insufficient_units'
}

/** As matching is told: 0 for never, null for as it is. */
function newExpiry ({ now }: Ledger, { timeInForce, expiresAt }: SubmitAmend): Instant | null {
  if (timeInForce === 'gtc') return 0 as Instant
  return timeInForce === 'day' ? (dayOf(now) + 1) * dayMs as Instant : expiresAt
}
