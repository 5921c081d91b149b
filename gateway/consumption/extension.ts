// How a request that goes on is kept alive, and gets more tokens held: asked for at half, and every 20 seconds.

import type { Admission } from './admission.ts'
import { outputHeldOf, outputStep, type Need } from '../serving/hold.ts'

/** A start lives 90 s without a word, of which an upstream may take 60 for its headers. */
const aliveMs = 20_000

export class Extension {
  readonly #admission: Admission
  readonly #need: Need
  #saidAt: number | null = null

  constructor (admission: Admission, need: Need) {
    this.#admission = admission
    this.#need = need
  }

  started (at: number): void {
    this.#saidAt = at
  }

  isDue (at: number): boolean {
    return this.#saidAt !== null && at - this.#saidAt >= aliveMs
  }

  /** A word that it lives. Where the last one has no answer after so long it was lost, with what it asked for. */
  keepAlive (at: number): number {
    this.#saidAt = at
    return this.#admission.asking
  }

  /** Tokens to be held beyond what is held; 0: none now. */
  moreFor (output: number): number {
    const held = outputHeldOf(this.#need, this.#admission.held)
    const { n, outputMax } = this.#need
    if (output < held / 2 || this.#admission.isExtending || !this.#admission.isExtensible) return 0
    return Math.max(0, Math.min(n * outputStep, n * outputMax - held))
  }

  /** Nothing is left of what is held, and no more is to be had. */
  isSpent (output: number): boolean {
    return !this.#admission.isExtensible && output >= outputHeldOf(this.#need, this.#admission.held)
  }
}
