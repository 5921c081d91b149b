// Simulated time: one queue of events, one seed. Everything that happens in a simulation is an event here, and after
// each one all promises that it resolved have run; so a seed is one history, to be seen again at will.

export class Random {
  #state: number
  constructor (seed: number) {
    this.#state = (seed + 0x9e3779b9) | 0
  }

  /** In [0, 1). */
  next (): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number in [0, below). */
  below (below: number): number {
    return Math.floor(this.next() * below)
  }

  chance (probability: number): boolean {
    return this.next() < probability
  }

  /** Mostly short, sometimes long. */
  delay (most: number): number {
    return this.chance(0.05) ? this.below(most * 20) : this.below(most)
  }
}

/** A process of the simulation: its events do not happen once it is dead, and wait while it is frozen. */
export type Life = { alive: boolean, frozenUntil: number }

type Event = { at: number, order: number, life: Life | undefined, run: () => void }

export class Scheduler {
  readonly random: Random
  now = 1_700_000_000_000
  #order = 0
  readonly #heap: Event[] = []

  constructor (seed: number) {
    this.random = new Random(seed)
  }

  after (ms: number, run: () => void, life?: Life): void {
    this.#push({ at: this.now + ms, order: this.#order++, life, run })
  }

  sleep (ms: number, life?: Life): Promise<void> {
    return new Promise(resolve => { this.after(ms, resolve, life) })
  }

  /** Runs until the instant, or until nothing is left to happen. */
  async until (instant: number): Promise<void> {
    for (let event = this.#heap[0]; event !== undefined && event.at <= instant; event = this.#heap[0]) {
      this.#pop()
      this.now = Math.max(this.now, event.at)
      if (event.life?.alive === false) continue
      if (event.life !== undefined && event.life.frozenUntil > this.now) {
        this.#push({ ...event, at: event.life.frozenUntil })
        continue
      }
      event.run()
      await new Promise(resolve => setImmediate(resolve))
    }
    this.now = Math.max(this.now, instant)
  }

  #before (a: Event, b: Event): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #push (event: Event): void {
    const heap = this.#heap
    let index = heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#before(event, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = event
  }

  #pop (): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++
      if (!this.#before(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}
