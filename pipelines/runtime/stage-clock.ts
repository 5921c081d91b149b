// Stage time: a function of the log, so that every reader of a partition has the same.
//
//   A clock record counts when its sender's own time and its append time agree within 5 s; it leads the partition's
//   clock to its append time. Any other record has its append time, held between the time of the record before it and
//   2 s after the last clock record that counted. No single wrong clock can move time: not a sender's, since its record
//   does not count; not a broker's, since then none does.
//
// Before the first clock record that counts there is no time: it stands at 0.

import type { Instant } from '../../schemas/units.ts'

export const clockToleranceMs = 5000
export const clockLeadMs = 2000

export class StageClock {
  #now: Instant
  #led: Instant

  constructor (now = 0 as Instant, led = 0 as Instant) {
    this.#now = now
    this.#led = led
  }

  get now (): Instant {
    return this.#now
  }

  get led (): Instant {
    return this.#led
  }

  /** Stage time of a record that is not a clock record. */
  pass (appended: Instant): Instant {
    if (this.#led === 0) return this.#now
    const latest = Math.min(appended, this.#led + clockLeadMs)
    if (latest > this.#now) this.#now = latest as Instant
    return this.#now
  }

  /** Whether a clock record counts; if it does, time is moved. */
  lead (sentAt: Instant, appended: Instant): boolean {
    if (Math.abs(sentAt - appended) > clockToleranceMs) return false
    if (appended > this.#led) this.#led = appended
    if (appended > this.#now) this.#now = appended
    return true
  }
}
