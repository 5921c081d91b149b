// A new order: judged, held for, handed to matching. One that is refused is kept for a while, too, so that a repeat is
// answered as the first was.

import type { FeeTier, SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { OcoLeg } from '../../schemas/matching/records.ts'
import {
  type BasisPoints, type Instant, type Microdollars, type OrderId, type OwnerId, type Units, orderIdAt, periodOf
} from '../../schemas/units.ts'
import { keepClosed } from './closing.ts'
import { holderField } from './holders.ts'
import { claimGrant, tryHold } from './holds.ts'
import { bookDue } from './lots/due.ts'
import { sayOutcome } from './keyed.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { isTooLarge, verdictOfTerms } from './order-checks.ts'
import { orderState } from './order-state.ts'
import { orderField as field, type Orders } from './orders.ts'
import {
  type Refusal, byNotionalBit, clientIdBit, secondLegBit, sellBit, statusNumber, termsOf, timeInForceNumber
} from './order-terms.ts'
import { positionField } from './positions.ts'
import { wideHashOf } from './text-index.ts'
import { dayMs, dayOf, tierOf } from './volumes.ts'

export function submit (state: Ledger, command: SubmitOrder, position: Position, say: Say): void {
  const { orders, holders } = state
  const holder = holders.find(command.holder)
  if (holder !== 0) bookDueOf(state, holder, command, say)
  const first = holder === 0 || command.clientOrderId === null ? 0 : orders.byClient.find(holder, command.clientOrderId)
  if (first !== 0 && orders.contents[first] === command.content) {
    const orderId = orders.of(first, field.id) as OrderId
    sayOutcome(state, { holder: command.holder, command: command.kind, refusal: null, orderId }, say)
    return
  }
  const refusal = refusalOfSubmit(state, command, { holder, first, isLate: position.isLate })
  if (refusal === 'client_order_id_conflict') {
    const orderId = orders.of(first, field.id) as OrderId
    sayOutcome(state, { holder: command.holder, command: command.kind, refusal, orderId }, say)
    return
  }
  const slot = openRow(state, command, orderIdAt(position.partition, position.offset), holder)
  if (holder !== 0) {
    // A client order id that is another order's stays that one's.
    if (first === 0) reserve(state, slot, command)
    orders.enter(slot)
  }
  if (refusal !== null) refuse(state, { slot, refusal, command }, say)
  else hold(state, slot, command, position, say)
}

function bookDueOf (state: Ledger, holder: number, { instrumentId }: SubmitOrder, say: Say): void {
  const instrument = state.instruments.find(instrumentId)
  const home = instrument === undefined ? 0 : state.positions.find(holder, instrument.index)
  if (home !== 0) bookDue(state, home, say)
}

/** An order of the ledger's own, which the holder can pay for. Returns its id. */
export function buy (state: Ledger, command: SubmitOrder, position: Position, say: Say): OrderId {
  const { orders, holders } = state
  const holder = holders.find(command.holder)
  const id = orderIdAt(position.partition, position.offset)
  const slot = openRow(state, command, id, holder)
  if (orders.byClient.find(holder, command.clientOrderId!) === 0) reserve(state, slot, command)
  orders.enter(slot)
  hold(state, slot, command, position, say)
  return id
}

/** What a holder's buy pays in fees at most, in basis points. */
export function dearestBp (state: Ledger, holder: number): number {
  const { makerBp, takerBp } = tierAt(state, holder)
  return Math.max(makerBp, takerBp)
}

function reserve ({ orders }: Ledger, slot: number, { clientOrderId, content }: SubmitOrder): void {
  if (clientOrderId === null || clientOrderId === '') return
  orders.put(slot, field.terms, orders.of(slot, field.terms) | clientIdBit)
  orders.clientOrderIds[slot] = clientOrderId
  orders.contents[slot] = content
}

type Standing = { readonly holder: number, readonly first: number, readonly isLate: boolean }

/** All but the balances, in order of precedence. */
function refusalOfSubmit (
  state: Ledger, command: SubmitOrder, { holder, first, isLate }: Standing
): LedgerRefusal | null {
  const { holders, instruments, positions, parameters, now } = state
  if (holder === 0) return 'unknown_holder'
  const instrument = instruments.find(command.instrumentId)
  if (instrument === undefined) return 'unknown_instrument'
  if (first !== 0) return 'client_order_id_conflict'
  if (isLate) return 'too_late'
  if (holders.isSuspended(holder)) return 'account_suspended'
  if (holders.isEasy(holder)) return 'auto_mode_trading_restricted'
  const verdict = verdictOfTerms(command, { now, slippageBp: parameters.stopSlippageBp })
  if (verdict !== null) return verdict
  if (command.reduceOnly && command.side === 'buy') return 'reduce_only_buy'
  if (isTooLarge(command)) return 'notional_too_large'
  const open = positions.of(positions.find(holder, instrument.index), positionField.openOrders)
  return open + (command.oco === null ? 1 : 2) > parameters.openOrdersMax ? 'too_many_open_orders' : null
}

const wholeOrNone = (value: number | null): number =>
  value !== null && Number.isSafeInteger(value) && value > 0 ? value : 0

/** A row with what the command says; what it says in no way that could be meant is left out. */
function openRow (state: Ledger, command: SubmitOrder, id: OrderId, holder: number): number {
  const { orders, instruments, now } = state
  const slot = orders.take()
  orders.put(slot, field.id, id)
  orders.put(slot, field.holder, holder)
  const instrument = instruments.find(command.instrumentId)
  if (instrument !== undefined) orders.put(slot, field.instrument, instrument.index + 1)
  orders.put(slot, field.terms, termsOf(command) | (command.notional === null ? 0 : byNotionalBit))
  orders.put(slot, field.timeInForce, timeInForceNumber(command.timeInForce))
  orders.put(slot, field.price, wholeOrNone(command.price))
  orders.put(slot, field.stopPrice, wholeOrNone(command.stopPrice))
  orders.put(slot, field.quantity, wholeOrNone(command.quantity))
  orders.put(slot, field.notional, wholeOrNone(command.notional))
  orders.put(slot, field.expiresAt, command.timeInForce === 'day' ? (dayOf(now) + 1) * dayMs : wholeOrNone(command.expiresAt))
  orders.put(slot, field.submittedAt, wholeOrNone(command.submittedAt))
  orders.put(slot, field.acceptedAt, now)
  orders.put(slot, field.changedAt, now)
  orders.put(slot, field.command, wideHashOf(command.commandId))
  orders.instrumentIds[slot] = instrument?.instrumentId ?? command.instrumentId
  orders.clientOrderIds[slot] = ''
  orders.contents[slot] = ''
  return slot
}

type Refused = { readonly slot: number, readonly refusal: Refusal, readonly command: SubmitOrder }

function refuse (state: Ledger, { slot, refusal, command }: Refused, say: Say): void {
  const { orders } = state
  const isKept = orders.of(slot, field.holder) !== 0
  orders.put(slot, field.sequence, 1)
  if (isKept) {
    keepClosed(state, slot, { status: 'refused', closureReason: null, refusal })
    answerFirst(state, slot)
  } else {
    orders.put(slot, field.status, statusNumber('refused'))
    orders.put(slot, field.closedAt, state.now)
  }
  say({ ...orderState(state, slot, { cause: 'place', refusal }), holder: command.holder, clientOrderId: command.clientOrderId })
  if (!isKept) orders.free(slot)
}

/** Keeps what the order was when it was first answered. */
export function answerFirst ({ orders }: Ledger, slot: number): void {
  if (orders.of(slot, field.firstAt) !== 0) return
  orders.put(slot, field.firstStatus, orders.of(slot, field.status))
  orders.put(slot, field.firstClosure, orders.of(slot, field.closure))
  orders.put(slot, field.firstRefusal, orders.of(slot, field.refusal))
  orders.put(slot, field.firstFilled, orders.of(slot, field.filled))
  orders.put(slot, field.firstNotional, orders.of(slot, field.filledNotional))
  orders.put(slot, field.firstFee, orders.of(slot, field.fee))
  orders.put(slot, field.firstAt, orders.of(slot, field.changedAt))
}

/** Places the hold, if there is enough to hold, and hands the order to matching. */
function hold (state: Ledger, slot: number, command: SubmitOrder, { partition, offset }: Position, say: Say): void {
  const { orders, positions } = state
  const { makerBp, takerBp } = tierAt(state, orders.of(slot, field.holder))
  orders.put(slot, field.makerBp, makerBp)
  orders.put(slot, field.takerBp, takerBp)
  const second = command.oco === null ? 0 : openSecondLeg(state, slot, command, orderIdAt(partition, offset, 1))
  if (command.side === 'buy') claimGrant(state, slot)
  if (!tryHold(state, slot)) {
    for (const name of [field.notionalClaim, field.feeClaim, field.otherLeg]) orders.put(slot, name, 0)
    // A refused pair is one refused order.
    if (second !== 0) orders.drop(second)
    refuse(state, { slot, refusal: command.side === 'buy' ? 'insufficient_balance' : 'insufficient_units', command }, say)
    return
  }
  const account = positions.at(orders.of(slot, field.holder), orders.of(slot, field.instrument) - 1)
  orders.linkOpen(slot)
  if (second !== 0) orders.linkOpen(second)
  positions.add(account, positionField.openOrders, second === 0 ? 1 : 2)
  sayPlace(state, slot, command, say)
}

/** What is traded matters only where there is more than one tier. */
function tierAt ({ volumes, parameters: { feeTiers }, now }: Ledger, holder: number): FeeTier {
  return feeTiers.length === 1 ? feeTiers[0]! : tierOf(feeTiers, volumes.sum(holder, dayOf(now)))
}

function openSecondLeg (state: Ledger, slot: number, command: SubmitOrder, id: OrderId): number {
  const { orders } = state
  const { isLimit, stopPrice, price } = command.oco!
  const leg: SubmitOrder = { ...command, type: isLimit ? 'stop_limit' : 'stop', stopPrice, price, postOnly: false }
  const second = openRow(state, leg, id, orders.of(slot, field.holder))
  orders.put(second, field.terms, orders.of(second, field.terms) | secondLegBit)
  for (const name of [field.makerBp, field.takerBp]) orders.put(second, name, orders.of(slot, name))
  orders.put(second, field.otherLeg, orders.of(slot, field.id))
  orders.put(slot, field.otherLeg, id)
  orders.enter(second)
  return second
}

function sayPlace (state: Ledger, slot: number, command: SubmitOrder, say: Say): void {
  const { orders, holders, now } = state
  const holder = orders.of(slot, field.holder)
  const oco: OcoLeg | null = command.oco === null
    ? null
    : { orderId: orders.of(slot, field.otherLeg) as OrderId, ...command.oco }
  say({
    kind: 'place-order',
    orderId: orders.of(slot, field.id) as OrderId,
    holder: command.holder,
    owner: holders.of(holder, holderField.owner) as OwnerId,
    instrumentId: command.instrumentId,
    side: command.side,
    type: command.type,
    timeInForce: command.timeInForce,
    postOnly: command.postOnly,
    price: command.price!,
    quantity: orders.of(slot, field.quantity) as Units,
    selfTradePrevention: command.selfTradePrevention,
    stopPrice: command.stopPrice,
    expiresAt: (orders.of(slot, field.expiresAt) || null) as Instant | null,
    notional: command.notional,
    takerBp: orders.of(slot, field.takerBp) as BasisPoints,
    grantNotional: claimOf(orders, slot) as Microdollars,
    oco,
    isHeld: true,
    isIssuer: isOfIssued(state, slot),
    period: periodOf(now)
  })
}

/** Of a pair the larger claim: matching takes of it, for each leg, what that leg can come to. */
function claimOf (orders: Orders, slot: number): number {
  const other = orders.otherLeg(slot)
  const claim = orders.of(slot, field.notionalClaim)
  return other === 0 ? claim : Math.max(claim, orders.of(other, field.notionalClaim))
}

/** Whether a sell is of nothing but units that its holder issued: no sweep takes those. */
function isOfIssued ({ orders, positions, holders }: Ledger, slot: number): boolean {
  const holder = orders.of(slot, field.holder)
  if ((orders.of(slot, field.terms) & sellBit) === 0 || !holders.isIssuer(holder)) return false
  const position = positions.find(holder, orders.of(slot, field.instrument) - 1)
  return positions.of(position, positionField.tradingHeld) <= positions.of(position, positionField.issued)
}
