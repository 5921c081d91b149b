// Candles: the fills of one partition folded into bars of a second and of a minute.
//
//   apply is the only writer; take hands out what changed since it was last asked, as rows that replace older ones.
//
// Invariants
//   K1  A row is a function of the fills first_sequence to last_sequence; they are all of its bucket up to the last.
//   K2  Sequences have no gap: in every row trades = last_sequence - first_sequence + 1, and a bar begins where the
//       one before it ended.
//   K3  What lies before `boundary` is in bars that will never change. A fold that begins anew at the boundary hands
//       out the same rows from there on; what it hands out twice is equal, what it hands out early is superseded.
//   K4  Memory is one open bar of each width and the rows not yet taken.

import assert from 'node:assert/strict'
import type { BaseResolution, CandleRow } from '../../analytics/tables.ts'
import type { Fill } from '../../schemas/matching/records.ts'

const widthMs = { '1s': 1000, '1m': 60_000 } as const

export class CandleFold {
  #last: Fill | null = null
  #second: Bar | null = null
  #minute: Bar | null = null
  #boundary: number | null = null
  #finished: CandleRow[] = []
  #hasChanged = false

  /**
   * The offset of the first fill of the open minute: where a restart must read again. Null before the first fill.
   * A reader commits it, and nothing beyond it, once all that was taken is stored.
   */
  get boundary (): number | null {
    return this.#boundary
  }

  /** How many finished bars wait to be taken. */
  get pending (): number {
    return this.#finished.length
  }

  /** Adds the fill at an offset. False, and nothing changes, when it was added before. */
  apply (fill: Fill, offset: number): boolean {
    const last = this.#last
    if (last !== null) {
      if (fill.instrumentId === last.instrumentId && fill.sequence <= last.sequence) return false
      assertFollows(fill, last)
    }
    this.#second = this.#roll(this.#second, '1s', fill)
    const minute = this.#roll(this.#minute, '1m', fill)
    if (minute !== this.#minute) this.#boundary = offset // K3
    this.#minute = minute
    this.#second.add(fill)
    this.#minute.add(fill)
    this.#last = fill
    this.#hasChanged = true
    return true
  }

  /** The bars that were finished since the last call, and the open ones if they grew. */
  take (): CandleRow[] {
    const rows = this.#finished
    this.#finished = []
    if (this.#hasChanged) rows.push(this.#second!.row(), this.#minute!.row())
    this.#hasChanged = false
    return rows
  }

  /** The bar that a fill belongs to: the open one, or a new one after finishing that. */
  #roll (open: Bar | null, resolution: BaseResolution, fill: Fill): Bar {
    const bucket = Math.floor(fill.matchedAt / widthMs[resolution]) * widthMs[resolution]
    if (open?.bucket === bucket) return open
    if (open !== null) this.#finished.push(open.row())
    return new Bar(resolution, bucket, fill)
  }
}

/** The message is made only when it is needed: this runs for every fill. */
function assertFollows (fill: Fill, last: Fill): void {
  const follows = fill.sequence === last.sequence + 1 // K2
  if (follows && fill.instrumentId === last.instrumentId && fill.matchedAt >= last.matchedAt) return
  const [name, before] = [fill, last].map(({ instrumentId, sequence, matchedAt }) => `${instrumentId} ${sequence} at ${matchedAt}`)
  assert.fail(`fill ${name} can't follow ${before}`)
}

class Bar {
  readonly bucket: number
  readonly #resolution: BaseResolution
  readonly #first: Fill
  #last: Fill
  #high: number
  #low: number
  readonly #volume = new WideSum()
  readonly #notional = new WideSum()

  constructor (resolution: BaseResolution, bucket: number, first: Fill) {
    this.bucket = bucket
    this.#resolution = resolution
    this.#first = first
    this.#last = first
    this.#high = first.price
    this.#low = first.price
  }

  add (fill: Fill): void {
    this.#last = fill
    if (fill.price > this.#high) this.#high = fill.price
    if (fill.price < this.#low) this.#low = fill.price
    this.#volume.add(fill.quantity)
    this.#notional.addProduct(fill.price, fill.quantity)
  }

  row (): CandleRow {
    return {
      instrument_id: this.#first.instrumentId,
      resolution: this.#resolution,
      bucket: this.bucket,
      open: this.#first.price,
      high: this.#high,
      low: this.#low,
      close: this.#last.price,
      volume: this.#volume.value(),
      notional: this.#notional.value(),
      trades: this.#last.sequence - this.#first.sequence + 1,
      first_sequence: this.#first.sequence,
      last_sequence: this.#last.sequence
    }
  }
}

/** A sum that can pass 2^53: a number for as long as it is exact, and what was carried over as a bigint. */
class WideSum {
  #carried = 0n
  #rest = 0

  add (value: number): void {
    const sum = this.#rest + value
    // Rounding moves no sum from above the limit to below it: the comparison is right even where the sum is not.
    if (sum <= Number.MAX_SAFE_INTEGER) {
      this.#rest = sum
    } else {
      this.#carried += BigInt(this.#rest)
      this.#rest = value
    }
  }

  addProduct (a: number, b: number): void {
    const product = a * b
    if (product <= Number.MAX_SAFE_INTEGER) this.add(product)
    else this.#carried += BigInt(a) * BigInt(b)
  }

  value (): bigint {
    return this.#carried + BigInt(this.#rest)
  }
}
