// The requests that are being answered here: ticked once a second, and given up together when the process has to go.

export type Ticked = {
  /** `at`: by the clock for durations. */
  tick (at: number): void
  /** Ends with a word to the client, unbilled. */
  giveUp (): void
}

export class Live {
  readonly #runs = new Set<Ticked>()
  #emptied: (() => void) | null = null
  #isDraining = false

  get size (): number {
    return this.#runs.size
  }

  /** No request is taken any more. */
  get isDraining (): boolean {
    return this.#isDraining
  }

  add (run: Ticked): void {
    this.#runs.add(run)
  }

  delete (run: Ticked): void {
    this.#runs.delete(run)
    if (this.#runs.size === 0) this.#emptied?.()
  }

  tick (at: number): void {
    for (const run of this.#runs) run.tick(at)
  }

  /** Waits for all of them, at most so long; who is left then is told that it is over. */
  async drain (graceMs: number): Promise<void> {
    this.#isDraining = true
    if (this.#runs.size === 0) return
    const emptied = Promise.withResolvers<undefined>()
    this.#emptied = () => { emptied.resolve(undefined) }
    const timer = setTimeout(() => {
      for (const run of [...this.#runs]) run.giveUp()
    }, graceMs)
    await emptied.promise
    clearTimeout(timer)
  }
}
