// Tickets that are in use or were used, until nobody would take them anyway.

export class UsedTickets {
  /** By id, in seconds since the epoch: when it expires. In the order in which they were taken. */
  readonly #until = new Map<string, number>()
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

  release (id: string): void {
    this.#until.delete(id)
  }

  /** Once a second at most: what has expired is refused for that. */
  #sweep (now: number): void {
    if (now <= this.#sweptAt) return
    this.#sweptAt = now
    for (const [id, expiresAt] of this.#until) if (expiresAt < now) this.#until.delete(id)
  }
}
