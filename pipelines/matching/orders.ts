// The orders themselves, each in a slot: a row of 64 bytes, numbers up to 2^53 in its first half and integers in its
// second. Rows rather than an array a field, because a match touches most of an order and a row is one cache line.
// Slot 0 is nobody's: it says "none".

import { type SelfTradePrevention, selfTradePrevention } from '../../schemas/matching/records.ts'
import type { HolderId, OrderId, OwnerId, Side, Units } from '../../schemas/units.ts'

/** What the book needs of a new order. */
export type NewOrder = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly owner: OwnerId
  readonly side: Side
  readonly postOnly: boolean
  readonly quantity: Units
  readonly selfTradePrevention: SelfTradePrevention
}

const slotsAtFirst = 2 ** 10

// Places in a row, counted in numbers.
export const orderIdAt = 0
export const holderAt = 1
const ownerAt = 2
export const notionalAt = 3
export const numbersShift = 3

// Places in a row, counted in integers.
export const ticksAt = 8
export const leavesAt = 9
export const filledAt = 10
export const previousAt = 11
export const nextAt = 12
export const flagsAt = 13
export const integersShift = 4

export const sellFlag = 1
const postOnlyFlag = 2
const modeShift = 2

const modeOf = (name: SelfTradePrevention): number => {
  switch (name) {
    case 'cancel_newest': return 0
    case 'cancel_oldest': return 1
    case 'cancel_both': return 2
    case 'decrement_and_cancel': return 3
  }
}

export class Orders {
  #capacity = slotsAtFirst
  // The rows. The book and the tape, which every command goes through, read them here; all others by the methods.
  numbers = new Float64Array(slotsAtFirst << numbersShift)
  integers = new Int32Array(this.numbers.buffer)
  /** Slots below this one have been used at least once; those that are free again hang together by `next`. */
  #unused = 1
  #free = 0

  /** A slot for an order that is not in the book yet. */
  open (order: NewOrder, ticks: number): number {
    const slot = this.#take()
    const row = slot << integersShift
    const integers = this.integers
    integers[row + ticksAt] = ticks
    integers[row + leavesAt] = order.quantity
    integers[row + filledAt] = 0
    integers[row + previousAt] = 0
    integers[row + nextAt] = 0
    integers[row + flagsAt] = (order.side === 'sell' ? sellFlag : 0) | (order.postOnly ? postOnlyFlag : 0) |
      modeOf(order.selfTradePrevention) << modeShift
    const numbers = this.numbers
    const long = slot << numbersShift
    numbers[long + orderIdAt] = order.orderId
    numbers[long + holderAt] = order.holder
    numbers[long + ownerAt] = order.owner
    numbers[long + notionalAt] = 0
    return slot
  }

  free (slot: number): void {
    this.integers[(slot << integersShift) + nextAt] = this.#free
    this.#free = slot
  }

  ticks (slot: number): number { return this.integers[(slot << integersShift) + ticksAt]! }
  leaves (slot: number): number { return this.integers[(slot << integersShift) + leavesAt]! }
  filled (slot: number): number { return this.integers[(slot << integersShift) + filledAt]! }
  previous (slot: number): number { return this.integers[(slot << integersShift) + previousAt]! }
  next (slot: number): number { return this.integers[(slot << integersShift) + nextAt]! }
  isSell (slot: number): boolean { return (this.integers[(slot << integersShift) + flagsAt]! & sellFlag) !== 0 }
  postOnly (slot: number): boolean { return (this.integers[(slot << integersShift) + flagsAt]! & postOnlyFlag) !== 0 }
  side (slot: number): Side { return this.isSell(slot) ? 'sell' : 'buy' }
  mode (slot: number): SelfTradePrevention {
    return selfTradePrevention[this.integers[(slot << integersShift) + flagsAt]! >> modeShift]!
  }

  orderId (slot: number): OrderId { return this.numbers[(slot << numbersShift) + orderIdAt]! as OrderId }
  holder (slot: number): HolderId { return this.numbers[(slot << numbersShift) + holderAt]! as HolderId }
  owner (slot: number): OwnerId { return this.numbers[(slot << numbersShift) + ownerAt]! as OwnerId }
  /** What its fills came to so far, in microdollars. */
  notional (slot: number): number { return this.numbers[(slot << numbersShift) + notionalAt]! }

  setTicks (slot: number, ticks: number): void { this.integers[(slot << integersShift) + ticksAt] = ticks }
  setLeaves (slot: number, leaves: number): void { this.integers[(slot << integersShift) + leavesAt] = leaves }
  setFilled (slot: number, quantity: number, notional: number): void {
    this.integers[(slot << integersShift) + filledAt] = quantity
    this.numbers[(slot << numbersShift) + notionalAt] = notional
  }

  /** Moves `quantity` from what is left to what is filled. */
  fill (slot: number, quantity: number, price: number): void {
    const row = slot << integersShift
    this.integers[row + leavesAt]! -= quantity
    this.integers[row + filledAt]! += quantity
    this.numbers[(slot << numbersShift) + notionalAt]! += quantity * price
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
    numbers.set(this.numbers)
    this.numbers = numbers
    this.integers = new Int32Array(numbers.buffer)
  }
}
