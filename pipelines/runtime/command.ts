// Commands from outside the log: each has an id, drawn before its first send, and a time until which it is valid.
//
//   command := valid_until ' ' id        (latin1; milliseconds since the epoch; id of 1 to 100 visible characters)
//
// A stage drops an id that it has seen and refuses what is late, both in stage time. Since a late command is refused
// anyway, an id has to be remembered only until it is late: what is remembered is bounded by what arrives within the
// longest validity.

import type { Instant } from '../../schemas/units.ts'

export type CommandTag = { readonly id: string, readonly validUntil: Instant }

/** The longest time that a command may be valid: what a stage has to remember is bounded by it. */
export const validityMsMax = 75_000

const pattern = /^(\d{1,15}) ([!-~]{1,100})$/

export function writeCommandTag (tag: CommandTag): Buffer {
  return Buffer.from(`${tag.validUntil} ${tag.id}`, 'latin1')
}

/** Null when the header is not a command's. */
export function readCommandTag (header: Buffer): CommandTag | null {
  const match = pattern.exec(header.toString('latin1'))
  return match === null ? null : { id: match[2]!, validUntil: Number(match[1]) as Instant }
}

const bucketMs = 1000

/** The ids a stage has seen, by the second in which each stops being valid. */
export class SeenCommands {
  readonly #buckets = new Map<number, Set<string>>()
  readonly #ids = new Set<string>()

  /** True the first time. */
  see (tag: CommandTag): boolean {
    if (this.#ids.has(tag.id)) return false
    this.#ids.add(tag.id)
    const second = Math.ceil(tag.validUntil / bucketMs)
    const bucket = this.#buckets.get(second)
    if (bucket === undefined) this.#buckets.set(second, new Set([tag.id]))
    else bucket.add(tag.id)
    return true
  }

  /** Forgets what would be refused as late from now on. */
  forget (now: Instant): void {
    const current = Math.floor(now / bucketMs)
    for (const [second, ids] of this.#buckets) {
      if (second >= current) continue
      for (const id of ids) this.#ids.delete(id)
      this.#buckets.delete(second)
    }
  }

  get size (): number {
    return this.#ids.size
  }

  entries (): [second: number, ids: string[]][] {
    return [...this.#buckets].map(([second, ids]): [number, string[]] => [second, [...ids].sort()])
      .sort(([a], [b]) => a - b)
  }

  static from (entries: readonly (readonly [number, readonly string[]])[]): SeenCommands {
    const seen = new SeenCommands()
    for (const [second, ids] of entries) {
      seen.#buckets.set(second, new Set(ids))
      for (const id of ids) seen.#ids.add(id)
    }
    return seen
  }
}
