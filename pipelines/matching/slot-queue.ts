// Slots in the order of two keys: a binary heap that knows where each slot stands in it, so that any of them can leave.
// Keys stay what they were when the slot was added.

const placesAtFirst = 2 ** 6
const nowhere = 0

export class SlotQueue {
  /** From place 1: the children of a place are at twice it and one more. */
  #slots = new Int32Array(placesAtFirst)
  #count = 0
  // By slot.
  #places = new Int32Array(placesAtFirst)
  #firsts = new Float64Array(placesAtFirst)
  #seconds = new Float64Array(placesAtFirst)

  get count (): number {
    return this.#count
  }

  /** The slot whose turn is next; 0 when there is none. */
  get head (): number {
    return this.#count === 0 ? 0 : this.#slots[1]!
  }

  has (slot: number): boolean {
    return slot < this.#places.length && this.#places[slot] !== nowhere
  }

  /** The keys of a slot that is in it. */
  first (slot: number): number { return this.#firsts[slot]! }
  second (slot: number): number { return this.#seconds[slot]! }

  /** Slots with a lower `first` come earlier, among equals those with a lower `second`. The slot must not be in it. */
  add (slot: number, first: number, second: number): void {
    this.#reach(slot)
    this.#firsts[slot] = first
    this.#seconds[slot] = second
    this.#count++
    this.#rise(slot, this.#count)
  }

  /** The slot must be in it. */
  remove (slot: number): void {
    const place = this.#places[slot]!
    const last = this.#slots[this.#count]!
    this.#places[slot] = nowhere
    this.#count--
    if (last === slot) return
    if (place > 1 && this.#isBefore(last, this.#slots[place >> 1]!)) this.#rise(last, place)
    else this.#sink(last, place)
  }

  /** In no order that means anything. */
  slots (): number[] {
    return Array.from(this.#slots.subarray(1, this.#count + 1))
  }

  #isBefore (slot: number, other: number): boolean {
    const first = this.#firsts[slot]!
    const otherFirst = this.#firsts[other]!
    return first < otherFirst || (first === otherFirst && this.#seconds[slot]! < this.#seconds[other]!)
  }

  #rise (slot: number, from: number): void {
    let place = from
    for (let parent = place >> 1; parent > 0 && this.#isBefore(slot, this.#slots[parent]!); parent = place >> 1) {
      this.#put(this.#slots[parent]!, place)
      place = parent
    }
    this.#put(slot, place)
  }

  #sink (slot: number, from: number): void {
    let place = from
    for (let child = 2 * place; child <= this.#count; child = 2 * place) {
      if (child < this.#count && this.#isBefore(this.#slots[child + 1]!, this.#slots[child]!)) child++
      if (!this.#isBefore(this.#slots[child]!, slot)) break
      this.#put(this.#slots[child]!, place)
      place = child
    }
    this.#put(slot, place)
  }

  #put (slot: number, place: number): void {
    this.#slots[place] = slot
    this.#places[slot] = place
  }

  #reach (slot: number): void {
    if (this.#count + 1 >= this.#slots.length) {
      const slots = new Int32Array(2 * this.#slots.length)
      slots.set(this.#slots)
      this.#slots = slots
    }
    if (slot < this.#places.length) return
    const length = 2 ** (32 - Math.clz32(slot))
    const places = new Int32Array(length)
    const firsts = new Float64Array(length)
    const seconds = new Float64Array(length)
    places.set(this.#places)
    firsts.set(this.#firsts)
    seconds.set(this.#seconds)
    this.#places = places
    this.#firsts = firsts
    this.#seconds = seconds
  }
}
