// How many requests an address may make. All addresses share one fixed window, so that forgetting is one clear().

import { isIPv6 } from 'node:net'
import type { Middleware } from 'koa'
import { ApiError } from '../errors.ts'
import type { Ports, RateLimit } from '../ports.ts'
import type { RequestState } from './request.ts'

/** Addresses counted in one window. Past it the oldest is forgotten, lest a flood of addresses fill memory. */
const addressesMax = 100_000

export type Allowance = {
  readonly isAllowed: boolean
  readonly remaining: number
  /** Milliseconds since the epoch. */
  readonly resetsAt: number
}

export class FixedWindow {
  readonly #limit: RateLimit
  readonly #counts = new Map<string, number>()
  #window = -1

  constructor (limit: RateLimit) {
    this.#limit = limit
  }

  /** Counts one request of `address` at `now`. */
  count (address: string, now: number): Allowance {
    const { requests, windowMs } = this.#limit
    const window = Math.floor(now / windowMs)
    if (window !== this.#window) {
      this.#window = window
      this.#counts.clear()
    }
    const count = (this.#counts.get(address) ?? 0) + 1
    this.#counts.set(address, count)
    if (this.#counts.size > addressesMax) this.#counts.delete(this.#counts.keys().next().value!)
    const resetsAt = (window + 1) * windowMs
    return { isAllowed: count <= requests, remaining: Math.max(0, requests - count), resetsAt }
  }
}

/** One household has a whole /64 of IPv6, so that is what counts as an address there. */
export function countedAddress (address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(group => group !== '')
  const tailGroups = tail === undefined ? [] : tail.split(':').filter(group => group !== '')
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - tailGroups.length) }, () => '0')
  return [...groups, ...zeros, ...tailGroups].slice(0, 4).join(':')
}

/** What watches the gateway must not be shut out by those who use it. */
const unlimited = new Set(['/health', '/ready', '/metrics'])

export function rateLimit ({ rateLimit, now }: Ports): Middleware<RequestState> {
  const window = new FixedWindow(rateLimit)
  return async (ctx, next) => {
    const at = now()
    const { isAllowed, remaining, resetsAt } = window.count(countedAddress(ctx.ip), at)
    ctx.set({
      'x-ratelimit-limit': String(rateLimit.requests),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil(resetsAt / 1000))
    })
    if (!isAllowed && !unlimited.has(ctx.path)) {
      const wait = String(Math.max(1, Math.ceil((resetsAt - at) / 1000)))
      const headers = { 'retry-after': wait, 'x-ratelimit-retry-after': wait }
      throw new ApiError('rate_limited', `Too many requests; try again in ${wait} s.`, { headers })
    }
    await next()
  }
}
