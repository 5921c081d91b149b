// One request from admission to its last byte. The order of things is the rule (README, G1 to G3):
//
//   1  authorise, and begin an attempt at a supplier's
//   2  wait for the upstream's headers, and for the replica to show the authorisation with this attempt's start
//   3  pass the answer on
//   4  settle: reading and report on disk
//   5  the last byte

import type { ServerResponse } from 'node:http'
import { UpstreamFailure, saidBy, type Attempt, type UpstreamHeaders } from '../relay/attempt.ts'
import { pump } from '../relay/pump.ts'
import type { Result } from '../routing/routing.ts'
import { Fault } from '../surfaces/fault.ts'
import type { Admission } from './admission.ts'
import { Answering, type Try } from './answering.ts'
import { authorizeCommand } from './authorize.ts'
import type { Consumption } from './consumption.ts'
import { endFailed, endGone, endServed, type Ending } from './ending.ts'
import { Extension } from './extension.ts'
import { isOthersToo, resultOf } from './failures.ts'
import { capOf } from '../serving/hold.ts'
import type { Ticked } from '../serving/live.ts'
import type { Candidate } from './ports.ts'
import { readingOf } from './settle.ts'
import type { Taken } from './taken.ts'
import { openUpstream } from './upstream-call.ts'

export type RunOptions = {
  readonly taken: Taken
  readonly admission: Admission
  readonly response: ServerResponse
  /** It was authorised on an earlier hop, and goes back to that if the client leaves before the first byte. */
  readonly isResumed: boolean
}

/** What is held for it is cash, which only a managed supplier is paid. */
class HeldInCash extends Error {}

const clientGone = (): UpstreamFailure => new UpstreamFailure('aborted', { said: 'the client left' })
const soon = { 'retry-after': '1' }

export class Run implements Ticked {
  readonly #c: Consumption
  readonly #options: RunOptions
  readonly #answering: Answering
  readonly #extension: Extension
  readonly #gone = Promise.withResolvers<never>()
  #isOver = false
  /** The replica has the authorisation and this attempt's start: the client may be told something. */
  #mayTell = false
  /** Why the answer is ended here, where neither side wants it to. */
  #givenUp: Fault | null = null

  constructor (c: Consumption, options: RunOptions) {
    const { taken, admission, response } = options
    this.#c = c
    this.#options = options
    this.#answering = new Answering(c, taken, response)
    this.#extension = new Extension(admission, taken.need)
    this.#gone.promise.catch(() => {})
    if (this.#answering.out.isGone) this.#gone.reject(clientGone())
    else response.on('close', () => { if (this.#answering.out.isGone) this.#gone.reject(clientGone()) })
  }

  /** Never throws: what goes wrong is told to the client, and settled. */
  async serve (): Promise<void> {
    const ending: Ending = { c: this.#c, answering: this.#answering, ...this.#options }
    this.#c.live.add(this)
    try {
      const pumped = await this.#answered()
      // After the last reading there is nothing more to say of it.
      this.#mayTell = false
      await endServed(ending, pumped === 'spent')
    } catch (thrown) {
      if (this.#answering.out.isGone) endGone(ending)
      else endFailed(ending, this.#givenUp ?? thrown)
    } finally {
      this.#isOver = true
      this.#options.admission.close()
      this.#c.live.delete(this)
    }
  }

  giveUp (): void {
    this.#end(new Fault('draining', 'This gateway is going away; nothing was billed. Try again.', { headers: soon }))
  }

  tick (at: number): void {
    const { settings } = this.#c
    if (at - this.#options.taken.startedAt > settings.totalMs) {
      this.#end(new Fault('upstream_timeout', 'The answer took too long; nothing was billed.'))
      return
    }
    if (!this.#mayTell) return
    const { writer, out, current } = this.#answering
    if (this.#extension.isDue(at)) this.#progress(this.#extension.keepAlive(at))
    const since = Math.max(out.lastWriteAt, current?.openedAt ?? at)
    if (writer !== null && at - since >= settings.heartbeatMs) out.write(writer.heartbeat(), at)
  }

  #end (fault: Fault): void {
    if (this.#isOver) return
    this.#givenUp = fault
    this.#answering.current?.attempt.abort()
    this.#gone.reject(fault)
  }

  /** By the first supplier that can: as long as the client has not had a word. */
  async #answered () {
    const tried = new Set<string>()
    let candidate = this.#choose(tried, this.#options.admission.isManaged)
    if (candidate === null && !this.#mayBeManaged) throw this.#nobody()
    for (;;) {
      const trying = await this.#begin(candidate, tried)
      try {
        const pumped = await this.#pass(trying)
        const { firstTokenMs, tokens } = this.#answering
        const durationMs = this.#c.elapsedMs() - trying.openedAt
        trying.begun.end({ kind: 'ok', firstTokenMs: firstTokenMs ?? durationMs, durationMs, tokens })
        return pumped
      } catch (thrown) {
        trying.attempt.abort()
        const failure = thrown instanceof UpstreamFailure ? thrown : null
        trying.begun.end(this.#resultOf(failure))
        const isLast = !(thrown instanceof HeldInCash) && (failure === null || !this.#mayGoOn(failure))
        const next = isLast ? null : this.#choose(tried, this.#options.admission.isManaged)
        // Where nobody is left to ask, what the last one said is the answer.
        if (next === null) throw thrown instanceof HeldInCash ? this.#nobody() : thrown
        candidate = next
      }
    }
  }

  #mayGoOn (failure: UpstreamFailure): boolean {
    const { out, delivered, attempts } = this.#answering
    return isOthersToo(failure) && this.#givenUp === null && !out.isGone && !out.hasBegun && !delivered.hasContent &&
      attempts < this.#c.settings.attemptsMax
  }

  /** Asks `chosen`, or who takes cash where that is what is held: at once where tokens are sure to be there. */
  async #begin (chosen: Candidate | null, tried: Set<string>): Promise<Try> {
    const { taken, admission } = this.#options
    const { need } = taken
    const nonce = this.#c.random(12).toString('base64url')
    const candidate = await this.#admitted(chosen, nonce)
    const { endpointId } = candidate.endpoint
    tried.add(endpointId)
    const held = admission.held === 0 ? need.need : admission.held
    const begun = this.#c.supply.begin(endpointId, need.inputBound)
    const openedAt = this.#c.elapsedMs()
    this.#mayTell = false
    const cap = capOf(need, held)
    const attempt = openUpstream(this.#c, taken, { candidate, nonce, cap, held })
    return this.#answering.begin({ candidate, begun, nonce, attempt, cap, openedAt })
  }

  /** The start of `nonce` is written when this returns, and so is the authorisation. */
  async #admitted (candidate: Candidate | null, nonce: string): Promise<Candidate> {
    const { taken: { holder, instrument: { instrumentId }, need }, taken, admission, isResumed } = this.#options
    const before = this.#answering.current?.nonce ?? null
    if (before !== null && candidate !== null) {
      admission.start(nonce, candidate.endpoint.supplier, before)
      return candidate
    }
    if (!isResumed) {
      const command = authorizeCommand(this.#c, taken, { recorder: 'gateway', mayBeManaged: true })
      const sure = this.#c.requests.available(holder, instrumentId) >= need.need ? candidate : null
      admission.authorize(command, sure === null ? null : { nonce, supplier: sure.endpoint.supplier })
      if (sure !== null) return sure
    }
    await this.#orGone(admission.authorized())
    const chosen = admission.isManaged ? this.#choose(new Set(), true) : candidate
    if (chosen === null) throw this.#nobody()
    admission.start(nonce, chosen.endpoint.supplier, null)
    return chosen
  }

  #choose (tried: ReadonlySet<string>, isManaged: boolean): Candidate | null {
    const { instrument: { instrumentId }, inference: { stickyKey }, need } = this.#options.taken
    const wish = { instrumentId, stickyKey, tried, needsPublicUrl: false, isManaged, inputTokens: need.inputBound }
    return this.#c.supply.choose(wish)
  }

  /** Where no other supplier is left, one who takes cash may be. */
  get #mayBeManaged (): boolean {
    const { settings: { usesManaged }, instrument: { instrumentId } } = this.#options.taken
    return usesManaged && this.#c.supply.managedPrice(instrumentId) !== null
  }

  #nobody (): Fault {
    const { instrumentId } = this.#options.taken.instrument
    return new Fault('no_supplier', `Nobody can serve ${instrumentId} at the moment; nothing was billed. Try again.`, {
      headers: { 'retry-after': '5' }
    })
  }

  /** Two steps of waiting at once: for the upstream, and for the replica to have the start. */
  async #pass ({ candidate, nonce, attempt }: Try) {
    const { admission } = this.#options
    const { elapsedMs } = this.#c
    const { delivered, out, writer, collector } = this.#answering
    const headers = await this.#orGone(attempt.headers, admission.failed)
    if (headers.status !== 200) throw await this.#orGone(rejection(attempt, headers))
    this.#answering.hasHeaders = true
    await this.#orGone(admission.started(nonce, candidate.endpoint.supplier))
    // Others were before us in the log, and took the tokens that were there when it was asked.
    if (admission.isManaged && candidate.endpoint.managedPrice === null) throw new HeldInCash()
    this.#extension.started(elapsedMs())
    this.#mayTell = true
    const { requestId, instrument: { instrumentId } } = this.#options.taken
    const isSpent = (): boolean => this.#isSpent()
    const of = { requestId, attempt, delivered, out, writer, collector, elapsedMs, isSpent }
    // Nobody is told who serves for cash.
    const pumped = await pump(admission.isManaged ? { ...of, servedAs: instrumentId } : of)
    if (this.#givenUp !== null) throw this.#givenUp
    return pumped
  }

  /** Whichever comes first; a client that leaves is the end of it. */
  #orGone<T> (...promises: readonly Promise<T>[]): Promise<T> {
    return Promise.race([...promises, this.#gone.promise])
  }

  /** Asks for more where half is gone; true once nothing is left and nothing more can be held. */
  #isSpent (): boolean {
    const { outputGuess } = this.#answering.delivered
    const more = this.#extension.moreFor(outputGuess)
    if (more > 0) this.#progress(more)
    return this.#extension.isSpent(outputGuess)
  }

  #progress (more: number): void {
    const { taken, admission } = this.#options
    const { nonce, candidate } = this.#answering.current!
    admission.extending(more)
    this.#c.leavings.progress(readingOf(this.#c, taken, {
      phase: 'progress',
      sequence: this.#answering.nextSequence(),
      nonce,
      supplier: candidate.endpoint.supplier,
      // What is sure: of the input nothing is before the upstream has said what it read.
      input: 0,
      output: this.#answering.delivered.outputAtLeast,
      more
    }))
  }

  #resultOf (failure: UpstreamFailure | null): Result {
    const { firstTokenMs, tokens, out } = this.#answering
    if (failure !== null && failure.kind !== 'aborted' && !out.isGone) return resultOf(failure)
    return { kind: 'aborted', firstTokenMs, tokens: firstTokenMs === null ? null : tokens }
  }
}

async function rejection (attempt: Attempt, { status, headers }: UpstreamHeaders): Promise<UpstreamFailure> {
  const seconds = Number(headers['retry-after'])
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
  return new UpstreamFailure('status', { status, retryAfterMs, said: await saidBy(attempt) })
}
