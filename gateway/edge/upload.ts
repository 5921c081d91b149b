// A client's body on its way here. However long it takes, the market hears that its request lives.

import type { IncomingMessage } from 'node:http'
import { bodyOf, type Body } from '../serving/body.ts'
import type { Ticked } from '../serving/live.ts'
import type { EdgeLimits } from './edge.ts'
import type { Telling } from './telling.ts'
import { goingAway, tooLong } from './upstream-fault.ts'

type UploadOptions = {
  readonly telling: Telling
  readonly limits: EdgeLimits
  /** By the clock for durations. */
  readonly startedAt: number
}

export class Upload implements Ticked {
  readonly #options: UploadOptions
  readonly #ended = Promise.withResolvers<never>()

  constructor (options: UploadOptions) {
    this.#options = options
    this.#ended.promise.catch(() => { /* Whoever waits for the body has heard of it. */ })
  }

  /** Throws a `Fault`. */
  body (request: IncomingMessage): Promise<Body> {
    return Promise.race([bodyOf(request), this.#ended.promise])
  }

  tick (at: number): void {
    const { telling, limits, startedAt } = this.#options
    if (at - startedAt > limits.totalMs) this.#ended.reject(tooLong())
    else if (telling.isDue(at)) telling.progress(at, { input: 0, output: 0 })
  }

  giveUp (): void {
    this.#ended.reject(goingAway())
  }
}
