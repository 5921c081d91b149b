// An answer to a client that a gateway sent here: in the words of its surface, measured and reported by this edge.
//
//   1  ask the model server, and wait for its headers
//   2  pass the answer on; a reading at its first byte, and each 30 s, so that the market knows that it lives
//   3  the last reading, on disk
//   4  the last byte

import type { ServerResponse } from 'node:http'
import { inputTokensOf, tokensOf } from '../serving/counting.ts'
import { capOf as capHeld, outputHeldOf, outputStep, type Need } from '../serving/hold.ts'
import type { Ticked } from '../serving/live.ts'
import { sendFault, type Headers } from '../serving/replies.ts'
import { UpstreamFailure, type Attempt } from '../relay/attempt.ts'
import { billable, type Billable } from '../relay/billable.ts'
import { Delivered } from '../relay/delivered.ts'
import { Out } from '../relay/out.ts'
import { pump } from '../relay/pump.ts'
import type { Fault } from '../surfaces/fault.ts'
import type { AnswerCollector, AnswerWriter, Inference, Surface } from '../surfaces/surface.ts'
import { recorderOf, type Edge } from './edge.ts'
import type { Admitted } from './gate.ts'
import { eventOf, type Reading } from './readings.ts'
import { faultOf, goingAway, tooLong } from './upstream-fault.ts'

export type SurfaceRequest = {
  readonly admitted: Admitted
  readonly surface: Surface
  readonly inference: Inference
  /** Within what the ticket allows. */
  readonly need: Need
  readonly response: ServerResponse
  readonly headers: Headers
  readonly traceparent: string
  readonly startedAt: number
}

type Said = Omit<Reading, 'sequence' | 'firstTokenMs' | 'durationMs'>

/** A start lives 90 s without a word. */
const aliveMs = 30_000

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
  #sequence: number
  #calledAt = 0
  #saidAt: number | null = null
  /** For output, as far as is known here: nobody says whether more was to be had. */
  #outputHeld: number

  constructor (edge: Edge, request: SurfaceRequest) {
    const { admitted: { claims }, surface, inference, need, response, headers } = request
    this.#edge = edge
    this.#request = request
    // A client that left before the first byte may come again with its ticket: readings rise all the same.
    this.#sequence = Math.floor(edge.now() / 1000) * 100
    this.#outputHeld = outputHeldOf(need, claims.held)
    this.#out = new Out(response, () => ({ status: 200, headers }))
    this.#delivered = new Delivered(inference.n)
    const served = {
      requestId: claims.sub, created: Math.floor(edge.now() / 1000), inputGuess: need.inputLeast, seal: edge.seal
    }
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
    if (!this.#hasHeaders) return
    if (this.#saidAt !== null && at - this.#saidAt >= aliveMs) this.#sayProgress(at, 0)
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
    const cap = capHeld(need, claims.held)
    const asked = n === 1 ? chat : { ...chat, n }
    const attempt = await this.#orGone(upstream.call({ chat: asked, cap, traceparent, opened }))
    this.#hasHeaders = true
    await this.#orGone(pump({
      requestId: claims.sub,
      attempt,
      delivered: this.#delivered,
      out: this.#out,
      writer: this.#writer,
      collector: this.#collector,
      elapsedMs,
      isSpent: () => this.#takeStock()
    }))
    this.#settleWhole()
  }

  /** After each read. Never spent here: what the market bills is at most what it holds. */
  #takeStock (): false {
    const { need: { n, outputMax } } = this.#request
    if (this.#saidAt === null && this.#out.hasBegun) this.#sayProgress(this.#edge.elapsedMs(), 0)
    const wanted = Math.min(n * outputStep, n * outputMax - this.#outputHeld)
    if (wanted > 0 && this.#delivered.outputGuess >= this.#outputHeld / 2) {
      this.#outputHeld += wanted
      this.#sayProgress(this.#edge.elapsedMs(), wanted)
    }
    return false
  }

  #settleWhole (): void {
    const usage = this.#billable()
    this.#say({ phase: 'final', input: usage.input, output: usage.output })
    this.#measure(usage)
    const end = { usage, isCut: false }
    if (this.#writer !== null) this.#out.end(this.#writer.end(end))
    else if (this.#collector !== null) this.#out.end(JSON.stringify(this.#collector.end(end)))
  }

  #billable (): Billable {
    const { need, inference } = this.#request
    const { countTokens } = this.#edge
    const { usage, text, reasoningLength } = this.#delivered
    return billable({
      usage,
      inputBound: need.inputBound,
      text,
      showsReasoning: reasoningLength > 0,
      outputMax: need.n * need.outputMax
    }, { count: all => tokensOf(countTokens, all), input: () => inputTokensOf(countTokens, inference) })
  }

  #measure ({ output }: Billable): void {
    const { firstTokenAt, lastTokenAt } = this.#delivered
    if (firstTokenAt === null || lastTokenAt === null) return
    const times = { firstTokenMs: firstTokenAt - this.#calledAt, outputMs: lastTokenAt - firstTokenAt }
    this.#edge.metrics.measured({ ...times, outputTokens: output })
  }

  #sayProgress (at: number, more: number): void {
    this.#saidAt = at
    this.#trySay({ phase: 'progress', input: this.#request.need.inputLeast, output: this.#delivered.outputGuess, more })
  }

  /** Where an answer goes on, or is over already, a disk that is full must not be what ends it. */
  #trySay (said: Said): void {
    try {
      this.#say(said)
    } catch (error) {
      const requestId = this.#request.admitted.claims.sub
      this.#edge.log.error({ requestId, error: String(error) }, 'a reading could not be kept')
    }
  }

  /** Of no other recorder's requests is anything said. */
  #say (said: Said): void {
    const { supplier, now, elapsedMs, report } = this.#edge
    const { claims } = this.#request.admitted
    if (claims.recorder !== recorderOf(supplier)) return
    const { firstTokenAt } = this.#delivered
    const firstTokenMs = firstTokenAt === null ? null : firstTokenAt - this.#calledAt
    const durationMs = elapsedMs() - this.#request.startedAt
    report(eventOf(claims, { ...said, sequence: ++this.#sequence, firstTokenMs, durationMs }, now()))
  }

  /** What it is counted as. */
  #fail (thrown: unknown): string {
    const { admitted: { claims, release }, surface, response, headers } = this.#request
    if (this.#out.isGone) {
      if (!this.#out.hasBegun) release()
      else this.#settleGone()
      return 'disconnected'
    }
    const fault = faultOf(thrown)
    // Not what the model server said: it may repeat a prompt.
    this.#edge.log.warn({ requestId: claims.sub, code: fault.code, error: String(thrown) }, 'a request failed')
    const { input, output } = this.#delivered.hasContent ? this.#billable() : { input: 0, output: 0 }
    const whose = fault.status < 500 ? 'client' : 'supplier'
    this.#trySay({ phase: 'failed', input, output, fault: whose, reason: fault.code })
    if (this.#out.hasBegun && this.#writer !== null) this.#out.end(this.#writer.fail(fault))
    else sendFault(response, { surface, fault, headers })
    return fault.code
  }

  /** It owes what it got. */
  #settleGone (): void {
    const { input, output } = this.#billable()
    this.#trySay({ phase: 'final', input, output })
  }
}
