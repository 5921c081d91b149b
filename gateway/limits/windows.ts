// Sums over the last minute, by subject. A subject that has had nothing for a minute is forgotten: subjects lie in two
// generations, each a minute of use, and the older one is let go as a whole (R5).

import assert from 'node:assert/strict'

export const windowSeconds = 60

export type Sums = { readonly requests: number, readonly tokens: number }

/** A minute in seconds: this one and the 59 before it (R4). */
class Window {
  readonly #requests = new Uint32Array(windowSeconds)
  readonly #tokens = new Float64Array(windowSeconds)
  #head: number
  requests = 0
  tokens = 0

  constructor (second: number) {
    this.#head = second
  }

  /** What has left the minute no longer counts. */
  advance (second: number): void {
    if (second - this.#head >= windowSeconds) {
      this.#requests.fill(0)
      this.#tokens.fill(0)
      this.requests = 0
      this.tokens = 0
      this.#head = second
    }
    while (this.#head < second) {
      const slot = ++this.#head % windowSeconds
      this.requests -= this.#requests[slot]!
      this.tokens -= this.#tokens[slot]!
      this.#requests[slot] = 0
      this.#tokens[slot] = 0
    }
  }

  /** Of a second that has left the minute nothing is kept, and so nothing is taken away. */
  add (second: number, { requests, tokens }: Sums): void {
    if (this.#head - second >= windowSeconds) return
    const slot = second % windowSeconds
    this.#requests[slot]! += requests
    this.#tokens[slot]! += tokens
    this.requests += requests
    this.tokens += tokens
  }

  /** In how many seconds the sum will be below the limit, if nothing is added. */
  secondsUntil (of: keyof Sums, below: number): number {
    const slots = of === 'requests' ? this.#requests : this.#tokens
    let left = this[of]
    for (let age = windowSeconds - 1; age >= 0; age--) {
      if (left < below) return windowSeconds - 1 - age
      left -= slots[(this.#head - age + windowSeconds) % windowSeconds]!
    }
    return windowSeconds
  }

  validate (): void {
    const sum = (slots: Iterable<number>): number => [...slots].reduce((to, each) => to + each, 0)
    assert.equal(this.requests, sum(this.#requests))
    assert.equal(this.tokens, sum(this.#tokens))
  }
}

const nothing: Sums = { requests: 0, tokens: 0 }

export class Windows {
  #used = new Map<string, Window>()
  #before = new Map<string, Window>()
  #turnsAt = 0

  /** How many subjects are kept. */
  get size (): number {
    return this.#used.size + this.#before.size
  }

  /** `now`: never less than before. */
  add (subject: string, { at, now, ...sums }: Sums & { readonly at: number, readonly now: number }): void {
    if (now - at >= windowSeconds) return
    this.#turn(now)
    let window = this.#used.get(subject)
    if (window === undefined) {
      window = this.#before.get(subject) ?? new Window(now)
      this.#before.delete(subject)
      this.#used.set(subject, window)
    }
    window.advance(now)
    window.add(at, sums)
  }

  sums (subject: string, now: number): Sums {
    const window = this.#find(subject, now)
    return window === undefined ? nothing : { requests: window.requests, tokens: window.tokens }
  }

  /** In how many seconds a subject's sum will be below the limit, if nothing is added; 0: it is, a minute: never. */
  secondsUntil (subject: string, now: number, { of, below }: { of: keyof Sums, below: number }): number {
    return this.#find(subject, now)?.secondsUntil(of, below) ?? (below > 0 ? 0 : windowSeconds)
  }

  validate (): void {
    for (const window of [...this.#used.values(), ...this.#before.values()]) window.validate()
  }

  #find (subject: string, now: number): Window | undefined {
    const window = this.#used.get(subject) ?? this.#before.get(subject)
    window?.advance(now)
    return window
  }

  // What was last used before the turn before this one was last used more than a minute ago.
  #turn (now: number): void {
    if (now < this.#turnsAt) return
    this.#before = now - this.#turnsAt >= windowSeconds ? new Map<string, Window>() : this.#used
    this.#used = new Map()
    this.#turnsAt = now + windowSeconds
  }
}
