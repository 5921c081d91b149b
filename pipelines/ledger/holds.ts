// What is held for an order, and by which money. Every change of a hold goes through `rehold`, which computes it anew
// from what the order is now; so nothing is ever released twice or forgotten.
//
//   buy      := limit × leaves + fees to come
//   notional := what is left of it (it pays fees, too)
//   sell     := leaves, in units
//   amend under way := the larger of before and after, as long as matching may do either
//   oco      := the larger of both legs', kept in the first leg's row; a leg that can fill no more holds nothing

import assert from 'node:assert/strict'
import { feesToCome } from './fees.ts'
import { holderField } from './holders.ts'
import type { Ledger } from './ledger.ts'
import { orderField as field, type Orders } from './orders.ts'
import { amendUnderWay, byNotionalBit, isOpenStatus, secondLegBit, sellBit } from './order-terms.ts'
import { positionField } from './positions.ts'

/** The position that an order is about. */
export const positionOf = ({ orders, positions }: Ledger, slot: number): number =>
  positions.find(orders.of(slot, field.holder), orders.of(slot, field.instrument) - 1)

/** What an order may still cost, its fees apart. */
export function notionalToCome (orders: Orders, slot: number): number {
  if ((orders.of(slot, field.terms) & byNotionalBit) !== 0) {
    const most = notionalPart(orders.of(slot, field.notional), orders.of(slot, field.takerBp))
    return Math.max(0, most - orders.of(slot, field.filledNotional))
  }
  const price = orders.of(slot, field.price)
  const leaves = orders.leaves(slot)
  if ((orders.of(slot, field.underWay) & amendUnderWay) === 0) return price * leaves
  const newPrice = orders.of(slot, field.newPrice)
  const more = unitsMore(orders, slot)
  return Math.max(Math.max(0, leaves + more) * newPrice, leaves * price + Math.max(0, more) * newPrice)
}

/** What an amend under way adds to the total, or takes from it. */
function unitsMore (orders: Orders, slot: number): number {
  const newQuantity = orders.of(slot, field.newQuantity)
  return newQuantity === 0 ? 0 : newQuantity - orders.of(slot, field.quantity)
}

/** Of an order by notional: the most that its fills can come to, whatever their fees. */
export function notionalPart (notional: number, bp: number): number {
  return notional - Math.ceil(notional * bp / (10_000 + bp))
}

/** What a buy may still cost altogether. */
function costToCome (orders: Orders, slot: number): number {
  if ((orders.of(slot, field.terms) & byNotionalBit) !== 0) {
    return orders.of(slot, field.notional) - orders.of(slot, field.filledNotional) - orders.of(slot, field.fee)
  }
  const notional = notionalToCome(orders, slot)
  const bp = Math.max(orders.of(slot, field.makerBp), orders.of(slot, field.takerBp))
  return notional + feesToCome(orders.of(slot, field.fees), notional, bp)
}

/** What a sell may still give. */
function unitsToGo (orders: Orders, slot: number): number {
  const leaves = orders.leaves(slot)
  if ((orders.of(slot, field.underWay) & amendUnderWay) === 0) return leaves
  return leaves + Math.max(0, unitsMore(orders, slot))
}

/** Whether a fill of it can still come: it is open, and its other leg has not filled. */
const mayFill = (orders: Orders, slot: number, other: number): boolean =>
  isOpenStatus(orders.of(slot, field.status)) && (other === 0 || orders.of(other, field.filled) === 0)

/** The row in which the hold of an order stands. */
export function holdSlot (orders: Orders, slot: number): number {
  return (orders.of(slot, field.terms) & secondLegBit) !== 0 ? orders.otherLeg(slot) : slot
}

/** What is to be held: cash (or units), and grant money. */
export type Hold = { held: number, grant: number }
// One object is used again and again: nobody keeps it.
const wanted: Hold = { held: 0, grant: 0 }

function count (orders: Orders, slot: number, other: number): void {
  if (!mayFill(orders, slot, other)) return
  if ((orders.of(slot, field.terms) & sellBit) !== 0) {
    wanted.held = Math.max(wanted.held, unitsToGo(orders, slot))
    return
  }
  const cost = costToCome(orders, slot)
  const notional = notionalToCome(orders, slot)
  const ofFee = Math.min(orders.of(slot, field.feeClaim), cost - notional)
  const grant = Math.min(orders.of(slot, field.notionalClaim), notional) + ofFee
  wanted.held = Math.max(wanted.held, cost - grant)
  wanted.grant = Math.max(wanted.grant, grant)
}

/** What an order, with its other leg, has to hold as it is now. To be read at once: the next call changes it. */
export function holdWanted (orders: Orders, slot: number): Hold {
  const other = orders.otherLeg(slot)
  wanted.held = 0
  wanted.grant = 0
  count(orders, slot, other)
  if (other !== 0) count(orders, other, slot)
  return wanted
}

/** Holds what the order needs as it is now, if the holder has it; else changes nothing. */
export function tryHold (state: Ledger, slot: number): boolean {
  const { orders, holders, positions } = state
  const { held, grant } = holdWanted(orders, slot)
  const row = holdSlot(orders, slot)
  const holder = orders.of(slot, field.holder)
  const more = held - orders.of(row, field.held)
  if ((orders.of(slot, field.terms) & sellBit) !== 0) {
    const position = positions.find(holder, orders.of(slot, field.instrument) - 1)
    if (more > (position === 0 ? 0 : positions.available(position))) return false
    if (position !== 0) positions.add(position, positionField.tradingHeld, more)
  } else {
    const moreGrant = grant - orders.of(row, field.heldGrant)
    if (more > holders.cashAvailable(holder) || moreGrant > holders.grantAvailable(holder)) return false
    holders.add(holder, holderField.cashHeld, more)
    holders.add(holder, holderField.grantHeld, moreGrant)
    orders.put(row, field.heldGrant, grant)
  }
  orders.put(row, field.held, held)
  return true
}

/** Holds what the order needs as it is now, and gives back the rest. What an order may cost never grows by itself. */
export function rehold (state: Ledger, slot: number): void {
  assert(tryHold(state, slot), 'Q3: more is held than is there')
}

/** Lets grant money pay for an order what it can, the notional first. Only at placement: matching is told then. */
export function claimGrant (state: Ledger, slot: number): void {
  const { orders, holders } = state
  const available = holders.grantAvailable(orders.of(slot, field.holder))
  if (available === 0) return
  const other = orders.otherLeg(slot)
  const larger = other !== 0 && costToCome(orders, other) > costToCome(orders, slot) ? other : slot
  const notional = notionalToCome(orders, larger)
  const ofNotional = Math.min(available, notional)
  const ofFee = Math.min(available - ofNotional, costToCome(orders, larger) - notional)
  for (const leg of other === 0 ? [slot] : [slot, other]) {
    orders.put(leg, field.notionalClaim, ofNotional)
    orders.put(leg, field.feeClaim, ofFee)
    trimClaims(orders, leg)
  }
}

/** After a fill, an amend, a lower total: claims are at most what the order may still cost. Matching does the same. */
export function trimClaims (orders: Orders, slot: number): void {
  const claim = orders.of(slot, field.notionalClaim)
  const fee = orders.of(slot, field.feeClaim)
  if (claim === 0 && fee === 0) return
  const underWay = orders.of(slot, field.underWay)
  // What is under way has not happened yet.
  orders.put(slot, field.underWay, underWay & ~amendUnderWay)
  const notional = notionalToCome(orders, slot)
  const fees = costToCome(orders, slot) - notional
  orders.put(slot, field.underWay, underWay)
  orders.put(slot, field.notionalClaim, Math.min(claim, notional))
  // Rounded up once over all fills, the fee of what an amend may make of it can fall by less than that of what it is.
  if ((underWay & amendUnderWay) === 0) orders.put(slot, field.feeClaim, Math.min(fee, fees))
}
