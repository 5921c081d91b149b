// Which process is killed, and after how many requests.

import type { Random } from '../random.ts'

export const struck = ['metering', 'ledger', 'sinks'] as const
export type Struck = typeof struck[number]

/** `at`: requests captured. */
export type Kill = { readonly at: number, readonly process: Struck }

// Nothing at the very start, where nobody has begun, nor at the end, where nobody has anything left to do.
const [first, last] = [0.04, 0.9]

/** So many of each, in the order in which they come. */
export function usageKills (requests: number, each: number, random: Random): Kill[] {
  const kills = struck.flatMap(process => Array.from({ length: each }, (): Kill =>
    ({ process, at: Math.floor(requests * (first + (last - first) * random.next())) })))
  return kills.sort((a, b) => a.at - b.at)
}
