// One request's authorisation, as this gateway's replica of the ledger sees it. Commands are written, and what became
// of them is heard; nothing here decides over tokens.
//
//   asked → (parked) → authorized ⇄ started(nonce) → over

import type { RequestView } from '../../pipelines/ledger/usage/views.ts'
import type { AuthorizeUsage, VoidUsage } from '../../schemas/ledger/usage-commands.ts'
import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import type { HolderId, InstrumentId, Instant, Tokens } from '../../schemas/units.ts'
import { Fault } from '../surfaces/fault.ts'
import type { RequestsPort } from './ports.ts'

/** Who is refused, and why: a `Fault` made of the ledger's word. */
export type FaultOf = (state: AuthorizationState) => Fault

export type AdmissionOptions = {
  readonly requests: RequestsPort
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  readonly requestId: string
  readonly faultOf: FaultOf
  /** How long to wait for the ledger's word. */
  readonly deadlineMs: number
}

export type Voided = Pick<VoidUsage, 'holder' | 'instrumentId' | 'requestId' | 'nonce' | 'fault' | 'reason'> & {
  /** Who was named when it was authorised: nobody else may void it. */
  readonly recorder: string
}

/** A request comes to nothing, by no reading. */
export function voidOf ({ recorder, ...about }: Voided): VoidUsage {
  return { kind: 'void-usage', ...about, sequence: 0, source: recorder, eventId: '', tokens: 0 as Tokens, occurredAt: 0 as Instant }
}

type Waiter = {
  readonly isMet: (state: AuthorizationState) => boolean
  readonly resolve: (state: AuthorizationState) => void
}

const late = (): Fault => new Fault('unavailable', 'The market did not answer in time; nothing was billed. Try again.', {
  headers: { 'retry-after': '1' }
})

export class Admission {
  readonly #options: AdmissionOptions
  readonly #unwatch: () => void
  readonly #waiters = new Set<Waiter>()
  readonly #failed = Promise.withResolvers<never>()
  #state: AuthorizationState | null = null
  #isOver = false
  #isAsked = false
  #wasParked = false
  #recorder = 'gateway'
  #isRefused = false
  /** Of the attempt that was written last. */
  #nonce = ''
  /** Tokens that the last word of progress asked for, until it has its answer. */
  #asking: number | null = null
  /** The last word that asked for tokens got less. */
  #isShort = false
  /** And not because there were none. */
  #isBound = false

  constructor (options: AdmissionOptions) {
    this.#options = options
    this.#failed.promise.catch(() => {}) // Whoever waits for it has it; nobody has to.
    this.#unwatch = options.requests.watch(options.holder, options.requestId, state => { this.#hear(state) })
  }

  /** Rejects once the request can't go on: refused, lapsed, or ended by somebody else. */
  get failed (): Promise<never> {
    return this.#failed.promise
  }

  /** Tokens are held for it, or may be: something has to become of it. */
  get isPending (): boolean {
    return this.#isAsked && !this.#isRefused
  }

  /** Whose readings bill it. */
  get recorder (): string {
    return this.#recorder
  }

  get held (): number {
    return this.#state?.held ?? 0
  }

  get isManaged (): boolean {
    return this.#state?.isManaged ?? false
  }

  /** More may be held: nothing was lacking so far, or it was tokens, and there are some again. */
  get isExtensible (): boolean {
    const { requests, holder, instrumentId } = this.#options
    if (this.#isBound) return false
    return !this.#isShort || this.asking > 0 || requests.available(holder, instrumentId) > 0
  }

  /** A word of progress has no answer yet. */
  get isExtending (): boolean {
    return this.#asking !== null
  }

  /** What that word asked for. */
  get asking (): number {
    return this.#asking ?? 0
  }

  /** What an earlier hop left of it: as the replica has it now, or why it was refused. */
  adopt (view: Omit<RequestView, 'authorizedAt'> | AuthorizationState): void {
    this.#isAsked = true
    this.#hear({ kind: 'authorization-state', cause: 'view', refusal: null, at: 0 as Instant, ...view })
  }

  /** Written at once; with a start behind it where a supplier is known already. */
  authorize (command: AuthorizeUsage, start: { nonce: string, supplier: HolderId } | null): void {
    const { requests, holder, requestId } = this.#options
    this.#isAsked = true
    this.#recorder = command.recorder
    this.#nonce = start?.nonce ?? ''
    const commands = start === null ? [command] : [command, { kind: 'start-usage', holder, requestId, ...start } as const]
    requests.send(holder, commands)
  }

  /** Another attempt, in the place of `before`, which came to nothing. */
  start (nonce: string, supplier: HolderId, before: string | null): void {
    const { requests, holder, requestId } = this.#options
    this.#isAsked = true
    this.#nonce = nonce
    this.#wasParked = false
    const start = { kind: 'start-usage', holder, requestId, nonce, supplier } as const
    requests.send(holder, before === null ? [start] : [{ kind: 'unstart-usage', holder, requestId, nonce: before }, start])
  }

  /** The attempt ended before its first byte, and no other follows here. */
  unstart (nonce: string): void {
    const { requests, holder, requestId } = this.#options
    requests.send(holder, [{ kind: 'unstart-usage', holder, requestId, nonce }])
  }

  /** The request comes to nothing, and nothing was delivered. */
  void (fault: 'supplier' | 'house' | 'client', { reason, nonce }: { reason: string, nonce: string }): void {
    if (!this.isPending) return
    const { requests, holder, requestId, instrumentId } = this.#options
    requests.send(holder, [voidOf({ holder, instrumentId, requestId, nonce, recorder: this.#recorder, fault, reason })])
  }

  /** Resolves once tokens are held. */
  authorized (): Promise<AuthorizationState> {
    return this.#until(({ status }) => status === 'authorized' || status === 'started')
  }

  /**
   * Resolves once the ledger has the start of this nonce, and no other. One that was written with an authorisation that
   * had to wait for a purchase came too early, and is written again.
   */
  async started (nonce: string, supplier: HolderId): Promise<AuthorizationState> {
    await this.authorized()
    if (this.#wasParked) this.start(nonce, supplier, null)
    return await this.#until(state => state.status === 'started' && state.nonce === nonce)
  }

  /** Progress was told, and so much more asked for; the answer comes as a state of the request. */
  extending (more: number): void {
    this.#asking = more
  }

  close (): void {
    this.#isOver = true
    this.#unwatch()
  }

  async #until (isMet: Waiter['isMet']): Promise<AuthorizationState> {
    if (this.#state !== null && isMet(this.#state)) return this.#state
    const met = Promise.withResolvers<AuthorizationState>()
    const waiter: Waiter = { isMet, resolve: met.resolve }
    this.#waiters.add(waiter)
    const deadline = Promise.withResolvers<never>()
    const timer = setTimeout(() => { deadline.reject(late()) }, this.#options.deadlineMs)
    try {
      return await Promise.race([met.promise, this.#failed.promise, deadline.promise])
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }

  #hear (state: AuthorizationState): void {
    if (this.#isOver) return
    const { cause, refusal, status } = state
    if (cause === 'extend-usage') this.#hearExtension(state)
    if (refusal !== null && this.#isOthers(state)) return
    // A start that came before its authorisation was decided, or after it was refused, says nothing of its own.
    if (refusal !== null && cause !== 'authorize-usage' && cause !== 'market') {
      if (cause === 'start-usage' && isFinal(refusal)) this.#fail(state)
      return
    }
    if (refusal !== null || status === 'lapsed' || status === 'voided' || status === 'refused') {
      this.#fail(state)
      return
    }
    this.#state = state
    this.#wasParked ||= status === 'parked'
    for (const waiter of [...this.#waiters]) {
      if (waiter.isMet(state)) waiter.resolve(state)
    }
  }

  /**
   * Whoever comes with the same id is told that it is taken, and who has it hears of that too: he goes on. His start
   * stands, or his authorisation was decided before the other's came.
   */
  #isOthers ({ cause, status, nonce }: AuthorizationState): boolean {
    if (cause === 'start-usage') return status === 'started' && nonce === this.#nonce
    return cause === 'authorize-usage' && this.#state !== null
  }

  #hearExtension ({ refusal, held }: AuthorizationState): void {
    const { requests, holder, instrumentId } = this.#options
    const asked = this.asking
    this.#asking = null
    if (asked === 0) return
    this.#isShort = held - this.held < asked
    // Where tokens are left it was its key's budget; who takes cash lacks that. Asking again would bring nothing.
    const isLeft = this.isManaged || requests.available(holder, instrumentId) > 0
    this.#isBound = refusal !== null || (this.#isShort && isLeft)
  }

  #fail (state: AuthorizationState): void {
    this.#isRefused = true
    this.#failed.reject(this.#options.faultOf(state))
  }
}

/** Of a start: somebody else serves the request, or has served it. */
const isFinal = (refusal: string): boolean => ['already_started', 'request_closed'].includes(refusal)
