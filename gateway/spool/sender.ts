// Takes entries of a spool to wherever they belong, for ever: one batch under way, a longer pause after each failure;
// an entry leaves the spool once it was taken, or whoever knows has said that it never will be.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Spool, SpoolEntry } from './spool.ts'

/** Of one entry: taken, to be sent again, or never to be taken and why. */
export type Verdict = 'taken' | 'again' | { readonly rejected: string }

export type SenderOptions = {
  readonly spool: Spool
  /** A verdict an entry, in order; none: all were taken. What it throws counts as `again` for each of them. */
  readonly send: (batch: readonly SpoolEntry[], signal: AbortSignal) => Promise<readonly Verdict[] | undefined>
  /** Of 0 to 1: so that many who failed together don't come again together. */
  readonly jitter: () => number
  readonly batchMax?: number
  /** Waited before each batch, so that it holds what comes meanwhile; 0: each leaves at once. */
  readonly gatherMs?: number
  readonly pauseMs?: { readonly first: number, readonly max: number }
  /** Asked of an entry that was not taken: why it is not to be sent again, null: it is. */
  readonly givesUp?: (entry: SpoolEntry) => string | null
  /** An entry that left the spool without having been taken. */
  readonly rejected?: (entry: SpoolEntry, reason: string) => void
  readonly failed?: (error: unknown, attempt: number) => void
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

const defaults = {
  batchMax: 100,
  gatherMs: 0,
  pauseMs: { first: 250, max: 30_000 },
  givesUp: () => null,
  rejected: () => { /* Nobody wants to know. */ },
  failed: () => { /* Nobody wants to know. */ },
  wait: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal })
}

export class Sender {
  readonly #options: Required<SenderOptions>
  readonly #stop = new AbortController()
  readonly #idle: (() => void)[] = []
  readonly #queue: SpoolEntry[]
  #run: Promise<void> | null = null
  #attempt = 0

  /** Begins with what is pending. */
  constructor (options: SenderOptions) {
    this.#options = { ...defaults, ...options }
    this.#queue = options.spool.pending()
    this.#start()
  }

  /** On disk before it returns, then on its way. Throws what the spool throws. */
  put (bytes: Buffer): void {
    this.#queue.push(this.#options.spool.append(bytes))
    this.#start()
  }

  get pending (): number {
    return this.#queue.length
  }

  /** Resolves once nothing is pending, or it was closed. */
  async idle (): Promise<void> {
    if (this.#queue.length === 0 || this.#stop.signal.aborted) return
    await new Promise<void>(resolve => { this.#idle.push(resolve) })
  }

  /** What was being gathered leaves at once; what is not acknowledged stays in the spool, its owner's to close. */
  async close (): Promise<void> {
    this.#stop.abort()
    await this.#run
    this.#tellIdle()
  }

  #tellIdle (): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #start (): void {
    if (this.#run !== null || this.#queue.length === 0 || this.#stop.signal.aborted) return
    this.#run = this.#sendAll().finally(() => {
      this.#run = null
      if (this.#queue.length === 0) this.#tellIdle()
      else this.#start()
    })
  }

  async #sendAll (): Promise<void> {
    const { signal } = this.#stop
    const { gatherMs, wait } = this.#options
    while (this.#queue.length > 0 && !signal.aborted) {
      if (gatherMs > 0) await wait(gatherMs, signal).catch(() => { /* It was closed: all is there that will be. */ })
      const batch = this.#queue.slice(0, this.#options.batchMax)
      const verdicts = await this.#verdicts(batch)
      const remaining = this.#settled(batch, verdicts)
      this.#queue.splice(0, batch.length, ...remaining)
      this.#attempt = remaining.length === 0 ? 0 : this.#attempt + 1
      if (remaining.length > 0) await this.#pause()
    }
  }

  async #verdicts (batch: readonly SpoolEntry[]): Promise<readonly Verdict[]> {
    try {
      const verdicts = await this.#options.send(batch, this.#stop.signal) ?? batch.map(() => 'taken')
      if (verdicts.length !== batch.length) throw new Error(`${verdicts.length} verdicts on ${batch.length} entries`)
      return verdicts
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.failed(error, this.#attempt + 1)
      return batch.map(() => 'again')
    }
  }

  /** A disk that takes no acknowledgements is a failure like any other: all of it is sent again. */
  #settled (batch: readonly SpoolEntry[], verdicts: readonly Verdict[]): readonly SpoolEntry[] {
    try {
      return this.#settle(batch, verdicts)
    } catch (error) {
      this.#options.failed(error, this.#attempt + 1)
      return batch
    }
  }

  /** What is to be sent again; the others leave the spool together. */
  #settle (batch: readonly SpoolEntry[], verdicts: readonly Verdict[]): SpoolEntry[] {
    const { spool, givesUp, rejected } = this.#options
    const again: SpoolEntry[] = []
    const lost: [SpoolEntry, string][] = []
    for (const [index, entry] of batch.entries()) {
      const verdict = verdicts[index]!
      if (verdict === 'taken') continue
      const reason = verdict === 'again' ? givesUp(entry) : verdict.rejected
      if (reason === null) again.push(entry)
      else lost.push([entry, reason])
    }
    spool.acknowledge(...batch.filter(entry => !again.includes(entry)))
    for (const [entry, reason] of lost) rejected(entry, reason)
    return again
  }

  async #pause (): Promise<void> {
    const { pauseMs: { first, max }, jitter, wait } = this.#options
    const longest = Math.min(max, first * 2 ** Math.min(this.#attempt - 1, 30))
    // Half of it for certain: a pause of nothing would hammer whoever is struggling.
    await wait(Math.round(longest * (1 + jitter()) / 2), this.#stop.signal).catch(() => { /* It was closed. */ })
  }
}
