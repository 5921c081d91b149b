// The readings that were seen, by identity and by place, in lists by the second that decides when they are forgotten:
// that in which they came, or that in which they were measured if it is later. Whole seconds go, the oldest first.

import assert from 'node:assert/strict'
import { Fingerprint } from './fingerprint.ts'
import { KeyIndex } from './key-index.ts'
import { ReadingRows, rowField, wordsSaved } from './rows.ts'

/** A reading as it is remembered. One object is filled anew for each: what is kept of it are its words. */
export class Prints {
  readonly id = new Fingerprint()
  readonly place = new Fingerprint()
  readonly content = new Fingerprint()
}

/** `repeated`: its place was seen with its content. `contradicts`: its identity or its place, with another. */
export type Verdict = 'new' | 'repeated' | 'contradicts'

type Second = { first: number, last: number, count: number }

const none = 0

export class SeenReadings {
  readonly rows = new ReadingRows()
  readonly ids = new KeyIndex(this.rows, rowField.id)
  readonly places = new KeyIndex(this.rows, rowField.place)
  readonly #seconds = new Map<number, Second>()
  #forgottenBefore = -Infinity

  get count (): number {
    return this.rows.count
  }

  look ({ id, place, content }: Prints): Verdict {
    const ofPlace = this.places.find(place, content)
    if (ofPlace === 'same') return 'repeated'
    return ofPlace === 'other' || this.ids.find(id, content) !== null ? 'contradicts' : 'new'
  }

  /** Whether there is nothing about it that is not remembered. */
  has ({ id, content }: Prints): boolean {
    return this.ids.find(id, content) === 'same'
  }

  keep ({ id, place, content }: Prints, second: number): void {
    this.keepWords([id.low, id.high, place.low, place.high, content.low, content.high], second)
  }

  /** In the order in which they came, within a second. */
  keepWords (words: ArrayLike<number>, second: number): void {
    const row = this.rows.take()
    for (let field = 0; field < wordsSaved; field++) this.rows.put(row, field, words[field]!)
    this.rows.put(row, rowField.next, none)
    this.ids.add(row)
    this.places.add(row)
    const list = this.#seconds.get(second)
    if (list === undefined) {
      this.#seconds.set(second, { first: row, last: row, count: 1 })
      return
    }
    this.rows.put(list.last, rowField.next, row)
    list.last = row
    list.count++
  }

  forgetBefore (second: number): void {
    if (second <= this.#forgottenBefore) return
    this.#forgottenBefore = second
    for (const known of this.#seconds.keys()) if (known < second) this.#forget(known)
  }

  /** Returns which second it was. There must be one. */
  forgetOldest (): number {
    assert(this.#seconds.size > 0)
    let oldest = Infinity
    for (const known of this.#seconds.keys()) if (known < oldest) oldest = known
    this.#forget(oldest)
    return oldest
  }

  /** From the oldest on. */
  seconds (): { readonly second: number, readonly count: number }[] {
    return Array.from(this.#seconds, ([second, { count }]) => ({ second, count })).sort((a, b) => a.second - b.second)
  }

  /** The rows of a second, in the order in which they came. */
  * rowsOf (second: number): Generator<number> {
    const { rows } = this
    for (let row = this.#seconds.get(second)?.first ?? none; row !== none; row = rows.of(row, rowField.next)) yield row
  }

  /** Room for so many more, so that a restore does not grow step by step. */
  reserve (more: number): void {
    for (const part of [this.rows, this.ids, this.places]) part.reserve(more)
  }

  #forget (second: number): void {
    const { rows } = this
    let row = this.#seconds.get(second)!.first
    while (row !== none) {
      const next = rows.of(row, rowField.next)
      this.ids.remove(row)
      this.places.remove(row)
      rows.free(row)
      row = next
    }
    this.#seconds.delete(second)
  }
}
