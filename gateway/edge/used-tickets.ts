// Tickets that are in use or were used, until nobody would take them anyway; and those whose client left in time to
// come again, of which somebody has to hear if it does not.

type Left = { readonly expiresAt: number, readonly cameNot: () => void }

export class UsedTickets {
  /** By id, in seconds since the epoch: when it expires. In the order in which they were taken. */
  readonly #until = new Map<string, number>()
  readonly #left = new Map<string, Left>()
  #sweptAt = 0
  readonly #max: number

  constructor (max = 1_000_000) {
    this.#max = max
  }

  get size (): number {
    return this.#until.size
  }

  /** Whether there is room for another. */
  hasRoom (now: number): boolean {
    this.#sweep(now)
    return this.#until.size < this.#max
  }

  /** False: it was taken before. */
  take (id: string, expiresAt: number): boolean {
    if (this.#until.has(id)) return false
    this.#until.set(id, expiresAt)
    return true
  }

  /** It may come again. `cameNot` is called once it can't any more; without one, that of an earlier time stays. */
  release (id: string, cameNot?: () => void): void {
    const expiresAt = this.#until.get(id) ?? 0
    this.#until.delete(id)
    if (cameNot !== undefined) this.#left.set(id, { expiresAt, cameNot })
  }

  /** To be called now and then. */
  tick (now: number): void {
    this.#sweep(now)
    for (const [id, { expiresAt, cameNot }] of this.#left) {
      if (expiresAt >= now || this.#until.has(id)) continue
      this.#left.delete(id)
      cameNot()
    }
  }

  /** None is taken any more. */
  end (): void {
    this.tick(Number.POSITIVE_INFINITY)
  }

  /** Once a second at most: what has expired is refused for that. */
  #sweep (now: number): void {
    if (now <= this.#sweptAt) return
    this.#sweptAt = now
    for (const [id, expiresAt] of this.#until) {
      if (expiresAt >= now) continue
      this.#until.delete(id)
      // It came again, and is being answered or was.
      this.#left.delete(id)
    }
  }
}
