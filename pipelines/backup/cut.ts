// Where each partition ends in a backup: moved on until the cause of every record is in it (B1).

import type { Extent, LogRecord, Place } from '../runtime/log.ts'
import { readOrigin } from '../runtime/origin.ts'

export type CutAt = Place & Extent

const nameOf = ({ topic, partition }: Place): string => `${topic} ${partition}`

export class Cut {
  readonly #places = new Map<string, CutAt>()
  /** By place, the end that records seen so far ask for. */
  readonly #needed = new Map<string, number>()

  /** Everything from `start` to `end` has been read, or is about to be. */
  set (place: CutAt): void {
    this.#places.set(nameOf(place), place)
  }

  see ({ headers }: LogRecord): void {
    const origin = headers.origin === undefined ? null : readOrigin(headers.origin)
    if (origin === null) return
    const [, topic, partition] = origin.source.split(' ')
    const cause = `${topic ?? ''} ${Number(partition)}`
    if (origin.offset >= (this.#needed.get(cause) ?? 0)) this.#needed.set(cause, origin.offset + 1)
  }

  /** Partitions that end before a cause, each with the end that it needs. */
  short (): (CutAt & { readonly needed: number })[] {
    const short: (CutAt & { needed: number })[] = []
    for (const [name, place] of this.#places) {
      const needed = this.#needed.get(name) ?? 0
      if (needed > place.end) short.push({ ...place, needed })
    }
    return short
  }

  /** What a record named as its cause was never in the log: it is no cause, whoever wrote that. */
  giveUp (place: Place): void {
    this.#needed.delete(nameOf(place))
  }
}
