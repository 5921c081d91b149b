// The book: one instrument's resting orders, by id and by level, in step.
//
//   rest, remove, fill, reduce are the only writers of what rests; wait and forget of what waits outside the levels.
//
// Invariants (pipelines/matching/README.md)
//   M1  A level holds what its orders have left, counts them, and is in the ladder exactly when it has one.
//   M2  The best buy is below the best sell; each is the true end of its side.
//   M3  Within a level orders stand in the order in which they came to rest.

import type { Side } from '../../schemas/units.ts'
import { Levels, noBuy, noSell } from './levels.ts'
import { OrderIndex } from './order-index.ts'
import { Orders } from './orders.ts'

export { noBuy, noSell } from './levels.ts'

export class Book {
  readonly orders = new Orders()
  readonly levels = new Levels()
  readonly #index = new OrderIndex()
  #waiting = 0

  get bestBuy (): number { return this.levels.bestBuy }
  get bestSell (): number { return this.levels.bestSell }

  /** How many orders rest. */
  get count (): number {
    return this.#index.count - this.#waiting
  }

  /** The slot of an order that rests or waits, or 0. */
  find (orderId: number): number {
    return this.#index.find(orderId)
  }

  head (ticks: number): number { return this.levels.has(ticks) ? this.levels.head(ticks) : 0 }
  tail (ticks: number): number { return this.levels.has(ticks) ? this.levels.tail(ticks) : 0 }
  quantityAt (ticks: number): number { return this.levels.has(ticks) ? this.levels.quantity(ticks) : 0 }
  ordersAt (ticks: number): number { return this.levels.has(ticks) ? this.levels.orders(ticks) : 0 }

  /** The level after this one, away from the inside; `noBuy` or `noSell` past the last. */
  beyond (ticks: number, isSell: boolean): number {
    return this.levels.beyond(ticks, isSell)
  }

  /** The slots of a side, best level first, within a level oldest first. Nothing may change meanwhile. */
  * inPriority (side: Side): Generator<number> {
    const isSell = side === 'sell'
    const end = isSell ? noSell : noBuy
    for (let ticks = isSell ? this.bestSell : this.bestBuy; ticks !== end; ticks = this.beyond(ticks, isSell)) {
      for (let slot = this.head(ticks); slot !== 0; slot = this.orders.next(slot)) yield slot
    }
  }

  /** Knows an order by its id that has no level: a stop, until it triggers. */
  wait (slot: number): void {
    this.#index.add(this.orders.orderId(slot), slot)
    this.#waiting++
  }

  /** The opposite of `wait`. */
  forget (slot: number): void {
    this.#index.remove(this.orders.orderId(slot), slot)
    this.#waiting--
  }

  /** Puts an order at the back of its level. It must not cross. */
  rest (slot: number): void {
    const { orders, levels } = this
    const ticks = orders.ticks(slot)
    levels.reach(ticks)
    const tail = levels.tail(ticks)
    orders.setPrevious(slot, tail)
    orders.setNext(slot, 0)
    levels.setTail(ticks, slot)
    levels.setOrders(ticks, levels.orders(ticks) + 1)
    levels.addQuantity(ticks, orders.leaves(slot))
    if (tail === 0) {
      levels.setHead(ticks, slot)
      levels.open(ticks, orders.isSell(slot))
    } else {
      orders.setNext(tail, slot)
    }
    this.#index.add(orders.orderId(slot), slot)
  }

  /** Takes a resting order out, with what it has left. Its slot stays its own until it is freed. */
  remove (slot: number): void {
    const { orders, levels } = this
    const ticks = orders.ticks(slot)
    const previous = orders.previous(slot)
    const next = orders.next(slot)
    const left = levels.orders(ticks) - 1
    levels.setOrders(ticks, left)
    levels.addQuantity(ticks, -orders.leaves(slot))
    if (previous === 0) levels.setHead(ticks, next)
    else orders.setNext(previous, next)
    if (next === 0) levels.setTail(ticks, previous)
    else orders.setPrevious(next, previous)
    if (left === 0) levels.close(ticks)
    this.#index.remove(orders.orderId(slot), slot)
  }

  /** A resting order was filled in part: its place stays. */
  fill (slot: number, quantity: number, price: number): void {
    this.orders.fill(slot, quantity, price)
    this.levels.addQuantity(this.orders.ticks(slot), -quantity)
  }

  /** Lowers what a resting order has left: its place stays. */
  reduce (slot: number, leaves: number): void {
    const { orders } = this
    this.levels.addQuantity(orders.ticks(slot), leaves - orders.leaves(slot))
    orders.setLeaves(slot, leaves)
  }
}
