// An answer as Anthropic's clients know it: one message.

import type { ChatChunk } from '../chunk.ts'
import type { Opening } from '../reply.ts'
import { Reply } from '../reply.ts'
import type { AnswerCollector, End, Inference, Json, JsonObject, Served, Usage } from '../surface.ts'
import { showsOf, stopsOf } from './request.ts'

const messageId = (requestId: string): string => `msg_${requestId}`

/** What an upstream cached it read from there. It doesn't say what it put there, and nobody pays for that. */
export function usageJson ({ input, cached, output }: Pick<Usage, 'input' | 'cached' | 'output'>): JsonObject {
  return {
    input_tokens: Math.max(0, input - cached),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output
  }
}

export const finalUsageJson = (usage: Usage): JsonObject =>
  ({ ...usageJson(usage), output_tokens_details: { thinking_tokens: usage.reasoning } })

/** Why it ended, in this surface's words. */
export function stopJson (reply: Reply, { isCut }: End, stops: readonly Json[]): JsonObject {
  const matched = reply.matched !== null && stops.includes(reply.matched) ? reply.matched : null
  const stop = (reason: string, sequence: string | null = null, details: JsonObject | null = null): JsonObject =>
    ({ stop_reason: reason, stop_sequence: sequence, stop_details: details })
  if (isCut || reply.finish === 'length') return stop('max_tokens')
  if (reply.finish === 'content_filter' || reply.hasRefusal) {
    return stop('refusal', null, { type: 'refusal', category: null, explanation: null })
  }
  if (reply.hasCalls) return stop('tool_use')
  return matched === null ? stop('end_turn') : stop('stop_sequence', matched)
}

/**
 * A message without its content, before anything is known of how it ends. The model is what the client called it:
 * Claude Code throws away the thinking of messages whose model is not the one it asks.
 */
export const emptyMessage = ({ model }: Inference, { requestId }: Served): JsonObject => ({
  id: messageId(requestId),
  type: 'message',
  role: 'assistant',
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null
})

/** A block as it starts: what is empty in it grows. */
export function emptyBlock (opening: Opening): JsonObject {
  switch (opening.kind) {
    case 'reasoning': return { type: 'thinking', thinking: '', signature: '' }
    case 'call': return { type: 'tool_use', id: opening.call.id, name: opening.call.name, input: {} }
    default: return { type: 'text', text: '' }
  }
}

function parsed (args: string): Json {
  try {
    return JSON.parse(args) as Json
  } catch {
    return {} // Cut in the middle: nothing of it can be used.
  }
}

export class MessageCollector implements AnswerCollector {
  readonly #inference: Inference
  readonly #served: Served
  readonly #content: JsonObject[] = []
  readonly #reply: Reply
  #opening: Opening | null = null
  #pieces: string[] = []

  constructor (inference: Inference, served: Served) {
    this.#inference = inference
    this.#served = served
    this.#reply = new Reply({
      open: opening => {
        this.#opening = opening
        this.#pieces = []
      },
      grow: text => this.#pieces.push(text),
      close: () => this.#close()
    })
  }

  take (chunk: ChatChunk): void {
    this.#reply.take(chunk)
  }

  end (end: End): JsonObject {
    this.#reply.end()
    const stops = stopsOf(this.#inference)
    return {
      ...emptyMessage(this.#inference, this.#served),
      content: this.#content,
      ...stopJson(this.#reply, end, stops),
      usage: finalUsageJson(end.usage)
    }
  }

  #close (): void {
    const text = this.#pieces.join('')
    const opening = this.#opening!
    const block = emptyBlock(opening)
    switch (opening.kind) {
      case 'reasoning': {
        const shows = showsOf(this.#inference)
        if (shows === 'none') return
        this.#content.push({ ...block, thinking: shows === 'shown' ? text : '', signature: this.#served.seal.seal(text) })
        return
      }
      case 'call':
        this.#content.push({ ...block, input: parsed(text) })
        return
      default: this.#content.push({ ...block, text })
    }
  }
}
