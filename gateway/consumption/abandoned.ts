// Requests that were redirected and never came back: what is held for them is given back once their ticket has expired
// and an upload that began in time would be over. The ledger would do so by itself, but a quarter of an hour later.

import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import { ticketLifeMs } from '../tickets/hop-ticket.ts'
import { voidOf } from './admission.ts'
import type { RequestsPort } from './ports.ts'

/** A body may take so long beyond the life of its ticket. */
const uploadMs = 2 * 60_000
const afterMs = ticketLifeMs + uploadMs

type Redirected = {
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly recorder: string
}
type Waiting = Redirected & { readonly dueAt: number }

export class Abandoned {
  readonly #requests: RequestsPort
  readonly #elapsedMs: () => number
  /** In the order in which they fall due: each waits equally long. */
  readonly #waiting = new Map<string, Waiting>()

  constructor (requests: RequestsPort, elapsedMs: () => number) {
    this.#requests = requests
    this.#elapsedMs = elapsedMs
  }

  watch (redirected: Redirected): void {
    this.#waiting.set(redirected.requestId, { ...redirected, dueAt: this.#elapsedMs() + afterMs })
  }

  /** `at`: by the clock for durations. */
  tick (at: number): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.dueAt > at) return
      this.#waiting.delete(waiting.requestId)
      this.#giveBack(waiting)
    }
  }

  #giveBack ({ holder, instrumentId, requestId, recorder }: Redirected): void {
    // What was started meanwhile has a nonce, and a void without one says nothing to it.
    if (this.#requests.view(holder, requestId)?.status !== 'authorized') return
    const fault = 'client'
    this.#requests.send(holder, [voidOf({ holder, instrumentId, requestId, recorder, nonce: '', fault, reason: 'abandoned' })])
  }
}
