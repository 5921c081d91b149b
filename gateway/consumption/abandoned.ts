// Requests that were redirected and never came back: what is held for them is given back once their ticket has expired
// and an upload that began in time would be over. The ledger would do so by itself, but a quarter of an hour later.

import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import { ticketLifeMs } from '../tickets/hop-ticket.ts'
import { voidOf } from './admission.ts'
import type { RequestsPort } from './ports.ts'

/** Most bodies take no longer than this beyond the life of their ticket, even on a line as slow as that. */
const uploadMs = 2 * 60_000
const slowBytesPerMs = 16
/** No server waits longer for a body. */
const uploadMsMax = 10 * 60_000

type Redirected = {
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly recorder: string
  /** Of its body. */
  readonly bytes: number
}
type Waiting = Redirected & { readonly watchedAt: number }

export class Abandoned {
  readonly #requests: RequestsPort
  readonly #elapsedMs: () => number
  /** In the order in which they fall due: each waits equally long. */
  readonly #waiting = new Map<string, Waiting>()
  /** Those that may still be on their way then: few. */
  readonly #late = new Map<string, Waiting>()
  /** Whose second hop is here, and how often. */
  readonly #coming = new Map<string, number>()

  constructor (requests: RequestsPort, elapsedMs: () => number) {
    this.#requests = requests
    this.#elapsedMs = elapsedMs
  }

  watch (redirected: Redirected): void {
    const { requestId } = redirected
    // One that has another ticket waits anew, behind all others.
    this.#waiting.delete(requestId)
    this.#late.delete(requestId)
    this.#waiting.set(requestId, { ...redirected, watchedAt: this.#elapsedMs() })
  }

  /** Its second hop has come here, and its body takes its time. Returns what says that it has gone. */
  coming (requestId: string): () => void {
    this.#coming.set(requestId, (this.#coming.get(requestId) ?? 0) + 1)
    return () => {
      const left = this.#coming.get(requestId)! - 1
      if (left === 0) this.#coming.delete(requestId)
      else this.#coming.set(requestId, left)
    }
  }

  /** `at`: by the clock for durations. */
  tick (at: number): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.watchedAt + ticketLifeMs + uploadMs > at) break
      this.#waiting.delete(waiting.requestId)
      this.#late.set(waiting.requestId, waiting)
    }
    for (const late of this.#late.values()) {
      if (this.#mayCome(late) && late.watchedAt + ticketLifeMs + uploadMsMax > at) continue
      this.#late.delete(late.requestId)
      this.#giveBack(late)
    }
  }

  /** Its body is on its way, here or at a gateway that we don't hear of. */
  #mayCome ({ requestId, bytes }: Redirected): boolean {
    return this.#coming.has(requestId) || bytes > uploadMs * slowBytesPerMs
  }

  #giveBack ({ holder, instrumentId, requestId, recorder }: Redirected): void {
    // What was started meanwhile has a nonce, and a void without one says nothing to it.
    if (this.#requests.view(holder, requestId)?.status !== 'authorized') return
    const fault = 'client'
    this.#requests.send(holder, [voidOf({ holder, instrumentId, requestId, recorder, nonce: '', fault, reason: 'abandoned' })])
  }
}
