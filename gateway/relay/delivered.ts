// What went through a relay: enough to bill it, to judge the upstream, and to say why.

import { usageOf } from '../surfaces/mend.ts'
import type { ChatChunk } from '../surfaces/chunk.ts'
import type { Usage } from '../surfaces/surface.ts'

/** Of delivered text so much is kept for the reference tokenizer; what is beyond is counted by its bytes. */
const keptLengthMax = 8 * 1024 * 1024

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
  #pieces = 0
  readonly #kept: string[] = []
  readonly #open: Set<number>

  constructor (choices = 1) {
    this.#open = new Set(Array.from({ length: choices }, (_, index) => index))
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
    return Math.max(this.#pieces, Math.ceil((this.textLength + this.reasoningLength) / 4))
  }

  /** Delivered text, as far as it was kept. */
  get text (): readonly string[] {
    return this.#kept
  }

  take (chunk: ChatChunk, at: number): void {
    const usage = usageOf(chunk)
    if (usage !== null) this.usage = usage
    if (chunk.model !== '') this.model = chunk.model
    for (const { index, delta, finish_reason: finish } of chunk.choices) {
      if (typeof finish === 'string') this.#open.delete(index)
      const before = this.textLength + this.reasoningLength
      if (typeof delta.reasoning_content === 'string') this.#keep(delta.reasoning_content, true)
      if (typeof delta.content === 'string') this.#keep(delta.content, false)
      if (typeof delta.refusal === 'string') this.#keep(delta.refusal, false)
      for (const call of delta.tool_calls ?? []) this.#keep((call.function.name ?? '') + (call.function.arguments ?? ''), false)
      if (this.textLength + this.reasoningLength === before) continue
      this.firstTokenAt ??= at
      this.lastTokenAt = at
    }
  }

  #keep (text: string, isReasoning: boolean): void {
    if (text !== '') this.#pieces++
    if (this.textLength + this.reasoningLength < keptLengthMax) this.#kept.push(text)
    if (isReasoning) this.reasoningLength += text.length
    else this.textLength += text.length
  }
}
