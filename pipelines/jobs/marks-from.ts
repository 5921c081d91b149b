// Marks for reading a partition from its start, of which age may have taken the beginning: what a source says first
// there is where it begins. A reader that was there from the first record on must not be so generous.

import { Marks, type Origin, type Verdict } from '../runtime/origin.ts'

export class MarksFrom {
  readonly #marks = new Marks()
  readonly #firsts = new Map<string, number>()
  readonly #isTrimmed: boolean

  /** `start` is the first offset that is there. */
  constructor (start: number) {
    this.#isTrimmed = start > 0
  }

  see (origin: Origin): Verdict {
    if (this.#isTrimmed && !this.#firsts.has(origin.source)) {
      this.#marks.skipTo({ ...origin, sequence: origin.sequence - 1 })
    }
    const verdict = this.#marks.see(origin)
    if (verdict === 'new' && !this.#firsts.has(origin.source)) this.#firsts.set(origin.source, origin.sequence)
    return verdict
  }

  /** From which to which sequence each source was read. */
  ranges (): { readonly source: string, readonly first: number, readonly last: number }[] {
    return this.#marks.entries().filter(([source]) => this.#firsts.has(source))
      .map(([source, last]) => ({ source, first: this.#firsts.get(source)!, last }))
  }
}
