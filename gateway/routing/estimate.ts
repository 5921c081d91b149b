// An average that forgets: each sample counts a fifth, and more the longer ago the last one was, so that an endpoint
// that was slow once is not slow for ever.

const shareMin = 0.2
const memoryMs = 10_000

export class Estimate {
  #value: number | null = null
  #at = 0

  /** Null until there was a sample. */
  get value (): number | null {
    return this.#value
  }

  add (sample: number, now: number): void {
    const share = Math.max(shareMin, 1 - Math.exp(-Math.max(0, now - this.#at) / memoryMs))
    this.#value = this.#value === null ? sample : this.#value + (sample - this.#value) * share
    this.#at = Math.max(this.#at, now)
  }
}
