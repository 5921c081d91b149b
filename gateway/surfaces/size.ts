// How large the input of a request can be at most, before any tokenizer has seen it.
//
//   No tokenizer makes more tokens of a text than the text has bytes in UTF-8, so bytes are the bound. What a model
//   never reads as text is left out: the pixels of images, which have a cap of their own, and parameters of sampling.
//   Everything else counts, fields that nobody here knows too: some upstream may put them before its model.

import { isList, isObject } from './chunk.ts'
import type { ChatBody, Json, JsonObject, Size } from './surface.ts'

/** What steers an answer and is never read by the model. */
export const unread: ReadonlySet<string> = new Set([
  'messages', 'model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p',
  'top_k', 'n', 'stop', 'logprobs', 'top_logprobs', 'logit_bias', 'frequency_penalty', 'presence_penalty', 'seed',
  'verbosity', 'reasoning_effort', 'parallel_tool_calls', 'prompt_cache_key', 'prompt_cache_retention', 'prediction'
])

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')
const jsonBytes = (value: Json | undefined): number => value === undefined ? 0 : bytesOf(JSON.stringify(value))
/** Of a text, or of what is shown as JSON. */
const readBytes = (value: Json | undefined): number => typeof value === 'string' ? bytesOf(value) : jsonBytes(value)

type Count = { bytes: number, images: number }

const isImage = (part: JsonObject): boolean => part['type'] === 'image_url' || part['type'] === 'input_image'

function countPart (count: Count, part: Json): void {
  if (typeof part === 'string') count.bytes += bytesOf(part)
  else if (!isObject(part)) count.bytes += jsonBytes(part)
  else if (isImage(part)) count.images += 1
  else {
    for (const [name, value] of Object.entries(part)) {
      if (name === 'type') continue
      count.bytes += readBytes(value)
    }
  }
}

function countField (count: Count, value: Json | undefined): void {
  if (typeof value === 'string') count.bytes += bytesOf(value)
  else if (isList(value)) value.forEach(part => countPart(count, part))
  else if (value !== null) count.bytes += jsonBytes(value)
}

/** The size of what goes upstream. */
export function sizeOf (chat: ChatBody): Size {
  const count: Count = { bytes: 0, images: 0 }
  for (const message of chat.messages) {
    for (const [name, value] of Object.entries(message)) {
      if (name === 'content') countField(count, value)
      // A role is among the 16 tokens of its message. Calls count as JSON, as models are shown them.
      else if (name !== 'role' && value !== null) count.bytes += readBytes(value)
    }
  }
  for (const [name, value] of Object.entries(chat)) {
    if (!unread.has(name) && value !== null) count.bytes += jsonBytes(value)
  }
  return { bytes: count.bytes, messages: chat.messages.length, images: count.images }
}
