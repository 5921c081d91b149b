// Holds a flow's sender back while a mishap is late, so that the market has work before it when it comes.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Flow } from '../../pipelines/replay/flow.ts'

const lookMs = 10
/** A rejected send is found out, and made good, only once the sender goes on. */
const heldMsMax = 10_000

export class Gate {
  readonly #expected = new Set<{ readonly at: number }>()
  readonly #slack: number
  readonly #signal: AbortSignal

  /** `slack`: how many messages the sender may be ahead of what is to come first. */
  constructor (slack: number, signal: AbortSignal) {
    this.#slack = slack
    this.#signal = signal
  }

  /** Something is to happen at a message; returns how to say that it has begun. */
  expect (at: number): () => void {
    const moment = { at }
    this.#expected.add(moment)
    return () => { this.#expected.delete(moment) }
  }

  hold (flow: Flow): Flow {
    const passes = (message: number): Promise<void> => this.#passes(message)
    return {
      ...flow,
      async * batches (from, size) {
        for await (const batch of flow.batches(from, size)) {
          await passes(batch[0]!.sequence)
          yield batch
        }
      }
    }
  }

  async #passes (message: number): Promise<void> {
    const until = performance.now() + heldMsMax
    while (message > this.#reach() && performance.now() < until) {
      await sleep(lookMs, undefined, { signal: this.#signal })
    }
  }

  #reach (): number {
    return Math.min(...Array.from(this.#expected, ({ at }) => at)) + this.#slack
  }
}
