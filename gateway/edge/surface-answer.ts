// An answer to a client that a gateway sent here: in the words of its surface, measured and reported by this edge.
//
//   1  ask the model server, and wait for its headers
//   2  pass the answer on; a reading when they are there, and each 30 s, so that the market knows that it lives
//   3  the last reading, on disk
//   4  the last byte

import type { ServerResponse } from 'node:http'
import { inputGuessOf, referenceOf } from '../serving/counting.ts'
import { inputSlackOf, outputHeldOf, type Need } from '../serving/hold.ts'
import type { Ticked } from '../serving/live.ts'
import { sendFault, type Headers } from '../serving/replies.ts'
import { UpstreamFailure, type Attempt } from '../relay/attempt.ts'
import { billable, type Billable } from '../relay/billable.ts'
import { Delivered } from '../relay/delivered.ts'
import { measuredOf } from '../relay/measured.ts'
import { Out } from '../relay/out.ts'
import { pump } from '../relay/pump.ts'
import type { Fault } from '../surfaces/fault.ts'
import type { AnswerCollector, AnswerWriter, Inference, Surface } from '../surfaces/surface.ts'
import type { Edge } from './edge.ts'
import type { Admitted } from './gate.ts'
import type { Telling } from './telling.ts'
import { faultOf, goingAway, tooLong } from './upstream-fault.ts'

export type SurfaceRequest = {
  readonly admitted: Admitted
  readonly telling: Telling
  readonly surface: Surface
  readonly inference: Inference
  /** Within what the ticket allows. */
  readonly need: Need
  readonly response: ServerResponse
  readonly headers: Headers
  readonly traceparent: string
  readonly startedAt: number
}

/** On one answer: nobody here can have more held than is, so that no more than that is to be made. */
const capOf = (need: Need, held: number): number =>
  Math.max(1, Math.min(need.outputMax, Math.floor(outputHeldOf(need, held) / need.n)))

export class SurfaceAnswer implements Ticked {
  readonly #edge: Edge
  readonly #request: SurfaceRequest
  readonly #out: Out
  readonly #delivered: Delivered
  readonly #writer: AnswerWriter | null
  readonly #collector: AnswerCollector | null
  readonly #gone = Promise.withResolvers<never>()
  #attempt: Attempt | null = null
  #hasHeaders = false
  #isOver = false
  #givenUp: Fault | null = null
  #calledAt = 0

  constructor (edge: Edge, request: SurfaceRequest) {
    const { admitted: { claims }, surface, inference, response, headers } = request
    this.#edge = edge
    this.#request = request
    this.#out = new Out(response, () => ({ status: 200, headers }))
    this.#delivered = new Delivered(inference.n)
    const inputGuess = (): number => inputGuessOf(edge.countTokens, inference)
    const created = Math.floor(edge.now() / 1000)
    const served = { requestId: claims.sub, created, inputGuess, seal: edge.seal }
    this.#writer = inference.isStream ? surface.stream(inference, served) : null
    this.#collector = inference.isStream ? null : surface.collect(inference, served)
    this.#gone.promise.catch(() => { /* Whoever waits has heard of it. */ })
    response.on('close', () => { if (this.#out.isGone) this.#stop(new UpstreamFailure('aborted')) })
  }

  /** Never throws: what goes wrong is told to the client, and reported. */
  async serve (): Promise<void> {
    const { live, metrics } = this.#edge
    const way = this.#request.surface.name
    live.add(this)
    try {
      await this.#answer()
      metrics.answered({ way, outcome: 'completed' })
    } catch (thrown) {
      this.#attempt?.abort()
      metrics.answered({ way, outcome: this.#fail(this.#givenUp ?? thrown) })
    } finally {
      this.#isOver = true
      live.delete(this)
    }
  }

  tick (at: number): void {
    const { limits } = this.#edge
    if (at - this.#request.startedAt > limits.totalMs) {
      this.#giveUp(tooLong())
      return
    }
    // Whether or not the client was sent anything yet.
    if (this.#request.telling.isDue(at)) this.#tellProgress(at)
    if (!this.#hasHeaders) return
    const since = Math.max(this.#out.lastWriteAt, this.#calledAt)
    if (this.#writer !== null && at - since >= limits.heartbeatMs) this.#out.write(this.#writer.heartbeat(), at)
  }

  giveUp (): void {
    this.#giveUp(goingAway())
  }

  #giveUp (fault: Fault): void {
    this.#givenUp = fault
    this.#stop(fault)
  }

  #stop (thrown: Error): void {
    if (this.#isOver) return
    this.#attempt?.abort()
    this.#gone.reject(thrown)
  }

  #orGone<T> (promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#gone.promise])
  }

  async #answer (): Promise<void> {
    const { upstream, elapsedMs } = this.#edge
    const { admitted: { claims }, inference: { chat, n }, need, traceparent } = this.#request
    if (this.#out.isGone) throw new UpstreamFailure('aborted')
    this.#calledAt = elapsedMs()
    const opened = (attempt: Attempt): void => { this.#attempt = attempt }
    const cap = capOf(need, claims.held)
    const asked = n === 1 ? chat : { ...chat, n }
    const attempt = await this.#orGone(upstream.call({ chat: asked, cap, traceparent, opened }))
    this.#hasHeaders = true
    this.#tellProgress(elapsedMs())
    await this.#orGone(pump({
      requestId: claims.sub,
      attempt,
      delivered: this.#delivered,
      out: this.#out,
      writer: this.#writer,
      collector: this.#collector,
      elapsedMs,
      // The cap that the model server was told is what is held.
      isSpent: () => false
    }))
    this.#settleWhole()
  }

  #settleWhole (): void {
    const usage = this.#billable()
    const { input, output } = usage
    this.#request.telling.say({ phase: 'final', input, output, firstTokenMs: this.#firstTokenMs })
    this.#measure(usage)
    const end = { usage, isCut: false }
    if (this.#writer !== null) this.#out.end(this.#writer.end(end))
    else if (this.#collector !== null) this.#out.end(JSON.stringify(this.#collector.end(end)))
  }

  #billable (): Billable {
    const { need: { inputBound, n, outputMax }, inference } = this.#request
    const delivered = this.#delivered
    const inputSlack = inputSlackOf(inference)
    const measured = measuredOf(delivered, { inference, inputBound, inputSlack, outputMax: n * outputMax })
    return billable(measured, referenceOf(this.#edge.countTokens, inference, () => delivered.texts()))
  }

  #measure ({ output }: Billable): void {
    const { firstTokenAt, lastTokenAt } = this.#delivered
    if (firstTokenAt === null || lastTokenAt === null) return
    const times = { firstTokenMs: firstTokenAt - this.#calledAt, outputMs: lastTokenAt - firstTokenAt }
    this.#edge.metrics.measured({ ...times, outputTokens: output })
  }

  /** Null: the model server has said nothing yet. */
  get #firstTokenMs (): number | null {
    const { firstTokenAt } = this.#delivered
    return firstTokenAt === null ? null : firstTokenAt - this.#calledAt
  }

  #tellProgress (at: number): void {
    // What is sure: of the input nothing is before the model server has said what it read.
    const { outputAtLeast: output } = this.#delivered
    this.#request.telling.progress(at, { input: 0, output, firstTokenMs: this.#firstTokenMs })
  }

  /** What it is counted as. */
  #fail (thrown: unknown): string {
    const { admitted: { claims }, telling, surface, response, headers } = this.#request
    if (this.#out.isGone) {
      if (!this.#out.hasBegun) telling.release()
      else this.#settleGone()
      return 'disconnected'
    }
    const fault = faultOf(thrown)
    // Not what the model server said: it may repeat a prompt.
    this.#edge.log.warn({ requestId: claims.sub, code: fault.code, error: String(thrown) }, 'a request failed')
    const { input, output } = this.#delivered.hasContent ? this.#billable() : { input: 0, output: 0 }
    const whose = fault.status < 500 ? 'client' : 'supplier'
    const about = { fault: whose, reason: fault.code, firstTokenMs: this.#firstTokenMs } as const
    telling.trySay({ phase: 'failed', input, output, ...about })
    if (this.#out.hasBegun && this.#writer !== null) this.#out.end(this.#writer.fail(fault))
    else sendFault(response, { surface, fault, headers })
    return fault.code
  }

  /** It owes what it got. */
  #settleGone (): void {
    const { input, output } = this.#billable()
    this.#request.telling.trySay({ phase: 'final', input, output, firstTokenMs: this.#firstTokenMs })
  }
}
