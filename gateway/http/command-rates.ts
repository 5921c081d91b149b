// How many commands a user may send about one subject, such as a market: so many a second, beyond them from a burst
// that fills up once a minute, and never more than so many a minute.
//
// Counted in this process, by the library's own clock. In a fleet that is exact while a load balancer sends a user's
// requests to one gateway (and it does, because each serves the accounts of its part); else the same library counts in
// a store that the gateways share.

import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ApiError } from '../errors.ts'
import type { OrderRate, Ports } from '../ports.ts'

export const windowSeconds = 60

type Left = { readonly isAllowed: boolean, readonly remaining: number, readonly waitMs: number }

type Limiter = { consume (key: string, points: number): Promise<RateLimiterRes> }

async function consumed (limiter: Limiter, key: string, points: number): Promise<Left> {
  try {
    const { remainingPoints, msBeforeNext } = await limiter.consume(key, points)
    return { isAllowed: true, remaining: remainingPoints, waitMs: msBeforeNext }
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected
    return { isAllowed: false, remaining: 0, waitMs: rejected.msBeforeNext }
  }
}

export type Headers = Readonly<Record<string, string>>

export class CommandRates {
  readonly #rate: OrderRate
  readonly #now: Ports['now']
  readonly #bySecond: Limiter
  readonly #byMinute: Limiter

  constructor ({ orderRate, now }: Pick<Ports, 'orderRate' | 'now'>) {
    this.#rate = orderRate
    this.#now = now
    this.#bySecond = new BurstyRateLimiter(
      new RateLimiterMemory({ points: orderRate.perSecond, duration: 1 }),
      new RateLimiterMemory({ points: orderRate.burst, duration: windowSeconds })
    )
    this.#byMinute = new RateLimiterMemory({ points: orderRate.perMinute, duration: windowSeconds })
  }

  /** Counts commands, one for each subject, and returns what a reply says of it. Throws when they are too many. */
  async spend (user: number, subjects: ReadonlyArray<string | null>): Promise<Headers> {
    let headers: Headers = {}
    for (const [subject, of] of Map.groupBy(subjects, subject => subject ?? '*')) {
      headers = await this.#spendOn(`${user} ${subject}`, of.length)
    }
    return headers
  }

  async #spendOn (key: string, commands: number): Promise<Headers> {
    const second = await consumed(this.#bySecond, key, commands)
    if (!second.isAllowed) throw this.#refusal(second)
    const minute = await consumed(this.#byMinute, key, commands)
    if (!minute.isAllowed) throw this.#refusal(minute)
    return this.#headers(minute)
  }

  #refusal (left: Left): ApiError {
    const wait = String(Math.max(1, Math.ceil(left.waitMs / 1000)))
    const headers = { ...this.#headers(left), 'retry-after': wait, 'x-ratelimit-retry-after': wait }
    return new ApiError('rate_limited', `Too many orders in this market; try again in ${wait} s.`, { headers })
  }

  #headers ({ remaining, waitMs }: Left): Headers {
    return {
      'x-ratelimit-limit': String(this.#rate.perMinute),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil((this.#now() + waitMs) / 1000))
    }
  }
}
