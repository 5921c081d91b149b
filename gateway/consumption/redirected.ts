// Requests whose clients were sent on. Who answers one tells how it went, but an edge tells tokens alone, and nobody
// tells of what never came, was refused meanwhile, or failed at an edge with nothing delivered: the gateway that sent
// the client on hears of it from the ledger, and reports it.

import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import type { RequestOutcome, RequestReport } from '../../schemas/usage/records.ts'

/** Beyond so many the first is let go: what became of it is known by what was billed alone. */
const watchedMax = 50_000

type Heard = AuthorizationState | JournalEntry
type Watched = {
  readonly report: RequestReport
  /** By a gateway, which tells of it unless it dies. */
  isAnswered: boolean
}
type End = { readonly outcome: RequestOutcome, readonly reason: string }

const lapsed: End = { outcome: 'failed', reason: 'lapsed' }

/** Null: it goes on. */
function endOf ({ status, cause, refusal }: AuthorizationState, isAtEdge: boolean): End | null {
  if (refusal !== null) {
    const isItsOwn = cause === 'authorize-usage' || cause === 'market'
    return isItsOwn && status === 'refused' ? { outcome: 'refused', reason: refusal } : null
  }
  switch (status) {
    case 'voided': return { outcome: 'failed', reason: isAtEdge ? 'voided' : 'abandoned' }
    case 'lapsed': return lapsed
    default: return null
  }
}

export type RedirectedOptions = {
  /** On disk when it returns. */
  readonly settle: (report: RequestReport) => void
  /** What to do where it can't be. */
  readonly failed: (report: RequestReport, error: unknown) => void
}

export class Redirected {
  readonly #options: RedirectedOptions
  /** In the order in which they were sent on. */
  readonly #watched = new Map<string, Watched>()

  constructor (options: RedirectedOptions) {
    this.#options = options
  }

  /**
   * `report`: of the redirect. Its instant is the redirect's, so that whatever is told by who answers is told later,
   * and counts in its place.
   */
  watch (report: RequestReport): void {
    const [first] = this.#watched.keys()
    if (first !== undefined && this.#watched.size >= watchedMax) this.#watched.delete(first)
    // One that has another ticket is watched anew, behind all others.
    this.#watched.delete(report.requestId)
    this.#watched.set(report.requestId, { report, isAnswered: false })
  }

  /** Its second hop has come here. */
  answering (requestId: string): void {
    const watched = this.#watched.get(requestId)
    if (watched !== undefined) watched.isAnswered = true
  }

  /** Whatever the ledger says of anybody's requests, once the replica has it. */
  hear (value: Heard): void {
    const requestId = value.kind === 'journal-entry' ? value.usage?.requestId : value.requestId
    const watched = requestId === undefined ? undefined : this.#watched.get(requestId)
    if (watched === undefined) return
    const { report } = watched
    const isAtEdge = report.delivery === 'supplier'
    if (value.kind === 'journal-entry') {
      this.#watched.delete(report.requestId)
      if (isAtEdge) this.#leave(report)
      return
    }
    if (value.status === 'started' && !isAtEdge) watched.isAnswered = true
    const end = endOf(value, isAtEdge)
    if (end === null) return
    this.#watched.delete(report.requestId)
    if (!watched.isAnswered || end === lapsed) this.#leave({ ...report, ...end })
  }

  #leave (report: RequestReport): void {
    const { settle, failed } = this.#options
    try {
      settle(report)
    } catch (error) {
      failed(report, error)
    }
  }
}
