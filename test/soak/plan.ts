// What is done to the market, and after how many messages.

import type { Random } from './random.ts'

export type ServerMishap = 'garbage' | 'restart Kafka' | 'restart ClickHouse' | 'ClickHouse away'

export type Plan = {
  /** Messages matched, at which whoever leads the flow's partition is killed. */
  readonly matching: readonly number[]
  /** Messages stored, at which the sinks are killed. */
  readonly sinks: readonly number[]
  /** Messages matched, one after another. */
  readonly servers: readonly { readonly at: number, readonly mishap: ServerMishap }[]
}

export type PlanOptions = {
  readonly messages: number
  readonly matchingKills: number
  readonly sinkKills: number
  /** In their order, spread evenly. */
  readonly servers: readonly ServerMishap[]
  readonly random: Random
}

// Nothing at the very start, where nobody has begun, nor at the end, where nobody has anything left to do.
const first = 0.04
const last = 0.9

export function planOf ({ messages, matchingKills, sinkKills, servers, random }: PlanOptions): Plan {
  const at = (share: number): number => Math.floor(messages * (first + (last - first) * share))
  const draw = (count: number): number[] => Array.from({ length: count }, () => at(random.next())).sort((a, b) => a - b)
  return {
    matching: draw(matchingKills),
    sinks: draw(sinkKills),
    servers: servers.map((mishap, place) => ({ at: at((place + random.next()) / servers.length), mishap }))
  }
}
