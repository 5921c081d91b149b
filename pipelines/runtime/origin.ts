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

const sourcePattern = /^[\w.-]+ [\w.-]+ \d{1,9}$/

/** Null when the header is not an origin. By hand, from the end: every record that is read comes through here. */
export function readOrigin (header: Buffer): Origin | null {
  const sequenceAt = numberBefore(header, header.length, 15)
  const indexAt = sequenceAt < 0 ? -1 : numberBefore(header, sequenceAt - 1, 9)
  const offsetAt = indexAt < 0 ? -1 : numberBefore(header, indexAt - 1, 15)
  const source = offsetAt < 0 ? null : readSource(header, offsetAt - 1)
  if (source === null) return null
  return {
    source,
    offset: wholeAt(header, offsetAt, indexAt - 1),
    index: wholeAt(header, indexAt, sequenceAt - 1),
    sequence: wholeAt(header, sequenceAt, header.length)
  }
}

const [space, zero, nine] = [0x20, 0x30, 0x39]

/** Where a number begins that ends there and has a space before it, or -1. */
function numberBefore (header: Buffer, end: number, digitsMax: number): number {
  let at = end
  while (at > 0 && header[at - 1]! >= zero && header[at - 1]! <= nine) at--
  return at < end && end - at <= digitsMax && header[at - 1] === space ? at : -1
}

function wholeAt (header: Buffer, from: number, end: number): number {
  let whole = 0
  for (let at = from; at < end; at++) whole = whole * 10 + header[at]! - zero
  return whole
}

// Records of one source come in long runs: the text of the last one is mostly that of the next.
let last = { bytes: Buffer.alloc(0), text: '' }

function readSource (header: Buffer, end: number): string | null {
  if (isLast(header, end)) return last.text
  const text = header.toString('latin1', 0, end)
  if (!sourcePattern.test(text)) return null
  last = { bytes: Buffer.from(text, 'latin1'), text }
  return text
}

function isLast (header: Buffer, end: number): boolean {
  const { bytes } = last
  if (end !== bytes.length) return false
  for (let at = 0; at < end; at++) if (header[at] !== bytes[at]) return false
  return end > 0
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
