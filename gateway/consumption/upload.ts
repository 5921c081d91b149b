// A request while its body arrives: it keeps a process that has to go waiting, as an answer does, and is told in the
// end that it came too late. It is on the list of what is live until it is answered here.

import type { IncomingMessage } from 'node:http'
import { bodyOf, type Body } from '../serving/body.ts'
import type { Live, Ticked } from '../serving/live.ts'
import { Fault } from '../surfaces/fault.ts'

const draining = (): Fault =>
  new Fault('draining', 'This gateway is going away; try again.', { headers: { 'retry-after': '1', connection: 'close' } })

export class Upload implements Ticked {
  readonly #live: Live
  readonly #givenUp = Promise.withResolvers<never>()

  /** Throws a `Fault` where nothing is taken any more. */
  constructor (live: Live) {
    this.#live = live
    this.check()
    this.#givenUp.promise.catch(() => { /* Whoever waits for the body has heard of it. */ })
    live.add(this)
  }

  /** Throws a `Fault`. */
  body (request: IncomingMessage, idleMs: number): Promise<Body> {
    return Promise.race([bodyOf(request, idleMs), this.#givenUp.promise])
  }

  /** Throws a `Fault` where the process has begun to go meanwhile. */
  check (): void {
    if (this.#live.isDraining) throw draining()
  }

  /** It is answered, here or elsewhere, or will not be. */
  end (): void {
    this.#live.delete(this)
  }

  tick (): void {
    // How long a body may stand still is looked after where it is read.
  }

  giveUp (): void {
    this.#givenUp.reject(draining())
  }
}
