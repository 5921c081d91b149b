// How far a market has come with a flow, in messages, asked often: mishaps are due at messages, not at times.

import { setTimeout as sleep } from 'node:timers/promises'
import { messageMs } from '../../pipelines/replay/flow.ts'
import type { Standings } from '../../pipelines/replay/standings.ts'

const lookMs = 100
/** Between two clock records there is a second of messages; what else lies among them is too little to count. */
const recordsAMessage = 1 + messageMs / 1000

export class Advance {
  matched = 0
  stored = 0
  readonly #standings: Standings
  readonly #signal: AbortSignal

  constructor (standings: Standings, signal: AbortSignal) {
    this.#standings = standings
    this.#signal = signal
  }

  /** Looks on until told to end. */
  async follow (): Promise<void> {
    while (!this.#signal.aborted) {
      const [matched, stored] = await Promise.all([this.#standings.matched(), this.#standings.stored()])
      this.matched = Math.floor(matched.reached / recordsAMessage)
      this.stored = stored.end === 0 ? 0 : Math.floor(this.matched * stored.reached / stored.end)
      await sleep(lookMs)
    }
  }

  async until (what: 'matched' | 'stored', messages: number): Promise<void> {
    while (this[what] < messages) await sleep(lookMs / 2, undefined, { signal: this.#signal })
  }
}
