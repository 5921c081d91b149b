// The orders themselves, each in a slot: a row of 64 bytes, numbers up to 2^53 in its first half and integers in its
// second. Rows rather than an array a field, because a match touches most of an order and a row is one cache line.
// What only some orders have (a ledger behind them, an expiry, a stop, another leg) is in a second row, which the
// others never touch.
// Where a field stands in its row is known to this file alone: the compiler turns a module's own constants into
// numbers, but loads and checks an imported one anew at each use.
// Slot 0 is nobody's: it says "none".

import { type PlaceOrder, type SelfTradePrevention, selfTradePrevention } from '../../schemas/matching/records.ts'
import type { HolderId, OrderId, OwnerId, Side } from '../../schemas/units.ts'

/** Who an order is and whose. */
export type Identity = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly owner: OwnerId
}

/** What stands in an order's flags. */
export type Terms =
  Pick<PlaceOrder, 'side' | 'type' | 'timeInForce' | 'postOnly' | 'selfTradePrevention' | 'isHeld' | 'isIssuer'>

/** What stands in its second row. */
export type MoreTerms = {
  /** How much of what it buys grant money still pays. */
  readonly grant: number
  /** 0: never. */
  readonly expiresAt: number
  /** Its stamp: the sweep period in which the ledger held for it; 0: none. */
  readonly period: number
  /** While it waits for its trigger. */
  readonly stopTicks: number
}

const slotsAtFirst = 2 ** 10

// Places in a row, counted in numbers.
const orderIdAt = 0
const holderAt = 1
const ownerAt = 2
const notionalAt = 3
const numbersShift = 3

// Places in a row, counted in integers.
const ticksAt = 8
const leavesAt = 9
const filledAt = 10
const previousAt = 11
const nextAt = 12
const flagsAt = 13
const integersShift = 4

// Places in a second row, counted in numbers.
const grantAt = 0
const expiresAtAt = 1
const periodAt = 2
const stopTicksAt = 3
const otherAt = 4
const budgetAt = 5
const moreShift = 3

const sellFlag = 1
const postOnlyFlag = 2
const restsFlag = 4
const marketFlag = 8
const modeShift = 4
const modeBits = 3
const heldFlag = 64
const issuerFlag = 128
const waitsFlag = 256
const moreFlag = 512
const budgetFlag = 1024

function modeOf (name: SelfTradePrevention): number {
  switch (name) {
    case 'cancel_newest': return 0
    case 'cancel_oldest': return 1
    case 'cancel_both': return 2
    case 'decrement_and_cancel': return 3
  }
}

/** A market order that asks to rest is taken as immediate-or-cancel: its price is no price to rest at. */
export function flagsOf (terms: Terms): number {
  const { type, timeInForce } = terms
  const flags = (terms.side === 'sell' ? sellFlag : 0) | (terms.postOnly ? postOnlyFlag : 0) |
    (terms.isHeld ? heldFlag : 0) | (terms.isIssuer ? issuerFlag : 0) | modeOf(terms.selfTradePrevention) << modeShift
  if (type === 'limit') return timeInForce === 'ioc' || timeInForce === 'fok' ? flags : flags | restsFlag
  if (type === 'market') return flags | marketFlag
  return flags | waitsFlag | (type === 'stop' ? marketFlag : restsFlag)
}

/** What orders were before a ledger stood behind some of them. */
export const withoutLedger = (flags: number): number => flags & ~(heldFlag | issuerFlag)

export class Orders {
  #capacity = slotsAtFirst
  #numbers = new Float64Array(slotsAtFirst << numbersShift)
  #integers = new Int32Array(this.#numbers.buffer)
  #more = new Float64Array(slotsAtFirst << moreShift)
  /** Slots below this one have been used at least once; those that are free again hang together by `next`. */
  #unused = 1
  #free = 0

  /** A slot for an order that is not in the book yet. */
  open ({ orderId, holder, owner }: Identity, ticks: number, leaves: number, flags: number): number {
    const slot = this.#take()
    const row = slot << integersShift
    const integers = this.#integers
    integers[row | ticksAt] = ticks
    integers[row | leavesAt] = leaves
    integers[row | filledAt] = 0
    integers[row | previousAt] = 0
    integers[row | nextAt] = 0
    integers[row | flagsAt] = flags
    const numbers = this.#numbers
    const long = slot << numbersShift
    numbers[long | orderIdAt] = orderId
    numbers[long | holderAt] = holder
    numbers[long | ownerAt] = owner
    numbers[long | notionalAt] = 0
    return slot
  }

  /** Gives an order its second row. */
  extend (slot: number, { grant, expiresAt, period, stopTicks }: MoreTerms): void {
    this.#integers[(slot << integersShift) | flagsAt]! |= moreFlag
    const more = this.#more
    const row = slot << moreShift
    more[row | grantAt] = grant
    more[row | expiresAtAt] = expiresAt
    more[row | periodAt] = period
    more[row | stopTicksAt] = stopTicks
    more[row | otherAt] = 0
  }

  free (slot: number): void {
    this.#integers[(slot << integersShift) | nextAt] = this.#free
    this.#free = slot
  }

  ticks (slot: number): number { return this.#integers[(slot << integersShift) | ticksAt]! }
  leaves (slot: number): number { return this.#integers[(slot << integersShift) | leavesAt]! }
  filled (slot: number): number { return this.#integers[(slot << integersShift) | filledAt]! }
  previous (slot: number): number { return this.#integers[(slot << integersShift) | previousAt]! }
  next (slot: number): number { return this.#integers[(slot << integersShift) | nextAt]! }
  isSell (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & sellFlag) !== 0 }
  postOnly (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & postOnlyFlag) !== 0 }
  /** Whether what is left of it rests. This and the next matter only while it enters. */
  rests (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & restsFlag) !== 0 }
  /** Whether its price only protects it: then the band tightens it. */
  isMarket (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & marketFlag) !== 0 }
  isHeld (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & heldFlag) !== 0 }
  isIssuer (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & issuerFlag) !== 0 }
  /** A stop that has not triggered: it is known by its id, and has no level. */
  waits (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & waitsFlag) !== 0 }
  hasMore (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & moreFlag) !== 0 }
  hasBudget (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & budgetFlag) !== 0 }
  side (slot: number): Side { return this.isSell(slot) ? 'sell' : 'buy' }
  mode (slot: number): SelfTradePrevention {
    return selfTradePrevention[this.#integers[(slot << integersShift) | flagsAt]! >> modeShift & modeBits]!
  }

  orderId (slot: number): OrderId { return this.#numbers[(slot << numbersShift) | orderIdAt]! as OrderId }
  holder (slot: number): HolderId { return this.#numbers[(slot << numbersShift) | holderAt]! as HolderId }
  owner (slot: number): OwnerId { return this.#numbers[(slot << numbersShift) | ownerAt]! as OwnerId }
  /** What its fills came to so far, in microdollars. */
  notional (slot: number): number { return this.#numbers[(slot << numbersShift) | notionalAt]! }

  grant (slot: number): number { return this.#ofMore(slot, grantAt) }
  /** 0: never. */
  expiresAt (slot: number): number { return this.#ofMore(slot, expiresAtAt) }
  period (slot: number): number { return this.#ofMore(slot, periodAt) }
  /** The tick of the last trade at which it enters; 0 when it does not wait for one. */
  stopTicks (slot: number): number { return this.waits(slot) ? this.#ofMore(slot, stopTicksAt) : 0 }
  /** The slot of its other leg, or 0. */
  other (slot: number): number { return this.#ofMore(slot, otherAt) }
  /** What its fills may come to, of an order by notional. */
  budget (slot: number): number { return this.#more[(slot << moreShift) | budgetAt]! }

  /** 1 when it sells, else 0. */
  sellBit (slot: number): number { return this.#integers[(slot << integersShift) | flagsAt]! & sellFlag }

  setPrevious (slot: number, other: number): void { this.#integers[(slot << integersShift) | previousAt] = other }
  setNext (slot: number, other: number): void { this.#integers[(slot << integersShift) | nextAt] = other }
  setTicks (slot: number, ticks: number): void { this.#integers[(slot << integersShift) | ticksAt] = ticks }
  setLeaves (slot: number, leaves: number): void { this.#integers[(slot << integersShift) | leavesAt] = leaves }
  setFilled (slot: number, quantity: number, notional: number): void {
    this.#integers[(slot << integersShift) | filledAt] = quantity
    this.#numbers[(slot << numbersShift) | notionalAt] = notional
  }

  // Of orders that have a second row.
  setGrant (slot: number, amount: number): void { this.#more[(slot << moreShift) | grantAt] = amount }
  setExpiresAt (slot: number, at: number): void { this.#more[(slot << moreShift) | expiresAtAt] = at }
  setStopTicks (slot: number, ticks: number): void { this.#more[(slot << moreShift) | stopTicksAt] = ticks }
  setOther (slot: number, other: number): void { this.#more[(slot << moreShift) | otherAt] = other }
  setBudget (slot: number, notional: number): void {
    this.#integers[(slot << integersShift) | flagsAt]! |= budgetFlag
    this.#more[(slot << moreShift) | budgetAt] = notional
  }

  trigger (slot: number): void {
    this.#integers[(slot << integersShift) | flagsAt]! &= ~waitsFlag
  }

  /** Moves `quantity` from what is left to what is filled. */
  fill (slot: number, quantity: number, price: number): void {
    const row = slot << integersShift
    this.#integers[row | leavesAt]! -= quantity
    this.#integers[row | filledAt]! += quantity
    this.#numbers[(slot << numbersShift) | notionalAt]! += quantity * price
  }

  #ofMore (slot: number, place: number): number {
    return this.hasMore(slot) ? this.#more[(slot << moreShift) | place]! : 0
  }

  #take (): number {
    const slot = this.#free
    if (slot !== 0) {
      this.#free = this.next(slot)
      return slot
    }
    if (this.#unused === this.#capacity) this.#grow()
    return this.#unused++
  }

  #grow (): void {
    this.#capacity *= 2
    const numbers = new Float64Array(this.#capacity << numbersShift)
    const more = new Float64Array(this.#capacity << moreShift)
    numbers.set(this.#numbers)
    more.set(this.#more)
    this.#numbers = numbers
    this.#integers = new Int32Array(numbers.buffer)
    this.#more = more
  }
}
