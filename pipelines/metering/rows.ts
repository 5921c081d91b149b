// A row a reading: its three fingerprints, and the next one of its second. Row 0 is none.

import assert from 'node:assert/strict'

export const rowField = { id: 0, place: 2, content: 4, next: 6 } as const
/** Numbers of a row that a snapshot has: all but `next`. */
export const wordsSaved = 6

const width = 7
const rowsAtFirst = 2 ** 6

export class ReadingRows {
  #words = new Int32Array(rowsAtFirst * width)
  /** Rows below this one have been used at least once. */
  #unused = 1
  #free = 0
  #count = 0

  get count (): number {
    return this.#count
  }

  of (row: number, field: number): number {
    return this.#words[row * width + field]!
  }

  put (row: number, field: number, word: number): void {
    this.#words[row * width + field] = word
  }

  /** A row whose words are still those of whoever had it before. */
  take (): number {
    this.#count++
    const row = this.#free
    if (row !== 0) {
      this.#free = this.of(row, rowField.next)
      return row
    }
    if ((this.#unused + 1) * width > this.#words.length) this.reserve(this.#unused)
    return this.#unused++
  }

  free (row: number): void {
    assert(row > 0)
    this.#count--
    this.put(row, rowField.next, this.#free)
    this.#free = row
  }

  /** Room for so many more. */
  reserve (more: number): void {
    const wanted = (this.#unused + more + 1) * width
    if (wanted <= this.#words.length) return
    const words = new Int32Array(wanted)
    words.set(this.#words)
    this.#words = words
  }
}
