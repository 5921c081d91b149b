// An answer to a gateway: the model server's stream as it comes. The gateway mends it, translates it and counts it;
// here it is only paced and measured.

import type { ServerResponse } from 'node:http'
import type { Ticked } from '../serving/live.ts'
import { idHeaders, plainHeaders, sendFault } from '../serving/replies.ts'
import { UpstreamFailure, type Attempt } from '../relay/attempt.ts'
import { blamesRequest } from '../relay/faults.ts'
import { chatSurface } from '../surfaces/chat/chat.ts'
import type { Fault } from '../surfaces/fault.ts'
import type { JsonObject } from '../surfaces/surface.ts'
import type { Edge } from './edge.ts'
import type { Admitted } from './gate.ts'
import { capOf } from './upstream-body.ts'
import { faultOf, goingAway, tooLong } from './upstream-fault.ts'

export type DirectRequest = {
  readonly admitted: Admitted
  readonly chat: JsonObject
  readonly response: ServerResponse
  readonly traceparent: string
  readonly startedAt: number
}

/** Usage stands in the last chunk or two. */
const tailBytes = 4096
const usageForm = /"completion_tokens"\s*:\s*(\d{1,12})/g

/** What the model server says against the request, in its own words: the gateway puts them into the client's. */
function passOn (response: ServerResponse, { status, said }: UpstreamFailure): void {
  response.writeHead(status, { ...plainHeaders, 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) })
  response.end(said)
}

/** The last bytes of a stream, a few of its pieces as they came. */
class Tail {
  readonly #pieces: Buffer[] = []
  #length = 0

  take (bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#length += bytes.length
    while (this.#length - this.#pieces[0]!.length >= tailBytes) this.#length -= this.#pieces.shift()!.length
  }

  text (): string {
    return Buffer.concat(this.#pieces).toString('latin1')
  }
}

export class DirectAnswer implements Ticked {
  readonly #edge: Edge
  readonly #request: DirectRequest
  readonly #gone = Promise.withResolvers<never>()
  #attempt: Attempt | null = null
  #isGone = false
  #isOver = false
  #givenUp: Fault | null = null
  #hasBegun = false
  #calledAt = 0
  #firstAt: number | null = null
  #lastAt = 0
  readonly #tail = new Tail()

  constructor (edge: Edge, request: DirectRequest) {
    this.#edge = edge
    this.#request = request
    this.#gone.promise.catch(() => { /* Whoever waits has heard of it. */ })
    request.response.on('close', () => {
      if (request.response.writableFinished) return
      this.#isGone = true
      this.#stop(new UpstreamFailure('aborted'))
    })
  }

  /** Never throws: what goes wrong is told to the gateway. */
  async serve (): Promise<void> {
    const { live, metrics } = this.#edge
    live.add(this)
    try {
      await this.#answer()
      metrics.answered({ way: 'direct', outcome: 'completed' })
    } catch (thrown) {
      this.#attempt?.abort()
      metrics.answered({ way: 'direct', outcome: this.#fail(this.#givenUp ?? thrown) })
    } finally {
      this.#isOver = true
      live.delete(this)
    }
  }

  tick (at: number): void {
    if (at - this.#request.startedAt > this.#edge.limits.totalMs) this.#giveUp(tooLong())
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

  async #answer (): Promise<void> {
    const { upstream, elapsedMs } = this.#edge
    const { admitted: { claims }, chat, traceparent } = this.#request
    if (this.#request.response.destroyed) {
      this.#isGone = true
      throw new UpstreamFailure('aborted')
    }
    this.#calledAt = elapsedMs()
    const opened = (attempt: Attempt): void => { this.#attempt = attempt }
    const calling = upstream.call({ chat, cap: capOf(chat, claims.output_max), traceparent, opened })
    const attempt = await Promise.race([calling, this.#gone.promise])
    await Promise.race([this.#pass(attempt), this.#gone.promise])
    this.#request.response.end()
    this.#measure()
  }

  /** Nothing is kept but the end: a socket that is full stops the model server. */
  async #pass (attempt: Attempt): Promise<void> {
    const { response } = this.#request
    response.on('drain', () => { attempt.resume() })
    await attempt.read(bytes => {
      this.#begin()
      this.#lastAt = this.#edge.elapsedMs()
      this.#firstAt ??= this.#lastAt
      this.#tail.take(bytes)
      return response.write(bytes)
    })
    this.#begin()
  }

  #begin (): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const { response, admitted: { claims } } = this.#request
    const upstreamMs = Math.round(this.#edge.elapsedMs() - this.#calledAt)
    response.writeHead(200, {
      ...plainHeaders,
      ...idHeaders(claims.sub),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'server-timing': `upstream;dur=${upstreamMs}`
    })
  }

  #measure (): void {
    const [, tokens] = [...this.#tail.text().matchAll(usageForm)].at(-1) ?? []
    this.#edge.metrics.measured({
      firstTokenMs: this.#firstAt === null ? null : this.#firstAt - this.#calledAt,
      outputMs: this.#lastAt - (this.#firstAt ?? this.#lastAt),
      outputTokens: Number(tokens ?? 0)
    })
  }

  /** What it is counted as. */
  #fail (thrown: unknown): string {
    const { response, admitted: { claims, release } } = this.#request
    if (this.#isGone) {
      if (!this.#hasBegun) release()
      return 'disconnected'
    }
    const fault = faultOf(thrown)
    // Not what the model server said: it may repeat a prompt.
    this.#edge.log.warn({ requestId: claims.sub, code: fault.code, error: String(thrown) }, 'a request failed')
    // A connection that breaks can't be taken for an answer that has ended.
    if (this.#hasBegun) response.destroy()
    else if (thrown instanceof UpstreamFailure && blamesRequest(thrown.status)) passOn(response, thrown)
    else sendFault(response, { surface: chatSurface, fault, headers: { ...plainHeaders, ...idHeaders(claims.sub) } })
    return fault.code
  }
}
