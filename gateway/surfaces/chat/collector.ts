// A chat completion as a whole: the chunks of its stream, added up.

import { isList, isObject, type ChatChoice, type ChatChunk, type ChatDelta } from '../chunk.ts'
import type { AnswerCollector, End, Inference, Json, JsonObject, Served } from '../surface.ts'
import { finishOf, Heading, usageJson } from './answer.ts'
import { customCall, customNames } from './custom-calls.ts'

type Call = { readonly id: string, name: string, arguments: string }
type Tally = { content: Json[] | null, refusal: Json[] | null }

/** What is taken by name. */
const added = new Set(['role', 'content', 'refusal', 'reasoning_content', 'tool_calls', 'function_call'])

/** One choice as far as it is known. */
class Choice {
  finish: string | null = null
  #text: string | null = null
  #refusal: string | null = null
  #reasoning: string | null = null
  readonly #calls: Call[] = []
  readonly #logprobs: Tally = { content: null, refusal: null }
  /** Of the legacy kind. */
  #legacy: { name: string, arguments: string } | null = null
  /** What nobody here knows. */
  readonly #other: Record<string, Json> = {}
  readonly #custom: ReadonlySet<unknown>

  constructor (custom: ReadonlySet<unknown>) {
    this.#custom = custom
  }

  take ({ delta, finish_reason: finish, logprobs }: ChatChoice): void {
    if (finish !== null) this.finish = finish
    this.#takeWords(delta)
    for (const { index, id, function: said } of delta.tool_calls ?? []) {
      const call = this.#calls[index] ??= { id: id ?? '', name: said.name ?? '', arguments: '' }
      call.arguments += said.arguments ?? ''
    }
    this.#takeLegacy(delta['function_call'])
    this.#takeOther(delta)
    if (!isObject(logprobs)) return
    const { content, refusal } = logprobs
    if (isList(content)) (this.#logprobs.content ??= []).push(...content)
    if (isList(refusal)) (this.#logprobs.refusal ??= []).push(...refusal)
  }

  #takeWords ({ content, refusal, reasoning_content: reasoning }: ChatDelta): void {
    if (typeof content === 'string') this.#text = (this.#text ?? '') + content
    if (typeof refusal === 'string') this.#refusal = (this.#refusal ?? '') + refusal
    if (typeof reasoning === 'string') this.#reasoning = (this.#reasoning ?? '') + reasoning
  }

  #takeLegacy (said: Json | undefined): void {
    if (!isObject(said)) return
    const call = this.#legacy ??= { name: '', arguments: '' }
    if (typeof said['name'] === 'string') call.name ||= said['name']
    if (typeof said['arguments'] === 'string') call.arguments += said['arguments']
  }

  #takeOther (delta: ChatDelta): void {
    for (const [name, value] of Object.entries(delta)) {
      if (added.has(name)) continue
      const known = this.#other[name]
      if (isList(value) && isList(known)) this.#other[name] = [...known, ...value]
      else if (value !== undefined && value !== null) this.#other[name] = value
    }
  }

  #call ({ id, name, arguments: args }: Call): JsonObject {
    return this.#custom.has(name) ? customCall(id, name, args) : { id, type: 'function', function: { name, arguments: args } }
  }

  #message (): JsonObject {
    const hasOther = this.#calls.length > 0 || this.#legacy !== null || this.#refusal !== null
    return {
      role: 'assistant',
      content: hasOther && this.#text === '' ? null : this.#text ?? (hasOther ? null : ''),
      refusal: this.#refusal,
      ...(this.#reasoning === null ? {} : { reasoning_content: this.#reasoning }),
      ...(this.#calls.length === 0
        ? {}
        : { tool_calls: this.#calls.map(call => this.#call(call)) }),
      ...(this.#legacy === null ? {} : { function_call: this.#legacy }),
      ...this.#other
    }
  }

  json (index: number, end: End): JsonObject {
    const { content, refusal } = this.#logprobs
    return {
      index,
      message: this.#message(),
      logprobs: content === null && refusal === null ? null : { content, refusal },
      finish_reason: this.finish ?? finishOf(end, this.#calls.length > 0)
    }
  }
}

export class ChatCollector implements AnswerCollector {
  readonly #inference: Inference
  readonly #served: Served
  readonly #heading = new Heading()
  readonly #choices = new Map<number, Choice>()
  readonly #custom: ReadonlySet<unknown>

  constructor (inference: Inference, served: Served) {
    this.#inference = inference
    this.#served = served
    this.#custom = customNames(inference)
    for (let index = 0; index < inference.n; index++) this.#choices.set(index, new Choice(this.#custom))
  }

  take (chunk: ChatChunk): void {
    this.#heading.take(chunk)
    for (const choice of chunk.choices) {
      const known = this.#choices.get(choice.index) ?? new Choice(this.#custom)
      this.#choices.set(choice.index, known)
      known.take(choice)
    }
  }

  end (end: End): JsonObject {
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([index, choice]) => choice.json(index, end))
    return {
      ...this.#heading.json('chat.completion', this.#inference.model, this.#served),
      choices,
      usage: usageJson(end.usage, this.#heading.usage)
    }
  }
}
