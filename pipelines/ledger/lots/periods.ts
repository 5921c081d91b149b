// When this partition came to know of each sweep period: at its first record at or after the sweep. That is a second or
// two late at most, but for a log that stood still: then it is worth a note.

import { type Instant, periodMs, periodOf } from '../../../schemas/units.ts'
import { lifeMs, lifeMsMin } from './life.ts'

export class Periods {
  /** The last one that was entered; 0 before the first record. */
  last = 0
  /** By period: when it was entered, where that was long after it began. */
  readonly late = new Map<number, number>()

  /** Lets time pass. */
  advance (now: Instant): void {
    const period = periodOf(now)
    if (period === this.last) return
    if (this.last !== 0) {
      for (let entered = this.last + 1; entered <= period; entered++) {
        // Else the least that a lot has left is no matter.
        if (now - entered * periodMs > lifeMs - lifeMsMin) this.late.set(entered, now)
      }
    }
    this.last = period
  }

  enteredAt (period: number): number {
    return this.late.get(period) ?? period * periodMs
  }
}
