// How long to wait before a child is started again.

export type BackoffOptions = {
  readonly firstMs: number
  readonly longestMs: number
  /** Once it was live for so long, what was before is forgotten. */
  readonly healthyMs: number
}

export const backoffDefaults: BackoffOptions = { firstMs: 100, longestMs: 30_000, healthyMs: 60_000 }

export class Backoff {
  readonly #options: BackoffOptions
  #next: number

  constructor (options: BackoffOptions = backoffDefaults) {
    this.#options = options
    this.#next = options.firstMs
  }

  /** The wait after a run that was live for `liveMs`, or never (0). */
  after (liveMs: number): number {
    const { firstMs, longestMs, healthyMs } = this.#options
    const wait = liveMs >= healthyMs ? firstMs : this.#next
    this.#next = Math.min(wait * 2, longestMs)
    return wait
  }
}
