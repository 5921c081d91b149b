// A limit a minute, as an allowance that refills evenly. Whole numbers throughout: what was taken is kept in units
// times milliseconds, so that no rounding adds up.

const minuteMs = 60_000

export class Meter {
  readonly perMinute: number
  /** Taken and not yet refilled, times a minute. */
  #taken = 0
  #at = 0

  constructor (perMinute: number) {
    this.perMinute = perMinute
  }

  #refill (now: number): void {
    this.#taken = Math.max(0, this.#taken - this.perMinute * (now - this.#at))
    this.#at = now
  }

  /** What is asked for beyond the whole allowance passes when all of it is there: else it never would. */
  has (amount: number, now: number): boolean {
    this.#refill(now)
    return this.#taken + Math.min(amount, this.perMinute) * minuteMs <= this.perMinute * minuteMs
  }

  /** Below 0 it gives back. */
  take (amount: number, now: number): void {
    this.#refill(now)
    this.#taken = Math.max(0, this.#taken + amount * minuteMs)
  }

  left (now: number): number {
    this.#refill(now)
    return Math.floor((this.perMinute * minuteMs - this.#taken) / minuteMs)
  }
}

/** Null: there is no limit. One that changes begins anew. */
export function meterOf (perMinute: number | null, before: Meter | null): Meter | null {
  if (perMinute === null) return null
  return before?.perMinute === perMinute ? before : new Meter(perMinute)
}
