// Where the sinks begin in a restored market (B8): at the start of what is there. Below the start of a log that was
// trimmed lies what only ClickHouse has: a sink can not begin before it, and needs the marks it would have had there.

import { Marks, readOrigin } from '../runtime/origin.ts'
import type { LogRecord, Place } from '../runtime/log.ts'
import type { Standing } from '../runtime/positions.ts'

const pattern = /^sink\/([\w-]+)\/([^/]+)\/(\d+)$/

/** Null for a key of another kind. */
export function sinkPlace ({ key }: LogRecord): (Place & { readonly sink: string }) | null {
  const match = pattern.exec(key?.toString() ?? '')
  return match === null ? null : { sink: match[1]!, topic: match[2]!, partition: Number(match[3]) }
}

/**
 * The marks with which a partition can be read from its start without a gap. A source's first record there is mostly
 * the one after its mark; but it may be a repeat of one that was deleted, and then a gap shows it.
 */
export class FirstMarks {
  readonly #start: number
  readonly #before = new Map<string, number>()
  #marks = new Marks()

  constructor (start: number) {
    this.#start = start
  }

  see ({ headers }: LogRecord): void {
    const origin = headers.origin === undefined ? null : readOrigin(headers.origin)
    if (origin === null) return
    if (!this.#before.has(origin.source) || this.#marks.see(origin) === 'gap') {
      this.#before.set(origin.source, origin.sequence - 1)
      this.#marks.skipTo(origin)
    }
  }

  standing (): Standing {
    return { position: this.#start, marks: [...this.#before].sort(([a], [b]) => a < b ? -1 : 1) }
  }
}
