// Rows of whole numbers, a slot each: what the ledger has a million of. A row costs eight bytes a field, and nothing to
// the collector of garbage. Which field means what stands in the file of each table. Slot 0 is nobody's: "none".
//
// Each table reads and writes its fields by methods of its own, all alike: shared ones would see every table's shape,
// and the compiler no longer know where to look.

import assert from 'node:assert/strict'
import type { ByteReader, ByteWriter } from './bytes.ts'

const slotsAtFirst = 2 ** 6

export abstract class Rows {
  /** Fields a row has; the last one of a free row leads to the next free one. */
  readonly width: number
  protected numbers: Float64Array<ArrayBuffer>
  /** Slots below this one have been used at least once. */
  #unused = 1
  #free = 0
  #count = 0

  constructor (width: number) {
    this.width = width
    this.numbers = new Float64Array(slotsAtFirst * width)
  }

  /** Rows in use. */
  get count (): number {
    return this.#count
  }

  /** One above the highest slot ever used. In a table that frees nothing, slots 1 to this one are its rows. */
  get end (): number {
    return this.#unused
  }

  abstract of (slot: number, field: number): number
  abstract put (slot: number, field: number, value: number): void
  abstract add (slot: number, field: number, amount: number): void

  /** Some fields of a row, for a snapshot. */
  write (writer: ByteWriter, slot: number, fields: readonly number[]): void {
    writer.row(this.numbers, slot * this.width, fields)
  }

  read (reader: ByteReader, slot: number, fields: readonly number[]): void {
    reader.row(this.numbers, slot * this.width, fields)
  }

  /** A row of zeros. */
  take (): number {
    this.#count++
    const slot = this.#free
    if (slot !== 0) {
      const row = slot * this.width
      this.#free = this.numbers[row + this.width - 1]!
      this.numbers.fill(0, row, row + this.width)
      return slot
    }
    if ((this.#unused + 1) * this.width > this.numbers.length) this.reserve(this.#unused)
    return this.#unused++
  }

  free (slot: number): void {
    assert(slot > 0)
    this.#count--
    this.numbers[(slot + 1) * this.width - 1] = this.#free
    this.#free = slot
  }

  /** Room for so many more, so that a restore does not grow step by step. */
  reserve (more: number): void {
    const wanted = (this.#unused + more + 1) * this.width
    if (wanted <= this.numbers.length) return
    const numbers = new Float64Array(wanted)
    numbers.set(this.numbers)
    this.numbers = numbers
  }
}
