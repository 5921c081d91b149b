// Sends to the log that follow closely upon one another leave together: a send costs far more than a record in it. One
// that comes by itself leaves at once.

import type { Log, Outgoing } from '../../pipelines/runtime/log.ts'

export type GatheredSendsOptions = {
  readonly log: Pick<Log, 'send'>
  /** For durations. */
  readonly elapsedMs: () => number
  /** A send within so long of the one before waits so long for others. */
  readonly gatherMs?: number
  readonly wait?: (flush: () => void, ms: number) => void
}

export class GatheredSends implements Pick<Log, 'send'> {
  readonly #options: Required<GatheredSendsOptions>
  #records: Outgoing[] = []
  #sent = Promise.withResolvers<undefined>()
  #sentAt = Number.NEGATIVE_INFINITY

  constructor (options: GatheredSendsOptions) {
    this.#options = { gatherMs: 2, wait: (flush, ms) => { setTimeout(flush, ms) }, ...options }
  }

  /** In the order in which they come. Rejected as all are that left together. */
  async send (records: readonly Outgoing[]): Promise<void> {
    const { elapsedMs, gatherMs, wait } = this.#options
    const isFirst = this.#records.length === 0
    const { promise } = this.#sent
    this.#records.push(...records)
    if (isFirst && elapsedMs() - this.#sentAt < gatherMs) wait(() => { this.#flush() }, gatherMs)
    else if (isFirst) this.#flush()
    await promise
  }

  #flush (): void {
    const records = this.#records
    const { resolve, reject } = this.#sent
    this.#records = []
    this.#sent = Promise.withResolvers()
    this.#sentAt = this.#options.elapsedMs()
    this.#options.log.send(records).then(() => { resolve(undefined) }, reject)
  }
}
