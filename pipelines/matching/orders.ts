// The orders themselves, each in a slot: a row of 64 bytes, numbers up to 2^53 in its first half and integers in its
// second. Rows rather than an array a field, because a match touches most of an order and a row is one cache line.
// Where a field stands in its row is known to this file alone: the compiler turns a module's own constants into
// numbers, but loads and checks an imported one anew at each use.
// Slot 0 is nobody's: it says "none".

import { type SelfTradePrevention, selfTradePrevention } from '../../schemas/matching/records.ts'
import type { HolderId, OrderId, OwnerId, Side } from '../../schemas/units.ts'

/** Who an order is and whose. */
export type Identity = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly owner: OwnerId
}

/** What stands in an order's flags; the last two matter only while it enters. */
export type Terms = {
  readonly isSell: boolean
  readonly postOnly: boolean
  readonly selfTradePrevention: SelfTradePrevention
  /** Whether what is left of it rests. */
  readonly rests: boolean
  /** Whether its price only protects it: then the band tightens it. */
  readonly isMarket: boolean
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

const sellFlag = 1
const postOnlyFlag = 2
const restsFlag = 4
const marketFlag = 8
const modeShift = 4

function modeOf (name: SelfTradePrevention): number {
  switch (name) {
    case 'cancel_newest': return 0
    case 'cancel_oldest': return 1
    case 'cancel_both': return 2
    case 'decrement_and_cancel': return 3
  }
}

export const flagsOf = ({ isSell, postOnly, selfTradePrevention, rests, isMarket }: Terms): number =>
  (isSell ? sellFlag : 0) | (postOnly ? postOnlyFlag : 0) | (rests ? restsFlag : 0) | (isMarket ? marketFlag : 0) |
    modeOf(selfTradePrevention) << modeShift

export class Orders {
  #capacity = slotsAtFirst
  #numbers = new Float64Array(slotsAtFirst << numbersShift)
  #integers = new Int32Array(this.#numbers.buffer)
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
  rests (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & restsFlag) !== 0 }
  isMarket (slot: number): boolean { return (this.#integers[(slot << integersShift) | flagsAt]! & marketFlag) !== 0 }
  side (slot: number): Side { return this.isSell(slot) ? 'sell' : 'buy' }
  mode (slot: number): SelfTradePrevention {
    return selfTradePrevention[this.#integers[(slot << integersShift) | flagsAt]! >> modeShift]!
  }

  orderId (slot: number): OrderId { return this.#numbers[(slot << numbersShift) | orderIdAt]! as OrderId }
  holder (slot: number): HolderId { return this.#numbers[(slot << numbersShift) | holderAt]! as HolderId }
  owner (slot: number): OwnerId { return this.#numbers[(slot << numbersShift) | ownerAt]! as OwnerId }
  /** What its fills came to so far, in microdollars. */
  notional (slot: number): number { return this.#numbers[(slot << numbersShift) | notionalAt]! }

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

  /** Moves `quantity` from what is left to what is filled. */
  fill (slot: number, quantity: number, price: number): void {
    const row = slot << integersShift
    this.#integers[row | leavesAt]! -= quantity
    this.#integers[row | filledAt]! += quantity
    this.#numbers[(slot << numbersShift) | notionalAt]! += quantity * price
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
    numbers.set(this.#numbers)
    this.#numbers = numbers
    this.#integers = new Int32Array(numbers.buffer)
  }
}
