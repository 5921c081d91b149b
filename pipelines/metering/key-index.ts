// From one of a row's fingerprints to the rows that have it: open addressing over rows. Several may have the same one,
// with other contents: then one contradicts the other.

import type { Fingerprint } from './fingerprint.ts'
import { type ReadingRows, rowField } from './rows.ts'

const none = 0
const entriesAtFirst = 2 ** 8
const spareFactor = 2

/** Whether a key was seen: with this content, or only with another. */
export type Found = 'same' | 'other' | null

export class KeyIndex {
  readonly #rows: ReadingRows
  readonly #field: number
  #entries = new Int32Array(entriesAtFirst)
  #mask = entriesAtFirst - 1
  #count = 0

  constructor (rows: ReadingRows, field: number) {
    this.#rows = rows
    this.#field = field
  }

  get count (): number {
    return this.#count
  }

  find (key: Fingerprint, content: Fingerprint): Found {
    const rows = this.#rows
    let found: Found = null
    for (let at = key.low & this.#mask; ; at = (at + 1) & this.#mask) {
      const row = this.#entries[at]!
      if (row === none) return found
      if (rows.of(row, this.#field) !== key.low || rows.of(row, this.#field + 1) !== key.high) continue
      const { low, high } = content
      if (rows.of(row, rowField.content) === low && rows.of(row, rowField.content + 1) === high) return 'same'
      found = 'other'
    }
  }

  /** Whether this very row is in it. */
  has (row: number): boolean {
    for (let at = this.#home(row); this.#entries[at] !== none; at = (at + 1) & this.#mask) {
      if (this.#entries[at] === row) return true
    }
    return false
  }

  add (row: number): void {
    if (++this.#count * spareFactor > this.#mask) this.reserve(this.#count)
    this.#put(row)
  }

  /** The row must be in it. What came after it in its run moves up, so there are no tombstones to sweep. */
  remove (row: number): void {
    const entries = this.#entries
    const mask = this.#mask
    let hole = this.#home(row)
    while (entries[hole] !== row) hole = (hole + 1) & mask
    this.#count--
    for (let at = (hole + 1) & mask; entries[at] !== none; at = (at + 1) & mask) {
      const home = this.#home(entries[at]!)
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      entries[hole] = entries[at]!
      hole = at
    }
    entries[hole] = none
  }

  /** Room for so many more. */
  reserve (more: number): void {
    let places = this.#mask + 1
    while ((this.#count + more) * spareFactor > places) places *= 2
    if (places === this.#mask + 1) return
    const entries = this.#entries
    this.#entries = new Int32Array(places)
    this.#mask = places - 1
    for (const row of entries) if (row !== none) this.#put(row)
  }

  #home (row: number): number {
    return this.#rows.of(row, this.#field) & this.#mask
  }

  #put (row: number): void {
    let at = this.#home(row)
    while (this.#entries[at] !== none) at = (at + 1) & this.#mask
    this.#entries[at] = row
  }
}
