// What the surfaces have in common: how a request is read, and how an answer is written. Everything is pure, or a
// writer with a little state of its own; who calls gives time and ids.

import type { Instrument } from '../../schemas/instruments.ts'
import type { ChatChunk } from './chunk.ts'
import type { Fault } from './fault.ts'
import type { JsonObject } from './json.ts'

export type { Json, JsonObject } from './json.ts'

export const surfaceName = ['chat', 'messages', 'responses'] as const
export type SurfaceName = typeof surfaceName[number]

/** Of a chat completion: as OpenAI has it, roles and parts included. */
export type ChatMessage = JsonObject & { readonly role: string }

/** A chat completion for the upstream, without `model`, `stream`, `stream_options` and any cap on its output. */
export type ChatBody = JsonObject & { readonly messages: readonly ChatMessage[] }

/** Text that only this market can read, given to clients to bring back: `open` is null for what was not sealed here. */
export type Seal = { seal (text: string): string, open (sealed: string): string | null }

/** A conversation that was kept: what went upstream, and what came of it. */
export type Kept = {
  readonly messages: readonly ChatMessage[]
  readonly response: JsonObject
  /** Of earlier turns, for clients that refer to them by id. */
  readonly items?: readonly JsonObject[]
}

export type ReadContext = {
  readonly instrument: Instrument
  /** Reasoning is sealed for one account. */
  readonly seal: Seal
  /** What `previous_response_id` names; null: nothing does. */
  readonly previous: Kept | null
  /** What a body that says nothing of it leaves to the account. */
  readonly storesResponses?: boolean
}

/** The bound on a request's input: `bytes + 16 × messages + imageTokens × images`, in tokens. */
export type Size = {
  /** UTF-8, of all text, tools and schemas that go upstream. */
  readonly bytes: number
  readonly messages: number
  readonly images: number
}

/** A request as it was understood. */
export type Inference = {
  readonly surface: SurfaceName
  /** As the client wrote it. */
  readonly model: string
  readonly isStream: boolean
  readonly chat: ChatBody
  readonly size: Size
  /** How many answers to one prompt; 1 but on chat. */
  readonly n: number
  /** The client's own cap on the tokens of one answer; null: it has none. */
  readonly outputMax: number | null
  /** Chat: `stream_options.include_usage`. Elsewhere usage always shows. */
  readonly wantsUsage: boolean
  /** Names of what was dropped, for `x-grid-ignored`. */
  readonly ignored: readonly string[]
  /** What keeps a conversation at one supplier: `prompt_cache_key`, or its beginning (system and first user's). */
  readonly stickyKey: string
  /** Responses: whether it is to be kept; null: as the account has it. */
  readonly store: boolean | null
  /** What the writer needs to know of the request: each surface's own. */
  readonly echo: JsonObject
}

/** What is billed, or would be. Input has cached tokens in it, output has reasoning. */
export type Usage = {
  readonly input: number
  /** Of the input. */
  readonly cached: number
  readonly output: number
  /** Of the output. */
  readonly reasoning: number
  /** Of the output: tokens of a prediction that did not come true. */
  readonly rejected?: number
}

export type Served = {
  /** Of the request: ids of answers derive from it. */
  readonly requestId: string
  /** Unix time in seconds. */
  readonly created: number
  /** A guess at the input's tokens, for where it must be said before it is known. It takes a while. */
  readonly inputGuess: () => number
  readonly seal: Seal
}

/** How an answer came to its end. `cut`: by us, for want of tokens: it is told as a length. */
export type End = { readonly usage: Usage, readonly isCut: boolean }

/** Streams an answer. Each call returns the text to be sent now, '' where there is none. */
export type AnswerWriter = {
  /** `raw`: the chunk's own text, where it is as it came from the upstream; null where it was mended. */
  write (chunk: ChatChunk, raw: string | null): string
  /** So that nobody on the way thinks the connection dead. */
  heartbeat (): string
  /** The last words. */
  end (end: End): string
  /** The last words of an answer that came to nothing. */
  fail (fault: Fault): string
}

/** An answer that is sent whole. */
export type AnswerCollector = {
  take (chunk: ChatChunk): void
  end (end: End): JsonObject
}

/** Of a request, their names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Responses only: what to keep of an answer, once it has ended. */
export type Keeps = { kept (): Kept }

export type Surface = {
  readonly name: SurfaceName
  /** The model a body names. Throws a `Fault` for a body that is no object or names none. */
  modelOf (body: unknown): string
  /** The response that a body goes on from; null: none. */
  previousOf (body: JsonObject): string | null
  /** Throws a `Fault`. */
  read (body: unknown, context: ReadContext): Inference
  stream (inference: Inference, served: Served): AnswerWriter & Partial<Keeps>
  collect (inference: Inference, served: Served): AnswerCollector & Partial<Keeps>
  /** The body of an error, in the surface's own form with `errors.detail` beside it. */
  errorBody (fault: Fault, requestId: string): JsonObject
  /** The same as a whole stream, for a client that acts on this fault nowhere else; null: it reads the body. */
  errorStream? (fault: Fault, requestId: string, headers: RequestHeaders): string | null
}
