// When an endpoint that fails is left alone (R6). Who enters gets a pass, and its result counts only while the pass is
// of the breaker's present turn: a slow failure from before an opening says nothing about the probe after it.

import { Outcomes } from './outcomes.ts'

export const breakerState = ['closed', 'open', 'half_open'] as const
export type BreakerState = typeof breakerState[number]

const failuresInRowMax = 5
const outcomesMin = 20
const backOffMsMin = 1000
const backOffMsMax = 60_000
/** So long closed, it is as good as one that never opened. */
const soundMs = 60_000

/** Of the turn it was given in; of none, it counts for nothing. */
export type Pass = number
const noPass: Pass = -1

export class Breaker {
  #turn = 0
  /** Null while it is closed. */
  #openUntil: number | null = null
  #isProbed = false
  #backOffMs = 0
  #closedAt = -soundMs
  #failuresInRow = 0
  readonly #outcomes = new Outcomes()

  get failuresInRow (): number {
    return this.#failuresInRow
  }

  get openUntil (): number | null {
    return this.#openUntil
  }

  /** Whether a probe is under way. */
  get isProbed (): boolean {
    return this.#isProbed
  }

  state (now: number): BreakerState {
    if (this.#openUntil === null) return 'closed'
    return now < this.#openUntil ? 'open' : 'half_open'
  }

  lets (now: number): boolean {
    return this.#openUntil === null || (now >= this.#openUntil && !this.#isProbed)
  }

  /** Who enters though it lets nobody pass gets a pass that counts for nothing. */
  enter (now: number): Pass {
    if (!this.lets(now)) return noPass
    this.#isProbed = this.#openUntil !== null
    return this.#turn
  }

  succeeded (pass: Pass, now: number): void {
    if (pass !== this.#turn) return
    if (this.#openUntil !== null) {
      this.#close(now)
    } else {
      this.#failuresInRow = 0
      this.#outcomes.add(false, now)
    }
  }

  failed (pass: Pass, now: number): void {
    if (pass !== this.#turn) return
    this.#failuresInRow++
    this.#outcomes.add(true, now)
    const { failed, all } = this.#outcomes.counts(now)
    const isMostly = all >= outcomesMin && failed * 2 > all
    if (this.#openUntil !== null || this.#failuresInRow >= failuresInRowMax || isMostly) this.#open(now)
  }

  /** It ended without saying whether the endpoint is well: another may probe. */
  left (pass: Pass): void {
    if (pass === this.#turn) this.#isProbed = false
  }

  #open (now: number): void {
    const isSound = this.#openUntil === null && now - this.#closedAt >= soundMs
    this.#backOffMs = isSound ? backOffMsMin : Math.min(backOffMsMax, Math.max(backOffMsMin, this.#backOffMs * 2))
    this.#openUntil = now + this.#backOffMs
    this.#turnOver()
  }

  #close (now: number): void {
    this.#openUntil = null
    this.#closedAt = now
    this.#failuresInRow = 0
    this.#outcomes.clear()
    this.#turnOver()
  }

  #turnOver (): void {
    this.#isProbed = false
    this.#turn++
  }
}
