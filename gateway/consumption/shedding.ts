// A process that falls behind refuses what is new, so that what it has begun stays in time.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Fault } from '../surfaces/fault.ts'

/** How late the turns of the loop were, in nanoseconds. */
export type Delay = Pick<ReturnType<typeof monitorEventLoopDelay>, 'enable' | 'disable' | 'percentile' | 'reset'>

export class Shedding {
  readonly #delay: Delay
  readonly #delayMsMax: number
  #isLate = false

  /** `delayMsMax`: what the slowest hundredth of a second's turns may be late by. */
  constructor (delayMsMax: number, delay: Delay = monitorEventLoopDelay({ resolution: 20 })) {
    this.#delayMsMax = delayMsMax
    this.#delay = delay
    this.#delay.enable()
  }

  /** Once a second. */
  tick (): void {
    this.#isLate = this.#delay.percentile(99) / 1e6 > this.#delayMsMax
    this.#delay.reset()
  }

  check (): void {
    if (this.#isLate) throw new Fault('overloaded', 'This gateway has too much to do; try again in a second.', { headers: { 'retry-after': '1' } })
  }

  close (): void {
    this.#delay.disable()
  }
}
