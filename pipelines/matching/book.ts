// The book: one instrument's resting orders, by id and by level, in step.
//
//   rest, remove, reduce are the only writers.
//
// Invariants (pipelines/matching/README.md)
//   M1  A level holds what its orders have left, counts them, and is in the ladder exactly when it has one.
//   M2  The best buy is below the best sell; each is the true end of its side.
//   M3  Within a level orders stand in the order in which they came to rest.

import { priceTicksMax, type Side } from '../../schemas/units.ts'
import { OrderIndex } from './order-index.ts'
import {
  Orders, flagsAt, integersShift, leavesAt, nextAt, numbersShift, orderIdAt, previousAt, sellFlag, ticksAt
} from './orders.ts'
import { TickSet } from './tick-set.ts'

const levelsAtFirst = 2 ** 10

/** What `bestSell` is when nobody sells: above every limit. `noBuy` is below every limit. */
export const noSell = priceTicksMax + 1
export const noBuy = 0

// A level is a row of 32 bytes. Places in it, counted in integers; then the one counted in numbers.
const headAt = 0
const tailAt = 1
const countAt = 2
const levelShift = 3
const quantityAt = 2
const quantityShift = 2

export class Book {
  readonly orders = new Orders()
  readonly #index = new OrderIndex()
  readonly #ladder = new TickSet()
  // By tick, both sides in one: a book is never crossed, so the side of a level is which end of it it lies.
  #quantities = new Float64Array(levelsAtFirst << quantityShift)
  #levels = new Int32Array(this.#quantities.buffer)
  #capacity = levelsAtFirst
  bestBuy: number = noBuy
  bestSell: number = noSell

  /** How many orders rest. */
  get count (): number {
    return this.#index.count
  }

  /** The slot of a resting order, or 0. */
  find (orderId: number): number {
    return this.#index.find(orderId)
  }

  head (ticks: number): number { return ticks < this.#capacity ? this.#levels[ticks << levelShift]! : 0 }
  tail (ticks: number): number {
    return ticks < this.#capacity ? this.#levels[(ticks << levelShift) + tailAt]! : 0
  }

  /** What rests at a level; a float only in name, its sums are whole and below 2^53. */
  quantityAt (ticks: number): number {
    return ticks < this.#capacity ? this.#quantities[(ticks << quantityShift) + quantityAt]! : 0
  }

  ordersAt (ticks: number): number {
    return ticks < this.#capacity ? this.#levels[(ticks << levelShift) + countAt]! : 0
  }

  /** The level after this one, away from the inside; `noBuy` or `noSell` past the last. */
  beyond (ticks: number, isSell: boolean): number {
    return isSell ? this.#ladder.above(ticks, noSell) : this.#ladder.below(ticks, noBuy)
  }

  /** The slots of a side, best level first, within a level oldest first. Nothing may change meanwhile. */
  * inPriority (side: Side): Generator<number> {
    const isSell = side === 'sell'
    const end = isSell ? noSell : noBuy
    for (let ticks = isSell ? this.bestSell : this.bestBuy; ticks !== end; ticks = this.beyond(ticks, isSell)) {
      for (let slot = this.head(ticks); slot !== 0; slot = this.orders.next(slot)) yield slot
    }
  }

  /** Puts an order at the back of its level. It must not cross. */
  rest (slot: number): void {
    const { integers, numbers } = this.orders
    const order = slot << integersShift
    const ticks = integers[order + ticksAt]!
    if (ticks >= this.#capacity) this.#grow(ticks)
    const levels = this.#levels
    const level = ticks << levelShift
    const tail = levels[level + tailAt]!
    integers[order + previousAt] = tail
    integers[order + nextAt] = 0
    if (tail === 0) {
      levels[level + headAt] = slot
      this.#openLevel(ticks, (integers[order + flagsAt]! & sellFlag) !== 0)
    } else {
      integers[(tail << integersShift) + nextAt] = slot
    }
    levels[level + tailAt] = slot
    levels[level + countAt]!++
    this.#quantities[(ticks << quantityShift) + quantityAt]! += integers[order + leavesAt]!
    this.#index.add(numbers[(slot << numbersShift) + orderIdAt]!, slot)
  }

  /** Takes a resting order out, with what it has left. Its slot stays its own until it is freed. */
  remove (slot: number): void {
    const { integers, numbers } = this.orders
    const order = slot << integersShift
    const ticks = integers[order + ticksAt]!
    const previous = integers[order + previousAt]!
    const next = integers[order + nextAt]!
    const levels = this.#levels
    const level = ticks << levelShift
    if (previous === 0) levels[level + headAt] = next
    else integers[(previous << integersShift) + nextAt] = next
    if (next === 0) levels[level + tailAt] = previous
    else integers[(next << integersShift) + previousAt] = previous
    this.#quantities[(ticks << quantityShift) + quantityAt]! -= integers[order + leavesAt]!
    this.#index.remove(numbers[(slot << numbersShift) + orderIdAt]!)
    if (--levels[level + countAt]! === 0) this.#closeLevel(ticks)
  }

  /** A resting order was filled in part: its place stays. */
  fill (slot: number, quantity: number, price: number): void {
    this.orders.fill(slot, quantity, price)
    this.#quantities[(this.orders.ticks(slot) << quantityShift) + quantityAt]! -= quantity
  }

  /** Lowers what a resting order has left: its place stays. */
  reduce (slot: number, leaves: number): void {
    const { orders } = this
    this.#quantities[(orders.ticks(slot) << quantityShift) + quantityAt]! -= orders.leaves(slot) - leaves
    orders.setLeaves(slot, leaves)
  }

  #openLevel (ticks: number, isSell: boolean): void {
    this.#ladder.add(ticks)
    if (isSell) {
      if (ticks < this.bestSell) this.bestSell = ticks
    } else if (ticks > this.bestBuy) {
      this.bestBuy = ticks
    }
  }

  #closeLevel (ticks: number): void {
    this.#ladder.remove(ticks)
    if (ticks === this.bestSell) this.bestSell = this.#ladder.above(ticks, noSell)
    else if (ticks === this.bestBuy) this.bestBuy = this.#ladder.below(ticks, noBuy)
  }

  #grow (ticks: number): void {
    this.#capacity = 2 ** (32 - Math.clz32(ticks))
    const quantities = new Float64Array(this.#capacity << quantityShift)
    quantities.set(this.#quantities)
    this.#quantities = quantities
    this.#levels = new Int32Array(quantities.buffer)
  }
}
