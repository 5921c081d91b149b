// What an instrument has traded at lately: the volume-weighted mean of the last five minutes, by stage time, in
// buckets of a second. A bucket leaves when its second is five minutes old.

import type { Instant, Microdollars } from '../../schemas/units.ts'

export const windowSeconds = 300

/** What traded in one second. The notional can pass 2^53, so it comes in two parts: high × 2^32 + low. */
export type TradedSecond = {
  readonly second: number
  readonly quantity: number
  readonly notionalHigh: number
  readonly notionalLow: number
}

const lowSpan = 2 ** 32

export class TradeWindow {
  // Oldest first. Seconds without a trade have no bucket.
  #seconds: { second: number, quantity: number, notional: bigint }[] = []
  #quantity = 0
  #notional = 0n
  // Of the newest second, not yet in `#notional`: bigint arithmetic once a second or a question, not once a trade.
  #pending = 0

  get isEmpty (): boolean {
    return this.#quantity === 0
  }

  add (at: Instant, price: Microdollars, quantity: number): void {
    const second = Math.floor(at / 1000)
    if (this.#seconds.at(-1)?.second !== second) {
      this.#fold()
      this.#seconds.push({ second, quantity: 0, notional: 0n })
    }
    this.#seconds.at(-1)!.quantity += quantity
    this.#quantity += quantity
    this.#pending += price * quantity
    if (this.#pending > Number.MAX_SAFE_INTEGER / 2) this.#fold()
  }

  /** Forgets what is too old at `at`; true when there was something. */
  advance (at: Instant): boolean {
    const oldest = Math.floor(at / 1000) - windowSeconds
    if (this.#seconds.length === 0 || this.#seconds[0]!.second > oldest) return false
    this.#fold()
    const kept = this.#seconds.findIndex(bucket => bucket.second > oldest)
    for (const bucket of this.#seconds.splice(0, kept === -1 ? this.#seconds.length : kept)) {
      this.#quantity -= bucket.quantity
      this.#notional -= bucket.notional
    }
    return true
  }

  /** Rounded down to a microdollar. Only when it is not empty. */
  mean (): Microdollars {
    this.#fold()
    return Number(this.#notional / BigInt(this.#quantity)) as Microdollars
  }

  /** Oldest first. */
  buckets (): TradedSecond[] {
    this.#fold()
    return this.#seconds.map(({ second, quantity, notional }) => ({
      second,
      quantity,
      notionalHigh: Number(notional / BigInt(lowSpan)),
      notionalLow: Number(notional % BigInt(lowSpan))
    }))
  }

  restore (buckets: readonly TradedSecond[]): void {
    this.#seconds = buckets.map(({ second, quantity, notionalHigh, notionalLow }) => ({
      second, quantity, notional: BigInt(notionalHigh) * BigInt(lowSpan) + BigInt(notionalLow)
    }))
    this.#quantity = this.#seconds.reduce((sum, bucket) => sum + bucket.quantity, 0)
    this.#notional = this.#seconds.reduce((sum, bucket) => sum + bucket.notional, 0n)
    this.#pending = 0
  }

  #fold (): void {
    const newest = this.#seconds.at(-1)
    if (newest === undefined || this.#pending === 0) return
    const notional = BigInt(this.#pending)
    newest.notional += notional
    this.#notional += notional
    this.#pending = 0
  }
}
