// Dead-man timers: a heap of holders by deadline, ties by id. The deadline itself stands in the holder's row; how the
// heap lies shows nowhere, since the order in which it empties is the same however it lies.

import type { Instant } from '../../schemas/units.ts'
import { holderField, type Holders } from './holders.ts'

export class DeadMen {
  readonly #holders: Holders
  readonly #heap: number[] = []
  /** Where in the heap a holder's slot is. */
  readonly #places = new Map<number, number>()

  constructor (holders: Holders) {
    this.#holders = holders
  }

  get count (): number {
    return this.#heap.length
  }

  /** The holder whose time is up first, if it is; else 0. */
  due (now: Instant): number {
    const first = this.#heap[0]
    return first !== undefined && this.#at(first) <= now ? first : 0
  }

  /** Sets, moves or (with 0) ends a timer. */
  set (holder: number, deadline: number): void {
    const place = this.#places.get(holder)
    this.#holders.put(holder, holderField.deadManAt, deadline)
    if (deadline === 0) {
      if (place !== undefined) this.#remove(place)
      return
    }
    if (place === undefined) {
      this.#heap.push(holder)
      this.#rise(this.#heap.length - 1)
    } else {
      this.#settle(place)
    }
  }

  #at (holder: number): number {
    return this.#holders.of(holder, holderField.deadManAt)
  }

  #isBefore (a: number, b: number): boolean {
    const difference = this.#at(a) - this.#at(b)
    if (difference !== 0) return difference < 0
    return this.#holders.of(a, holderField.id) < this.#holders.of(b, holderField.id)
  }

  #remove (place: number): void {
    this.#places.delete(this.#heap[place]!)
    const last = this.#heap.pop()!
    if (place === this.#heap.length) return
    this.#heap[place] = last
    this.#settle(place)
  }

  #settle (place: number): void {
    const holder = this.#heap[place]!
    this.#rise(place)
    this.#sink(this.#places.get(holder)!)
  }

  #rise (from: number): void {
    const holder = this.#heap[from]!
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = this.#heap[parent]!
      if (!this.#isBefore(holder, above)) break
      this.#put(place, above)
      place = parent
    }
    this.#put(place, holder)
  }

  #sink (from: number): void {
    const holder = this.#heap[from]!
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#heap.length) break
      if (child + 1 < this.#heap.length && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (!this.#isBefore(this.#heap[child]!, holder)) break
      this.#put(place, this.#heap[child]!)
      place = child
    }
    this.#put(place, holder)
  }

  #put (place: number, holder: number): void {
    this.#heap[place] = holder
    this.#places.set(holder, place)
  }
}
