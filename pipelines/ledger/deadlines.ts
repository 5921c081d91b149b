// A heap of slots by deadline: whose time is up first. The deadline and what breaks ties stand in the owner's rows; how
// the heap lies shows nowhere, since the order in which it empties is the same however it lies.

export type DeadlinesOf = {
  deadlineOf (slot: number): number
  /** Of two with one deadline the lower comes first. No two are equal. */
  rankOf (slot: number): number
}

export class Deadlines {
  readonly #of: DeadlinesOf
  readonly #heap: number[] = []
  /** Where in the heap a slot is. */
  readonly #places = new Map<number, number>()

  constructor (of: DeadlinesOf) {
    this.#of = of
  }

  get count (): number {
    return this.#heap.length
  }

  has (slot: number): boolean {
    return this.#places.has(slot)
  }

  /** The slot whose time is up first, if it is; else 0. */
  due (now: number): number {
    const first = this.#heap[0]
    return first !== undefined && this.#of.deadlineOf(first) <= now ? first : 0
  }

  /** Its deadline is new, or another one. */
  set (slot: number): void {
    const place = this.#places.get(slot)
    if (place === undefined) {
      this.#heap.push(slot)
      this.#rise(this.#heap.length - 1)
    } else {
      this.#settle(place)
    }
  }

  /** It has none any more. */
  end (slot: number): void {
    const place = this.#places.get(slot)
    if (place === undefined) return
    this.#places.delete(slot)
    const last = this.#heap.pop()!
    if (place === this.#heap.length) return
    this.#heap[place] = last
    this.#settle(place)
  }

  #isBefore (a: number, b: number): boolean {
    const difference = this.#of.deadlineOf(a) - this.#of.deadlineOf(b)
    return difference === 0 ? this.#of.rankOf(a) < this.#of.rankOf(b) : difference < 0
  }

  #settle (place: number): void {
    const slot = this.#heap[place]!
    this.#rise(place)
    this.#sink(this.#places.get(slot)!)
  }

  #rise (from: number): void {
    const slot = this.#heap[from]!
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = this.#heap[parent]!
      if (!this.#isBefore(slot, above)) break
      this.#put(place, above)
      place = parent
    }
    this.#put(place, slot)
  }

  #sink (from: number): void {
    const slot = this.#heap[from]!
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#heap.length) break
      if (child + 1 < this.#heap.length && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (!this.#isBefore(this.#heap[child]!, slot)) break
      this.#put(place, this.#heap[child]!)
      place = child
    }
    this.#put(place, slot)
  }

  #put (place: number, slot: number): void {
    this.#heap[place] = slot
    this.#places.set(slot, place)
  }
}
