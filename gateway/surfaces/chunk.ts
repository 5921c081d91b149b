// A chunk of a streamed chat completion, after it was mended: as OpenAI documents it, unknown fields kept.

import type { JsonObject } from './json.ts'

export { isList, isObject } from './json.ts'

export type ToolCallDelta = {
  /** Of the call within its choice, from 0, without gaps, never used for two calls. */
  readonly index: number
  /** In the first delta of a call, always there, and never blank; later ones have none. */
  readonly id?: string
  readonly type?: 'function'
  readonly function: { readonly name?: string, readonly arguments?: string }
}

export type ChatDelta = JsonObject & {
  readonly role?: string
  readonly content?: string | null
  readonly refusal?: string | null
  readonly reasoning_content?: string | null
  readonly tool_calls?: readonly (ToolCallDelta & JsonObject)[]
}

export type ChatChoice = JsonObject & {
  readonly index: number
  readonly delta: ChatDelta
  /** stop, length, tool_calls, content_filter, or a word of the upstream's own; null until the end. */
  readonly finish_reason: string | null
}

export type ChatUsage = JsonObject & {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly prompt_tokens_details?: JsonObject | null
  readonly completion_tokens_details?: JsonObject | null
}

export type ChatChunk = JsonObject & {
  readonly id: string
  readonly created: number
  readonly model: string
  /** Empty in a chunk that says usage only. */
  readonly choices: readonly ChatChoice[]
  readonly usage?: ChatUsage | null
}
