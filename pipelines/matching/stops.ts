// Stop orders that wait for a last trade, in the order in which a moving price reaches them: buys from the lowest stop
// price up, sells from the highest down; at one price, and between the sides, the oldest first.

import type { Orders } from './orders.ts'
import { SlotQueue } from './slot-queue.ts'

export class Stops {
  readonly #orders: Orders
  readonly #buys = new SlotQueue()
  readonly #sells = new SlotQueue()
  #age = 0

  constructor (orders: Orders) {
    this.#orders = orders
  }

  get count (): number {
    return this.#buys.count + this.#sells.count
  }

  /** The youngest of all. */
  add (slot: number): void {
    const ticks = this.#orders.stopTicks(slot)
    this.#age++
    if (this.#orders.isSell(slot)) this.#sells.add(slot, -ticks, this.#age)
    else this.#buys.add(slot, ticks, this.#age)
  }

  remove (slot: number): void {
    this.#side(slot).remove(slot)
  }

  /** The stop that a last trade at `price` triggers next, or 0. */
  reached (price: number, tickSize: number): number {
    const buy = this.#buys.head
    const sell = this.#sells.head
    const isBuyReached = buy !== 0 && this.#orders.stopTicks(buy) * tickSize <= price
    const isSellReached = sell !== 0 && this.#orders.stopTicks(sell) * tickSize >= price
    if (isBuyReached && isSellReached) return this.#buys.second(buy) < this.#sells.second(sell) ? buy : sell
    if (isBuyReached) return buy
    return isSellReached ? sell : 0
  }

  /** All of them, the oldest first. */
  byAge (): number[] {
    const age = (slot: number): number => this.#side(slot).second(slot)
    return [...this.#buys.slots(), ...this.#sells.slots()].sort((a, b) => age(a) - age(b))
  }

  #side (slot: number): SlotQueue {
    return this.#orders.isSell(slot) ? this.#sells : this.#buys
  }
}
