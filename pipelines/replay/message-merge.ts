// Outputs of one flow, read from several partitions, put together again by message. Each source gives its outputs in
// the order of messages; a message is whole once every source has gone past it.

import assert from 'node:assert/strict'
import type { MatchingOutput } from '../../schemas/matching/records.ts'

type Deliver = (sequence: number, outputs: readonly MatchingOutput[]) => void
type Source = { frontier: number, readonly waiting: { sequence: number, output: MatchingOutput }[], taken: number }

export class MessageMerge {
  readonly #sources: Source[]
  readonly #deliver: Deliver

  /** `deliver` is called once a message that has outputs, in the order of messages. */
  constructor (sources: number, deliver: Deliver) {
    this.#sources = Array.from({ length: sources }, () => ({ frontier: 0, waiting: [], taken: 0 }))
    this.#deliver = deliver
  }

  push (source: number, sequence: number, output: MatchingOutput): void {
    this.#sources[source]!.waiting.push({ sequence, output })
    this.advance(source, sequence)
  }

  /** Nothing below `sequence` will come from this source any more. Infinity: nothing at all. */
  advance (source: number, sequence: number): void {
    const it = this.#sources[source]!
    assert(sequence >= it.frontier, `source ${source} went back from message ${it.frontier} to ${sequence}`)
    const wasLast = it.frontier === this.#frontier()
    it.frontier = sequence
    if (wasLast) this.#drain()
  }

  /** The source that all others wait for: read it next, and little is kept. */
  slowest (): number {
    const frontier = this.#frontier()
    return this.#sources.findIndex(source => source.frontier === frontier)
  }

  /** How many messages a source is ahead of the slowest. */
  lead (source: number): number {
    const frontier = this.#frontier()
    return frontier === Infinity ? 0 : this.#sources[source]!.frontier - frontier
  }

  #frontier (): number {
    return this.#sources.reduce((least, source) => Math.min(least, source.frontier), Infinity)
  }

  #drain (): void {
    const frontier = this.#frontier()
    for (;;) {
      const sequence = this.#sources.reduce((least, source) => Math.min(least, next(source)), Infinity)
      if (sequence >= frontier) return
      this.#deliver(sequence, this.#sources.flatMap(source => take(source, sequence)))
    }
  }
}

const next = (source: Source): number => source.waiting[source.taken]?.sequence ?? Infinity

function take (source: Source, sequence: number): MatchingOutput[] {
  const outputs: MatchingOutput[] = []
  while (next(source) === sequence) outputs.push(source.waiting[source.taken++]!.output)
  // Taken entries go in one move now and then, rather than one by one from the front.
  if (source.taken > 1000) {
    source.waiting.splice(0, source.taken)
    source.taken = 0
  }
  return outputs
}
