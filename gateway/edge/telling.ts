// What the market is told of a request that a client brought here: that it lives, and what it took in the end.

import { recorderOf, type Edge } from './edge.ts'
import type { Admitted } from './gate.ts'
import { eventOf, type Reading } from './readings.ts'

/**
 * A start lives 90 s without a word. It is as old as the ticket: one that comes in its last second, or whose body takes
 * its time, has few of them left.
 */
const firstMs = 45_000
const aliveMs = 30_000

export type Said = Pick<Reading, 'phase' | 'input' | 'output' | 'fault' | 'reason'> & {
  readonly firstTokenMs?: number | null
}

export type Progress = Pick<Said, 'input' | 'output' | 'firstTokenMs'>

export class Telling {
  readonly #edge: Edge
  readonly #admitted: Admitted
  readonly #startedAt: number
  #sequence: number
  #saidAt: number | null = null

  /** `startedAt`: by the clock for durations. */
  constructor (edge: Edge, admitted: Admitted, startedAt: number) {
    this.#edge = edge
    this.#admitted = admitted
    this.#startedAt = startedAt
    // A client that left before the first byte may come again with its ticket: readings rise all the same.
    this.#sequence = Math.floor(edge.now() / 1000) * 100
  }

  /** That it lives has to be said again, or for the first time. */
  isDue (at: number): boolean {
    if (this.#saidAt !== null) return at - this.#saidAt >= aliveMs
    return this.#edge.now() - this.#admitted.claims.iat * 1000 >= firstMs
  }

  progress (at: number, measured: Progress): void {
    this.#saidAt = at
    this.trySay({ phase: 'progress', ...measured })
  }

  /**
   * The client was sent nothing, and may come again with its ticket. If it does not, the market is told so, where it
   * thinks that the request lives: what it holds for it goes back.
   */
  release (): void {
    const { release } = this.#admitted
    const cameNot: Said = { phase: 'failed', input: 0, output: 0, fault: 'client', reason: 'disconnected' }
    if (this.#saidAt === null) release()
    else release(() => { this.trySay(cameNot) })
  }

  /** Where an answer goes on, or is over already, a disk that is full must not be what ends it. */
  trySay (said: Said): void {
    try {
      this.say(said)
    } catch (error) {
      const requestId = this.#admitted.claims.sub
      this.#edge.log.error({ requestId, error: String(error) }, 'a reading could not be kept')
    }
  }

  /** On disk when this returns. Of no other recorder's requests is anything said. */
  say ({ firstTokenMs = null, ...said }: Said): void {
    const { supplier, now, elapsedMs, report } = this.#edge
    const { claims } = this.#admitted
    if (claims.recorder !== recorderOf(supplier)) return
    const durationMs = elapsedMs() - this.#startedAt
    report(eventOf(claims, { ...said, sequence: ++this.#sequence, firstTokenMs, durationMs }, now()))
  }
}
