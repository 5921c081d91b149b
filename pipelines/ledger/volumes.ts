// What a holder has traded, by day (UTC): the last day on which it did, in its own row, and a row for each of those of
// the thirty days before on which it did, too.

import type { Instant } from '../../schemas/units.ts'
import type { FeeTier } from '../../schemas/ledger/commands.ts'
import { holderField, type Holders } from './holders.ts'
import { Rows } from './rows.ts'

export const dayMs = 24 * 60 * 60 * 1000
const daysBefore = 30

export const dayField = { day: 0, notional: 1, next: 2 } as const
const width = 4

export const dayOf = (at: Instant): number => Math.floor(at / dayMs)

export class Volumes extends Rows {
  readonly #holders: Holders

  constructor (holders: Holders) {
    super(width)
    this.#holders = holders
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  record (holder: number, day: number, notional: number): void {
    const holders = this.#holders
    const last = holders.of(holder, holderField.day)
    if (last !== day) {
      if (last !== 0) this.append(holder, last, holders.of(holder, holderField.notional))
      holders.put(holder, holderField.day, day)
      holders.put(holder, holderField.notional, 0)
      this.#letGo(holder, day - daysBefore)
    }
    holders.add(holder, holderField.notional, notional)
  }

  /** A day before the last one. */
  append (holder: number, day: number, notional: number): void {
    const slot = this.take()
    this.put(slot, dayField.day, day)
    this.put(slot, dayField.notional, notional)
    const last = this.#holders.of(holder, holderField.lastDay)
    if (last === 0) this.#holders.put(holder, holderField.firstDay, slot)
    else this.put(last, dayField.next, slot)
    this.#holders.put(holder, holderField.lastDay, slot)
  }

  /** Of today and the days before that still count. */
  sum (holder: number, today: number): number {
    const holders = this.#holders
    const oldest = today - daysBefore
    let sum = holders.of(holder, holderField.day) >= oldest ? holders.of(holder, holderField.notional) : 0
    for (let slot = holders.of(holder, holderField.firstDay); slot !== 0; slot = this.of(slot, dayField.next)) {
      if (this.of(slot, dayField.day) >= oldest) sum += this.of(slot, dayField.notional)
    }
    return sum
  }

  #letGo (holder: number, oldest: number): void {
    const holders = this.#holders
    for (;;) {
      const first = holders.of(holder, holderField.firstDay)
      if (first === 0 || this.of(first, dayField.day) >= oldest) return
      const next = this.of(first, dayField.next)
      holders.put(holder, holderField.firstDay, next)
      if (next === 0) holders.put(holder, holderField.lastDay, 0)
      this.free(first)
    }
  }
}

/** The last tier that a volume reaches. */
export function tierOf (tiers: readonly FeeTier[], volume: number): FeeTier {
  let reached = tiers[0]!
  for (const tier of tiers) if (tier.volumeFrom <= volume) reached = tier
  return reached
}
