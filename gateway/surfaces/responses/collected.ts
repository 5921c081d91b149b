// An answer as one response.

import type { ChatChunk } from '../chunk.ts'
import { Reply } from '../reply.ts'
import type { AnswerCollector, End, Inference, JsonObject, Keeps, Kept, Served } from '../surface.ts'
import { Output, type Tell } from './output.ts'
import { cutReason, kept, responseJson } from './response.ts'

export class ResponseCollector implements AnswerCollector, Keeps {
  readonly #inference: Inference
  readonly #served: Served
  readonly #output: Output
  readonly #reply: Reply
  #model = ''
  #response: JsonObject = {}

  constructor (inference: Inference, served: Served, tell: Tell | null = null) {
    this.#inference = inference
    this.#served = served
    this.#output = new Output(inference, served, tell)
    this.#reply = new Reply(this.#output)
  }

  take (chunk: ChatChunk): void {
    if (this.#model === '') this.#model = chunk.model
    this.#reply.take(chunk)
  }

  /** As it is before its end. */
  begun (): JsonObject {
    return responseJson(this.#inference, this.#served, { status: 'in_progress', output: [], usage: null, model: this.#model })
  }

  failed (error: JsonObject): JsonObject {
    const outcome = { status: 'failed', output: this.#output.items, usage: null, model: this.#model, error } as const
    return responseJson(this.#inference, this.#served, outcome)
  }

  end (end: End): JsonObject {
    const reason = cutReason(this.#reply, end)
    if (reason !== null) this.#output.cut()
    this.#reply.end()
    const outcome = { output: this.#output.items, usage: end.usage, model: this.#model }
    this.#response = responseJson(this.#inference, this.#served, reason === null
      ? { ...outcome, status: 'completed' }
      : { ...outcome, status: 'incomplete', reason })
    return this.#response
  }

  kept (): Kept {
    return kept(this.#inference, this.#response)
  }
}
