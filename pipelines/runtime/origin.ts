// Origins: where an emitted record came from, and dropping what was already applied.
//
//   origin := stage ' ' topic ' ' partition ' ' offset ' ' index ' ' sequence      (latin1, decimal)
//
// `stage topic partition` is the source: the emitter and its input partition. `offset` and `index` name the input
// record and the output's place among its outputs. `sequence` has no gaps for a source and an output partition; it is
// part of the emitter's state, so that a replaying or a zombie leader emits the same records with the same sequences.

export type Origin = {
  readonly source: string
  readonly offset: number
  readonly index: number
  readonly sequence: number
}

export type Verdict = 'new' | 'seen' | 'gap'

export const sourceOf = (stage: string, topic: string, partition: number): string => `${stage} ${topic} ${partition}`

export function writeOrigin (origin: Origin): Buffer {
  return Buffer.from(`${origin.source} ${origin.offset} ${origin.index} ${origin.sequence}`, 'latin1')
}

const pattern = /^([\w.-]+ [\w.-]+ \d{1,9}) (\d{1,15}) (\d{1,9}) (\d{1,15})$/

/** Null when the header is not an origin. */
export function readOrigin (header: Buffer): Origin | null {
  const match = pattern.exec(header.toString('latin1'))
  if (match === null) return null
  return { source: match[1]!, offset: Number(match[2]), index: Number(match[3]), sequence: Number(match[4]) }
}

/** The last sequence applied from each source; part of its reader's state. */
export class Marks {
  readonly #last = new Map<string, number>()

  /** Remembers a new one. After a gap nothing is remembered: its reader stops, and a loss never becomes silence. */
  see (origin: Origin): Verdict {
    const last = this.#last.get(origin.source) ?? 0
    if (origin.sequence <= last) return 'seen' // R1
    if (origin.sequence > last + 1) return 'gap' // R2
    this.#last.set(origin.source, origin.sequence)
    return 'new'
  }

  /** Takes a sequence as seen whatever lies before it: the operator said so (control.ts). */
  skipTo (origin: Origin): void {
    this.#last.set(origin.source, Math.max(origin.sequence, this.last(origin.source)))
  }

  last (source: string): number {
    return this.#last.get(source) ?? 0
  }

  entries (): [source: string, last: number][] {
    return [...this.#last].sort(([a], [b]) => a < b ? -1 : 1)
  }

  static from (entries: readonly (readonly [string, number])[]): Marks {
    const marks = new Marks()
    for (const [source, last] of entries) marks.#last.set(source, last)
    return marks
  }
}
