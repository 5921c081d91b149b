// What matching did to an order: its fills, its answer, its end. The ledger gives back on matching's word only.

import assert from 'node:assert/strict'
import type { OrderOutcome } from '../../schemas/matching/records.ts'
import { close } from './closing.ts'
import { bookLegs } from './fills.ts'
import { holderField } from './holders.ts'
import { positionOf, rehold, trimClaims } from './holds.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { bookDue, bookReleased } from './lots/due.ts'
import { orderState } from './order-state.ts'
import { orderField as field } from './orders.ts'
import {
  amendUnderWay, byNotionalBit, cancelUnderWay, isOpenStatus, statusNumber
} from './order-terms.ts'
import { answerFirst } from './submit.ts'
import { servePurchase } from './usage/purchases.ts'

export function takeOutcome (state: Ledger, outcome: OrderOutcome, at: Position, say: Say): void {
  const { orders, holders } = state
  const slot = orders.find(outcome.orderId)
  if (slot === 0) {
    // The order closed, and was forgotten, before matching came to the command.
    assert(outcome.refusal !== null && outcome.cause !== 'place', `an outcome of order ${outcome.orderId}, which nobody knows`)
    return
  }
  assert(holders.of(orders.of(slot, field.holder), holderField.id) === outcome.holder, 'an outcome for another holder')
  const position = positionOf(state, slot)
  bookDue(state, position, say)
  if (!isOpenStatus(orders.of(slot, field.status))) {
    assert(outcome.refusal !== null && outcome.cause !== 'place', `H3: order ${outcome.orderId} closed twice`)
    refuseClosed(state, slot, outcome, say)
    return
  }
  if (outcome.refusal === null) applyTerms(state, slot, outcome)
  else if (outcome.cause === 'amend' || outcome.cause === 'cancel') endCommand(state, slot, outcome.cause)
  if (outcome.legs.length > 0) bookLegs(state, slot, outcome, say)
  trimClaims(orders, slot)
  if (outcome.isLast) conclude(state, slot, outcome, say)
  else rehold(state, slot)
  bookReleased(state, position, say)
  servePurchase(state, slot, at, say)
}

/** The order as the command left it. Of a stop that has triggered, the stop price is no more than history. */
function applyTerms (state: Ledger, slot: number, outcome: OrderOutcome): void {
  const { orders } = state
  const { cause, price, stopPrice, quantity, expiresAt } = outcome
  if ((orders.of(slot, field.terms) & byNotionalBit) === 0) {
    if (cause !== 'amend' && quantity !== orders.of(slot, field.quantity)) loseAmendOfTotal(state, slot)
    orders.put(slot, field.quantity, quantity)
  }
  orders.put(slot, field.price, price)
  if (stopPrice !== null) orders.put(slot, field.stopPrice, stopPrice)
  orders.put(slot, field.expiresAt, expiresAt ?? 0)
  if (cause !== 'amend' && cause !== 'cancel') return
  if (cause === 'amend' && isUnderWay(state, slot, amendUnderWay)) orders.put(slot, field.timeInForce, orders.of(slot, field.newTimeInForce))
  endCommand(state, slot, cause)
}

const isUnderWay = ({ orders }: Ledger, slot: number, bit: number): boolean =>
  (orders.of(slot, field.underWay) & bit) !== 0

/** An own order took of it: matching will refuse a total that was asked for before, and nothing is held for that. */
function loseAmendOfTotal ({ orders }: Ledger, slot: number): void {
  if (orders.of(slot, field.newQuantity) === 0) return
  orders.put(slot, field.newQuantity, 0)
  orders.put(slot, field.newPrice, orders.of(slot, field.price))
}

/** Matching has answered. */
function endCommand ({ orders }: Ledger, slot: number, cause: 'amend' | 'cancel'): void {
  const bit = cause === 'amend' ? amendUnderWay : cancelUnderWay
  orders.put(slot, field.underWay, orders.of(slot, field.underWay) & ~bit)
  if (cause === 'cancel') return
  for (const name of [field.newPrice, field.newQuantity, field.newTimeInForce]) orders.put(slot, name, 0)
}

function conclude (state: Ledger, slot: number, outcome: OrderOutcome, say: Say): void {
  const { orders, now } = state
  const { cause, refusal, status, closureReason } = outcome
  assert(orders.of(slot, field.filled) === outcome.filledQuantity, 'H3: other units filled than matching says')
  assert(orders.of(slot, field.filledNotional) === outcome.filledNotional, 'H3: another notional filled than matching says')
  orders.put(slot, field.changedAt, now)
  orders.add(slot, field.sequence, 1)
  const number = statusNumber(status)
  if (isOpenStatus(number)) orders.put(slot, field.status, number)
  else close(state, slot, { status, closureReason, refusal: status === 'refused' ? refusal : null })
  rehold(state, slot)
  answerFirst(state, slot)
  say(orderState(state, slot, { cause, refusal }))
}

/** A command met an order that was no more. A cancel has its answer in the order's end; an amend is told. */
function refuseClosed (state: Ledger, slot: number, { cause, refusal }: OrderOutcome, say: Say): void {
  if (cause !== 'amend') return
  const { orders, now } = state
  orders.put(slot, field.changedAt, now)
  orders.add(slot, field.sequence, 1)
  say(orderState(state, slot, { cause, refusal }))
}
