// From a number to the slot of the row that has it in one of its fields: open addressing over slots. Matching has one
// like it over rows of its own; cores share no code but schemas.

import type { Rows } from './rows.ts'

const none = 0
const entriesAtFirst = 2 ** 8
const spareFactor = 2

export class IdIndex {
  readonly #rows: Rows
  readonly #field: number
  // Two a place: the slot, and the hash of its number, so that a row is only looked at when it is most likely the one.
  #entries = new Int32Array(2 * entriesAtFirst)
  #mask = entriesAtFirst - 1
  #count = 0

  constructor (rows: Rows, field: number) {
    this.#rows = rows
    this.#field = field
  }

  /** The slot, or 0. */
  find (id: number): number {
    const entries = this.#entries
    const mask = this.#mask
    const hash = spread(id)
    let at = hash & mask
    for (;;) {
      const slot = entries[2 * at]!
      if (slot === none || (entries[2 * at + 1] === hash && this.#rows.of(slot, this.#field) === id)) return slot
      at = (at + 1) & mask
    }
  }

  /** The number must not be in it. */
  add (slot: number): void {
    if (++this.#count * spareFactor > this.#mask) this.reserve(this.#count)
    this.#put(slot, spread(this.#rows.of(slot, this.#field)))
  }

  /** The slot must be in it. What came after it in its run moves up, so there are no tombstones to sweep. */
  remove (slot: number): void {
    const entries = this.#entries
    const mask = this.#mask
    let hole = spread(this.#rows.of(slot, this.#field)) & mask
    while (entries[2 * hole] !== slot) hole = (hole + 1) & mask
    this.#count--
    let at = (hole + 1) & mask
    while (entries[2 * at] !== none) {
      const hash = entries[2 * at + 1]!
      if (((at - hash) & mask) >= ((at - hole) & mask)) {
        entries[2 * hole] = entries[2 * at]!
        entries[2 * hole + 1] = hash
        hole = at
      }
      at = (at + 1) & mask
    }
    entries[2 * hole] = none
  }

  /** Room for so many more. */
  reserve (more: number): void {
    let places = this.#mask + 1
    while ((this.#count + more) * spareFactor > places) places *= 2
    if (places === this.#mask + 1) return
    const entries = this.#entries
    this.#entries = new Int32Array(2 * places)
    this.#mask = places - 1
    for (let at = 0; at < entries.length; at += 2) if (entries[at] !== none) this.#put(entries[at]!, entries[at + 1]!)
  }

  #put (slot: number, hash: number): void {
    const entries = this.#entries
    const mask = this.#mask
    let at = hash & mask
    while (entries[2 * at] !== none) at = (at + 1) & mask
    entries[2 * at] = slot
    entries[2 * at + 1] = hash
  }
}

// Multiplying scatters ids in a row evenly; what passes 32 bits is folded in first.
function spread (id: number): number {
  const low = id | 0
  const folded = low === id ? low : low ^ Math.imul(id / 2 ** 32, 0x85ebca6b)
  const scattered = Math.imul(folded, 0x9e3779b1)
  return scattered ^ (scattered >>> 15)
}
