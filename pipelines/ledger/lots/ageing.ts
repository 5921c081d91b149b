// The clock by which the lots of an instrument age: time, less the time for which it stood. Deadlines are ages, so a
// clock that stops touches no lot.

import type { Instant } from '../../../schemas/units.ts'

/** From when to when it stands; `to` is Infinity while nobody has said when it goes on. */
export type Stop = { readonly from: number, to: number }

export class Ageing {
  /** In the order of time; they do not overlap. */
  readonly stops: Stop[] = []

  /** How old the instrument is at an instant: an instant less what it stood until then. */
  ageAt (at: number): number {
    if (this.stops.length === 0) return at
    let age = at
    for (const { from, to } of this.stops) if (from < at) age -= Math.min(at, to) - from
    return age
  }

  /** When it is so old, if from now on its clock does not stand. */
  instantOf (age: number, now: number): Instant {
    return age + now - this.ageAt(now) as Instant
  }

  /** Stands from then on. A clock that stands already, or will, stays as it is. */
  stop (at: number): void {
    const last = this.stops.at(-1)
    if (last?.to !== Infinity) this.stops.push({ from: Math.max(at, last?.to ?? at), to: Infinity })
  }

  /** Goes on from then on. A clock that goes stays as it is. */
  start (at: number): void {
    const last = this.stops.at(-1)
    if (last?.to !== Infinity) return
    last.to = Math.max(at, last.from)
    if (last.to === last.from) this.stops.pop()
  }
}
