// Purchases of Auto Mode: where requests wait, the ledger buys what all of them lack, one purchase at a time.

import type { SubmitOrder } from '../../../schemas/ledger/commands.ts'
import type { UsageRefusal } from '../../../schemas/ledger/refusals.ts'
import {
  type HolderId, type Microdollars, type Units, notionalMax, quantityMax, tokensPerUnit
} from '../../../schemas/units.ts'
import { holderField } from '../holders.ts'
import { notionalPart, positionOf } from '../holds.ts'
import { isCalm } from '../lots/due.ts'
import type { Ledger, Position, Say } from '../ledger.ts'
import { isOpenStatus } from '../order-terms.ts'
import { orderField } from '../orders.ts'
import { positionField as field } from '../positions.ts'
import { buy, dearestBp } from '../submit.ts'
import { isWithinBudget, leftOf } from './budgets.ts'
import { available } from './holding.ts'
import { requestField } from './requests.ts'
import { endWait, hasAll, hasEnough, refuse, serve } from './waiting.ts'

/** What the dearest purchase can come to, its fee included. */
const dearestMax = notionalMax + notionalMax / 20

/** Buys for those who wait, unless a purchase is open. Where nothing can be bought, nobody waits any more. */
export function buyForParked (state: Ledger, position: number, at: Position, say: Say): void {
  const { positions, holders } = state
  if (positions.of(position, field.firstParked) === 0 || positions.of(position, field.purchase) !== 0) return
  const holder = positions.of(position, field.holder)
  if (holders.isSuspended(holder)) { endWaits(state, position, 'purchase_failed', say); return }
  const wanted = wantedOf(state, position)
  const units = unitsOf(state, position, wanted)
  if (units < 1) { endWaits(state, position, 'insufficient_tokens', say); return }
  purchase(state, position, { units, limitPrice: wanted.limitPrice, at }, say)
}

type Lacking = { readonly lacking: number, readonly at: Position }

/** One that goes on got less than it asked for: it may ask again once there is more. Nobody waits for it. */
export function buyForRunning (state: Ledger, request: number, { lacking, at }: Lacking, say: Say): void {
  const { requests, positions, holders } = state
  const position = requests.of(request, requestField.position)
  const holder = requests.of(request, requestField.holder)
  const limitPrice = requests.of(request, requestField.limitPrice)
  const mayBuy = holders.isEasy(holder) && !holders.isSuspended(holder) && limitPrice !== 0
  if (!mayBuy || requests.isManaged(request) || positions.of(position, field.purchase) !== 0) return
  const spendMax = requests.of(request, requestField.spendMax)
  const units = unitsOf(state, position, { need: lacking, limitPrice, spendMax: spendMax === 0 ? Infinity : spendMax })
  if (units > 0) purchase(state, position, { units, limitPrice, at }, say)
}

type Wanted = { need: number, limitPrice: number, spendMax: number }

/** As many as are lacking; or as can be paid for. */
function unitsOf (state: Ledger, position: number, { need, limitPrice, spendMax }: Wanted): number {
  const { positions, holders } = state
  const holder = positions.of(position, field.holder)
  const funds = Math.min(holders.cashAvailable(holder) + holders.grantAvailable(holder), spendMax)
  const affordable = Math.floor(notionalPart(Math.min(funds, dearestMax), dearestBp(state, holder)) / limitPrice)
  const lacking = Math.ceil((need - available(state, position)) / tokensPerUnit)
  return Math.min(lacking, affordable, quantityMax, Math.floor(notionalMax / limitPrice))
}

function purchase (
  state: Ledger, position: number, { at, ...of }: Purchase & { readonly at: Position }, say: Say
): void {
  const { positions } = state
  positions.add(position, field.purchases, 1)
  positions.put(position, field.purchase, buy(state, orderOf(state, position, of), at, say))
  positions.put(position, field.calmIn, 0)
}

/** What all who wait need and may draw, the most that one of them pays a unit, the least that one of them spends. */
function wantedOf (state: Ledger, position: number): Wanted {
  const { positions, requests } = state
  const wanted = { need: 0, limitPrice: 0, spendMax: Infinity }
  let request = positions.of(position, field.firstParked)
  for (; request !== 0; request = requests.of(request, requestField.next)) {
    const left = Math.max(0, leftOf(state, requests.of(request, requestField.key)))
    wanted.need += Math.min(requests.of(request, requestField.need), left)
    wanted.limitPrice = Math.max(wanted.limitPrice, requests.of(request, requestField.limitPrice))
    const spendMax = requests.of(request, requestField.spendMax)
    if (spendMax !== 0) wanted.spendMax = Math.min(wanted.spendMax, spendMax)
  }
  return wanted
}

type Purchase = { readonly units: number, readonly limitPrice: number }

function orderOf (
  { positions, holders, instruments, now }: Ledger, position: number, { units, limitPrice }: Purchase
): SubmitOrder {
  const holder = holders.of(positions.of(position, field.holder), holderField.id) as HolderId
  const { instrumentId } = instruments.at(positions.of(position, field.instrument))
  const clientOrderId = `autobuy:${holder}:${instrumentId}:${positions.of(position, field.purchases)}`
  return {
    kind: 'submit-order',
    holder,
    instrumentId,
    side: 'buy',
    type: 'limit',
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: false,
    price: limitPrice as Microdollars,
    stopPrice: null,
    quantity: units as Units,
    notional: null,
    expiresAt: null,
    oco: null,
    clientOrderId,
    content: '',
    selfTradePrevention: 'cancel_newest',
    autoTransfer: true,
    bookSequence: null,
    submittedAt: now,
    commandId: clientOrderId
  }
}

/** What an outcome of an order means for who waits: served in order of arrival, then the next purchase, or none. */
export function servePurchase (state: Ledger, slot: number, at: Position, say: Say): void {
  const { orders, positions } = state
  const position = positionOf(state, slot)
  if (isCalm(state, position)) return
  if (positions.of(position, field.purchase) !== orders.of(slot, orderField.id)) return
  const isOpen = isOpenStatus(orders.of(slot, orderField.status))
  for (;;) {
    const request = positions.of(position, field.firstParked)
    if (request === 0) break
    if (!isWithinBudget(state, request)) refuse(state, request, 'budget_exhausted', say)
    else if (isServed(state, request, isOpen)) serve(state, request, { isManaged: false }, say)
    else break
  }
  if (isOpen) return
  positions.put(position, field.purchase, 0)
  if (orders.of(slot, orderField.filled) === 0) endWaits(state, position, 'purchase_failed', say)
  else buyForParked(state, position, at, say)
}

/** Has all that it waits for; or what it can do with, if the purchase that has closed was made for it, too. */
function isServed (state: Ledger, request: number, isOpen: boolean): boolean {
  const { requests, positions } = state
  if (hasAll(state, request)) return true
  const purchases = positions.of(requests.of(request, requestField.position), field.purchases)
  return !isOpen && requests.of(request, requestField.purchases) < purchases && hasEnough(state, request)
}

/** Nobody waits any more: each is served otherwise, or refused. */
function endWaits (state: Ledger, position: number, refusal: UsageRefusal, say: Say): void {
  const { positions } = state
  for (;;) {
    const request = positions.of(position, field.firstParked)
    if (request === 0) return
    endWait(state, request, refusal, say)
  }
}
