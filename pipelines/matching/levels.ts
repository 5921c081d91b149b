// The levels: by tick, what rests there. Rows of 32 bytes in one array that grows with the dearest price seen, and a
// set of the ticks that have one. Both sides share it: a book is never crossed, so the side of a level is which end of
// it it lies.

import { priceTicksMax } from '../../schemas/units.ts'
import { TickSet } from './tick-set.ts'

const levelsAtFirst = 2 ** 10

/** What the best sell is when nobody sells: above every limit. `noBuy` is below every limit. */
export const noSell = priceTicksMax + 1
export const noBuy = 0

// Places in a row, counted in integers; then the one counted in numbers.
const headAt = 0
const tailAt = 1
const countAt = 2
const integersShift = 3
const quantityAt = 2
const numbersShift = 2

export class Levels {
  #numbers = new Float64Array(levelsAtFirst << numbersShift)
  #integers = new Int32Array(this.#numbers.buffer)
  readonly #ladder = new TickSet()
  #capacity = levelsAtFirst
  bestBuy: number = noBuy
  bestSell: number = noSell

  // Of a level that has a row: any that an order ever stood at, and the best of a side.
  head (ticks: number): number { return this.#integers[(ticks << integersShift) | headAt]! }
  tail (ticks: number): number { return this.#integers[(ticks << integersShift) | tailAt]! }
  orders (ticks: number): number { return this.#integers[(ticks << integersShift) | countAt]! }
  /** What rests at it; a float only in name, its sums are whole and below 2^53. */
  quantity (ticks: number): number { return this.#numbers[(ticks << numbersShift) | quantityAt]! }

  setHead (ticks: number, slot: number): void { this.#integers[(ticks << integersShift) | headAt] = slot }
  setTail (ticks: number, slot: number): void { this.#integers[(ticks << integersShift) | tailAt] = slot }
  setOrders (ticks: number, count: number): void { this.#integers[(ticks << integersShift) | countAt] = count }
  addQuantity (ticks: number, change: number): void { this.#numbers[(ticks << numbersShift) | quantityAt]! += change }

  has (ticks: number): boolean {
    return ticks < this.#capacity
  }

  /** The level after this one, away from the inside; `noBuy` or `noSell` past the last. */
  beyond (ticks: number, isSell: boolean): number {
    return isSell ? this.#ladder.above(ticks, noSell) : this.#ladder.below(ticks, noBuy)
  }

  /** Makes a row for a level, whether or not it is in use yet. */
  reach (ticks: number): void {
    if (ticks >= this.#capacity) this.#grow(ticks)
  }

  /** The first order of a level has come. */
  open (ticks: number, isSell: boolean): void {
    this.#ladder.add(ticks)
    if (isSell) {
      if (ticks < this.bestSell) this.bestSell = ticks
    } else if (ticks > this.bestBuy) {
      this.bestBuy = ticks
    }
  }

  /** The last order of a level has gone. */
  close (ticks: number): void {
    this.#ladder.remove(ticks)
    if (ticks === this.bestSell) this.bestSell = this.#ladder.above(ticks, noSell)
    else if (ticks === this.bestBuy) this.bestBuy = this.#ladder.below(ticks, noBuy)
  }

  #grow (ticks: number): void {
    this.#capacity = 2 ** (32 - Math.clz32(ticks))
    const numbers = new Float64Array(this.#capacity << numbersShift)
    numbers.set(this.#numbers)
    this.#numbers = numbers
    this.#integers = new Int32Array(numbers.buffer)
  }
}
