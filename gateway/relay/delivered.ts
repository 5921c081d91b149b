// What went through a relay: enough to bill it, to judge the upstream, and to say why.

import { usageOf } from '../surfaces/mend.ts'
import type { ChatChoice, ChatChunk } from '../surfaces/chunk.ts'
import type { Usage } from '../surfaces/surface.ts'
import { Pieces } from './plausible.ts'

/** Of delivered text so much is kept for the reference tokenizer: more than any instrument's output. */
const keptLengthMax = 8 * 1024 * 1024

/** What one reader reads as one text: an answer, its reasoning, its refusal, or the words of one call. */
class Strand {
  readonly parts: string[] = []
  readonly pieces = new Pieces()
}

/** What is no call has a name below any call's index. */
const [content, reasoning, refusal] = [-1, -2, -3]

export class Delivered {
  /** As the upstream said it last; null: it said nothing. */
  usage: Usage | null = null
  model = ''
  /** Milliseconds of whatever clock the reader has; null: no content yet. */
  firstTokenAt: number | null = null
  lastTokenAt: number | null = null
  /** UTF-16 units of what the client was sent, reasoning apart. */
  textLength = 0
  reasoningLength = 0
  /** A choice ended because it came to its cap. */
  isAtCap = false
  #deltas = 0
  /** Of each choice that was asked for. */
  readonly #choices: readonly Map<number, Strand>[]
  readonly #open: Set<number>

  constructor (choices = 1) {
    this.#choices = Array.from({ length: choices }, () => new Map<number, Strand>())
    this.#open = new Set(this.#choices.keys())
  }

  /** Each choice has its finish reason. */
  get isWhole (): boolean {
    return this.#open.size === 0
  }

  get hasContent (): boolean {
    return this.firstTokenAt !== null
  }

  /**
   * A guess at the tokens that were made so far. Four characters are a token in most text; where they are fewer, as in
   * Chinese, most upstreams send token by token.
   */
  get outputGuess (): number {
    return Math.max(this.#deltas, Math.ceil((this.textLength + this.reasoningLength) / 4))
  }

  /** So many tokens were made for sure, whatever the upstream says, and however it cut them. */
  get outputAtLeast (): number {
    return this.#strands().reduce((sum, { pieces }) => sum + pieces.count, 0)
  }

  /** Answers, reasonings, refusals and calls that have begun. */
  get textCount (): number {
    return this.#choices.reduce((sum, strands) => sum + strands.size, 0)
  }

  /** Each of them as its reader has it, as far as it was kept. */
  texts (): string[] {
    return this.#strands().map(({ parts }) => parts.join(''))
  }

  take (chunk: ChatChunk, at: number): void {
    const usage = usageOf(chunk)
    if (usage !== null) this.usage = usage
    if (chunk.model !== '') this.model = chunk.model
    for (const choice of chunk.choices) this.#takeChoice(choice, at)
  }

  #takeChoice ({ index, delta, finish_reason: finish }: ChatChoice, at: number): void {
    if (typeof finish === 'string') this.#open.delete(index)
    if (finish === 'length') this.isAtCap = true
    const strands = this.#choices[index]
    // Nobody asked for it, and so nobody pays for it.
    if (strands === undefined) return
    const before = this.#deltas
    if (typeof delta.reasoning_content === 'string') this.#keep(strands, reasoning, delta.reasoning_content)
    if (typeof delta.content === 'string') this.#keep(strands, content, delta.content)
    if (typeof delta.refusal === 'string') this.#keep(strands, refusal, delta.refusal)
    for (const { index: call, function: { name = '', arguments: words = '' } } of delta.tool_calls ?? []) {
      this.#keep(strands, call, name + words)
    }
    if (this.#deltas === before) return
    this.firstTokenAt ??= at
    this.lastTokenAt = at
  }

  #keep (strands: Map<number, Strand>, name: number, text: string): void {
    if (text === '') return
    this.#deltas++
    let strand = strands.get(name)
    if (strand === undefined) strands.set(name, strand = new Strand())
    strand.pieces.take(text)
    if (this.textLength + this.reasoningLength < keptLengthMax) strand.parts.push(text)
    if (name === reasoning) this.reasoningLength += text.length
    else this.textLength += text.length
  }

  #strands (): Strand[] {
    return this.#choices.flatMap(strands => [...strands.values()])
  }
}
