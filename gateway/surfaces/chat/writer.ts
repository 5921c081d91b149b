// A chat completion as a stream: what the upstream sent, its usage taken out or put where it belongs.

import type { ChatChunk } from '../chunk.ts'
import { openAiForm } from '../error-forms.ts'
import type { Fault } from '../fault.ts'
import type { AnswerWriter, End, Inference, JsonObject, Served } from '../surface.ts'
import { finishOf, Heading, usageJson } from './answer.ts'
import { CustomCalls, customNames } from './custom-calls.ts'

const event = (text: string): string => `data: ${text}\n\n`

/**
 * The chunk without a word of usage. Within a text a quote is escaped, so that these characters in this order can only
 * be a name and its value, and JSON stays JSON without them.
 */
function withoutUsage (chunk: ChatChunk, raw: string | null): string {
  if (chunk.usage === undefined) return raw ?? JSON.stringify(chunk)
  if (raw !== null && chunk.usage === null && raw.includes(',"usage":null')) return raw.replaceAll(',"usage":null', '')
  const { usage: _usage, ...rest } = chunk
  return JSON.stringify(rest)
}

/** The chunk with `usage: null`. */
function withNoUsage (chunk: ChatChunk, raw: string | null): string {
  if (raw !== null && chunk.usage === null) return raw
  if (raw?.endsWith('}') === true && chunk.usage === undefined) return `${raw.slice(0, -1)},"usage":null}`
  return JSON.stringify({ ...chunk, usage: null })
}

export class ChatWriter implements AnswerWriter {
  readonly #inference: Inference
  readonly #served: Served
  readonly #heading = new Heading()
  readonly #ended = new Set<number>()
  readonly #called = new Set<number>()
  readonly #custom: CustomCalls

  constructor (inference: Inference, served: Served) {
    this.#inference = inference
    this.#served = served
    this.#custom = new CustomCalls(customNames(inference))
  }

  write (chunk: ChatChunk, raw: string | null): string {
    this.#heading.take(chunk)
    for (const { index, delta, finish_reason: finish } of chunk.choices) {
      if (finish !== null) this.#ended.add(index)
      if (delta.tool_calls !== undefined) this.#called.add(index)
    }
    // Usage is said at the end, whenever the upstream said it.
    const hasUsageOnly = chunk.choices.length === 0 && chunk.usage !== undefined && chunk.usage !== null
    if (hasUsageOnly) return ''
    const translated = this.#custom.translate(chunk)
    const [own, text] = translated === null ? [chunk, raw] : [translated, null]
    return event(this.#inference.wantsUsage ? withNoUsage(own, text) : withoutUsage(own, text))
  }

  heartbeat (): string {
    return ': keep-alive\n\n'
  }

  end (end: End): string {
    return this.#endings(end) + this.#usage(end) + event('[DONE]')
  }

  fail (fault: Fault): string {
    return event(JSON.stringify(openAiForm(fault, this.#served.requestId)))
  }

  #endings (end: End): string {
    const open = Array.from({ length: this.#inference.n }, (_, index) => index).filter(index => !this.#ended.has(index))
    return open.map(index => event(JSON.stringify({
      ...this.#head(),
      choices: [{
        index, delta: this.#lastDelta(index), logprobs: null, finish_reason: finishOf(end, this.#called.has(index))
      }],
      ...(this.#inference.wantsUsage ? { usage: null } : {})
    }))).join('')
  }

  #lastDelta (index: number): JsonObject {
    const rest = this.#custom.rest(index)
    return rest.length === 0 ? {} : { tool_calls: rest }
  }

  #usage ({ usage }: End): string {
    if (!this.#inference.wantsUsage) return ''
    return event(JSON.stringify({ ...this.#head(), choices: [], usage: usageJson(usage, this.#heading.usage) }))
  }

  #head (): JsonObject {
    return this.#heading.json('chat.completion.chunk', this.#inference.model, this.#served)
  }
}
