// The state of one partition: which readings were seen, for as long as they could come again.

import type { CaptureUsage, ExtendUsage, VoidUsage } from '../../schemas/ledger/usage-commands.ts'
import type { UnbilledReason, UnbilledUsage } from '../../schemas/usage/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { SeenReadings } from './seen.ts'

export type MeteringOutput = CaptureUsage | ExtendUsage | VoidUsage | UnbilledUsage

/** Where what a reading leads to goes. */
export type Say = (output: MeteringOutput) => void

/** What a core needs of a record's place in the log. */
export type Position = {
  readonly at: Instant
  readonly partition: number
  /** How many the topic has: a holder's readings are in one of them. */
  readonly partitions: number
}

export type Limits = {
  /** How long before stage time a reading may have been measured. */
  readonly windowMs: number
  /** How long after it: as long as clocks may be missing. */
  readonly aheadMs: number
  /** Readings remembered, at most. */
  readonly readingsMax: number
}

const hourMs = 60 * 60 * 1000

export const meteringLimits: Limits = { windowMs: hourMs, aheadMs: 24 * hourMs, readingsMax: 2 ** 20 }

/** What readings came to, since the first one. */
export const fate = ['captured', 'extended', 'voided', 'repeated', 'impossible', 'contradicts', 'too_late'] as const
export type Fate = typeof fate[number]
export type Refused = Extract<Fate, UnbilledReason>

const secondMs = 1000
export const secondOf = (at: number): number => Math.floor(at / secondMs)

export class Metering {
  readonly limits: Limits
  /** Stage time. It never goes back; the runtime sees to it. */
  now = 0 as Instant
  /** What was measured before it may have been forgotten before its time. */
  horizon = 0 as Instant
  /** Of fingerprints; 0 before the first reading. */
  seed = 0
  readonly seen = new SeenReadings()
  readonly counts: Record<Fate, number> = {
    captured: 0, extended: 0, voided: 0, repeated: 0, impossible: 0, contradicts: 0, too_late: 0
  }

  constructor (limits = meteringLimits) {
    this.limits = limits
  }

  /** The seconds before it are wholly older than the window. */
  get firstSecond (): number {
    return secondOf(this.now - this.limits.windowMs)
  }

  advance (at: Instant): void {
    this.now = at
    this.seen.forgetBefore(this.firstSecond)
  }

  isLate (measuredAt: number): boolean {
    return measuredAt < this.now - this.limits.windowMs || measuredAt < this.horizon
  }

  /** Room for one more: the oldest second goes, and lateness begins at its end. */
  makeRoom (): void {
    while (this.seen.count >= this.limits.readingsMax) {
      const end = (this.seen.forgetOldest() + 1) * secondMs
      if (end > this.horizon) this.horizon = end as Instant
    }
  }
}
