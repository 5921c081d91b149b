// Addresses from which keys come that nobody has: so many a minute, and then nothing is looked up for them any more.

import type { Instant } from '../../schemas/units.ts'
import { countedAddress, FixedWindow } from '../http/rate-limit.ts'
import { Fault } from '../surfaces/fault.ts'

const windowMs = 60_000
const unknownKeysMax = 60

export class Strangers {
  readonly #window = new FixedWindow({ requests: unknownKeysMax, windowMs })
  readonly #barred = new Map<string, number>()

  /** A key came from there that nobody has. */
  count (address: string, now: Instant): void {
    const place = countedAddress(address)
    const { isAllowed, resetsAt } = this.#window.count(place, now)
    if (!isAllowed) this.#barred.set(place, resetsAt)
  }

  /** Throws a `Fault` where there were too many. */
  check (address: string, now: Instant): void {
    if (this.#barred.size === 0) return
    const until = this.#barred.get(countedAddress(address))
    if (until === undefined) return
    if (until <= now) {
      this.#barred.clear() // All windows end together.
      return
    }
    const wait = String(Math.ceil((until - now) / 1000))
    throw new Fault('rate_limited', `Too many requests with keys that nobody has; try again in ${wait} s.`, { headers: { 'retry-after': wait } })
  }
}
