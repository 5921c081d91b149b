// Requests of the ledger's naive twin: one list of all, looked through for whatever is asked. Here: what a request is,
// how it gets its tokens and gives them back, and what time does to it. See ledger-naive.ts.

import type { AuthorizationState, AuthorizationStatus } from '../../schemas/ledger/usage-records.ts'
import { type LedgerRefusal, type UsageRefusal, usageRefusal } from '../../schemas/ledger/refusals.ts'
import type { AuthorizeUsage } from '../../schemas/ledger/usage-commands.ts'
import { NaiveOutcomes } from './ledger-naive-outcomes.ts'
import { type Holding, countOf } from './lots-naive.ts'

export const tokensMost = 10 ** 12
const startMs = 90 * 1000
const parkedMs = 1000
const keptMs = 2 * 60 * 1000

export type Reason = LedgerRefusal | UsageRefusal
export type NaiveRequest = Holding & {
  readonly id: string
  readonly holder: number
  readonly instrumentId: string
  readonly asked: AuthorizeUsage
  /** Of its authorise command, among all. */
  readonly arrival: number
  status: AuthorizationStatus
  /** Served by a managed supplier, for cash: so many tokens, and what of their cost grant money is held for. */
  isManaged: boolean
  managed: number
  ofGrant: number
  produced: number
  /** The last one that counted. */
  sequence: number
  nonce: string
  supplier: number
  authorizedAt: number
  /** Among all that were authorised; 0: it was not. */
  place: number
  /** When its life ends, or its wait. */
  endsAt: number
  /** When a start without a byte ends. */
  startEndsAt: number
  endedAt: number | null
}
type Asked = { kind: string, holder: number, requestId: string, instrumentId?: string, need?: number, keyId?: string }
export const isEnded = ({ endedAt }: NaiveRequest): boolean => endedAt !== null

const precedence: readonly Reason[] = ['unknown_holder', 'unknown_instrument', 'too_late', 'account_suspended', ...usageRefusal]
export const firstOf = (wrong: Partial<Record<Reason, boolean>>): Reason | null =>
  precedence.find(reason => wrong[reason] === true) ?? null

export abstract class NaiveRequests extends NaiveOutcomes {
  requests: NaiveRequest[] = []
  arrivals = 0
  places = 0

  /** It has waited in vain: served otherwise, or refused. */
  abstract endWait (request: NaiveRequest, refusal: Reason): void

  request (holder: number, id: string): NaiveRequest | undefined {
    return this.requests.find(each => each.holder === holder && each.id === id)
  }

  requestsOf (holder: number, instrumentId: string): NaiveRequest[] {
    return this.requests.filter(each => each.holder === holder && each.instrumentId === instrumentId)
  }

  /** Those that are authorised, the oldest first. */
  holdings (holder: number, instrumentId: string): NaiveRequest[] {
    return this.requestsOf(holder, instrumentId).filter(each => each.place > 0 && !isEnded(each))
      .toSorted((a, b) => a.place - b.place)
  }

  heldBy (request: NaiveRequest): number {
    return request.live + request.managed + countOf(this.keptFor(request))
  }

  newRequest (asked: AuthorizeUsage): NaiveRequest {
    const { holder, instrumentId, requestId } = asked
    return {
      id: requestId,
      holder,
      instrumentId,
      asked,
      arrival: ++this.arrivals,
      status: 'refused',
      live: 0,
      isManaged: false,
      managed: 0,
      ofGrant: 0,
      produced: 0,
      sequence: 0,
      nonce: '',
      supplier: 0,
      authorizedAt: 0,
      place: 0,
      endsAt: 0,
      startEndsAt: Infinity,
      endedAt: null
    }
  }

  park (request: NaiveRequest): void {
    Object.assign(request, { status: 'parked', endsAt: this.now + parkedMs })
  }

  begin (request: NaiveRequest, nonce: string, supplier: number): void {
    Object.assign(request, { status: 'started', nonce, supplier, startEndsAt: this.now + startMs })
  }

  undo (request: NaiveRequest): void {
    Object.assign(request, { status: 'authorized', nonce: '', supplier: 0, startEndsAt: Infinity })
  }

  end (request: NaiveRequest, status: AuthorizationStatus): void {
    Object.assign(request, { status, live: 0, managed: 0, ofGrant: 0, nonce: '', endsAt: 0, startEndsAt: Infinity, endedAt: this.now })
  }

  forgetRequests (): void {
    this.requests = this.requests.filter(({ endedAt }) => endedAt === null || endedAt + keptMs > this.now)
  }

  /** Each deadline that has come, the earliest first, until none is left. */
  passDeadlines (): void {
    const deadline = ({ endsAt, startEndsAt }: NaiveRequest): number => Math.min(endsAt, startEndsAt)
    const next = (): NaiveRequest | undefined =>
      this.requests.filter(each => !isEnded(each) && deadline(each) <= this.now)
        .toSorted((a, b) => deadline(a) - deadline(b) || a.arrival - b.arrival)[0]
    for (let request = next(); request !== undefined; request = next()) {
      this.settle(request.holder, request.instrumentId)
      this.pass(request)
    }
  }

  pass (request: NaiveRequest): void {
    if (request.status === 'parked') {
      this.endWait(request, 'purchase_failed')
    } else if (request.startEndsAt <= request.endsAt) {
      this.undo(request)
      this.tell(request, 'market')
    } else {
      this.giveUp(request, request.status === 'started')
      this.end(request, 'lapsed')
      this.tell(request, 'market')
    }
  }

  /** One that waited gets nothing. */
  refuse (request: NaiveRequest, refusal: Reason): void {
    this.end(request, 'refused')
    this.tell(request, 'market', refusal)
  }

  tell (request: NaiveRequest, cause: string, refusal: Reason | null = null): void {
    const { id, holder, instrumentId, asked, status, produced, isManaged, nonce, endsAt } = request
    this.outputs.push({
      kind: 'authorization-state',
      holder,
      instrumentId,
      requestId: id,
      cause,
      refusal,
      status,
      need: asked.need,
      held: this.heldBy(request),
      produced,
      isManaged,
      keyId: asked.keyId,
      nonce,
      expiresAt: endsAt,
      at: this.now
    } as unknown as AuthorizationState)
  }

  /** Of a request that never was. */
  tellNothing (command: Asked, refusal: Reason): void {
    const { kind, holder, requestId, instrumentId = '', need = 0, keyId = '' } = command
    this.outputs.push({
      kind: 'authorization-state',
      holder,
      instrumentId,
      requestId,
      cause: kind,
      refusal,
      status: 'refused',
      need,
      held: 0,
      produced: 0,
      isManaged: false,
      keyId,
      nonce: '',
      expiresAt: 0,
      at: this.now
    } as unknown as AuthorizationState)
  }
}
