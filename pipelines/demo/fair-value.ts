// What a unit of an instrument is thought to be worth: a walk around its reference price. Pure: the same distances give
// the same values.
//
//   fair := tick of reference × (1 + swing)        swing in millionths
//
// The steps of the walk are the distances of a recording, pulled back in proportion to how far it has gone: values move
// all the time and stay around the reference.

import { microdollars, type Microdollars } from '../../schemas/units.ts'

/** In millionths of the reference. The walk forgets itself within some two thousand steps. */
const swingMax = 50_000
const swingPull = 2000

export type FairValueOptions = {
  readonly tickSize: Microdollars
  readonly referencePrice: Microdollars
  /** Walked in order, over and over, beginning at `from`. */
  readonly distances: Int16Array
  readonly from: number
}

export class FairValue {
  readonly #options: FairValueOptions
  #at: number
  #swing = 0

  constructor (options: FairValueOptions) {
    this.#options = options
    this.#at = options.from % options.distances.length
  }

  step (): void {
    const { distances } = this.#options
    const swung = this.#swing + distances[this.#at]! - Math.trunc(this.#swing / swingPull)
    this.#swing = Math.max(-swingMax, Math.min(swingMax, swung))
    this.#at = (this.#at + 1) % distances.length
  }

  get value (): Microdollars {
    const { referencePrice, tickSize } = this.#options
    const swung = referencePrice + Math.trunc(referencePrice * this.#swing / 1_000_000)
    return microdollars(Math.max(1, Math.trunc(swung / tickSize)) * tickSize)
  }
}
