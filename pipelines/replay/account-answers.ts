// What became of each command of a partition of `orders`, or of the ledger, in columns: there are millions of them.

import type { OrderStatus, UpdateCause } from '../../schemas/matching/records.ts'
import type { Microdollars, Units } from '../../schemas/units.ts'

export type Answer = {
  readonly cause: UpdateCause
  readonly refused: boolean
  readonly status: OrderStatus
  readonly price: Microdollars
  readonly quantity: Units
  readonly filledQuantity: Units
}

const causes = ['place', 'cancel', 'amend', 'match', 'market'] as const satisfies readonly UpdateCause[]
const statuses = ['resting', 'partly_filled', 'filled', 'cancelled', 'refused', 'expired'] as const satisfies readonly OrderStatus[]
const refusedBit = 8
const statusShift = 4

export class Answers {
  /** 0: none; else the cause from 1, and whether it was refused; the status above. */
  readonly #words: Uint8Array
  readonly #prices: Float64Array
  readonly #quantities: Float64Array
  readonly #filled: Float64Array
  /** Orders that met the command's and closed. */
  readonly #closings: Uint16Array

  constructor (length: number) {
    this.#words = new Uint8Array(length)
    this.#prices = new Float64Array(length)
    this.#quantities = new Float64Array(length)
    this.#filled = new Float64Array(length)
    this.#closings = new Uint16Array(length)
  }

  put (offset: number, { cause, refused, status, price, quantity, filledQuantity }: Answer): void {
    const word = causes.indexOf(cause) + 1 + (refused ? refusedBit : 0)
    this.#words[offset] = word + (statuses.indexOf(status) << statusShift)
    this.#prices[offset] = price
    this.#quantities[offset] = quantity
    this.#filled[offset] = filledQuantity
  }

  close (offset: number): void {
    this.#closings[offset]!++
  }

  closings (offset: number): number {
    return this.#closings[offset] ?? 0
  }

  at (offset: number): Answer | undefined {
    const word = this.#words[offset] ?? 0
    if (word === 0) return undefined
    return {
      cause: causes[word % refusedBit - 1]!,
      refused: (word & refusedBit) !== 0,
      status: statuses[word >> statusShift]!,
      price: this.#prices[offset] as Microdollars,
      quantity: this.#quantities[offset] as Units,
      filledQuantity: this.#filled[offset] as Units
    }
  }
}
