// What `count_tokens` answers: how many tokens a body would be, by the reference tokenizer, which whoever calls brings.

import { isList, isObject } from '../chunk.ts'
import { bodyField } from '../field.ts'
import type { Json, JsonObject, ReadContext } from '../surface.ts'
import { readChat } from './request.ts'

/** What surrounds a message in what a model reads: its role, its beginning and its end. */
const messageTokens = 4

export type Counting = {
  readonly tokensOf: (text: string) => number
  /** Of an image. */
  readonly imageTokens: number
}

function textsOf (content: Json | undefined): string[] {
  if (typeof content === 'string') return [content]
  if (!isList(content)) return []
  return content.filter(isObject).map(part => part['text']).filter(text => typeof text === 'string')
}

const imagesOf = (content: Json | undefined): number =>
  isList(content) ? content.filter(part => isObject(part) && part['type'] === 'image_url').length : 0

/** Throws a `Fault`. A body without `max_tokens` will do: nothing is generated. */
export function inputTokens (value: unknown, context: ReadContext, { tokensOf, imageTokens }: Counting): JsonObject {
  const body = bodyField(value)
  body.at('model').word()
  const { chat } = readChat(body, context)
  body.findings.settle()
  const asides = (message: JsonObject): string[] => Object.entries(message)
    .filter(([name, said]) => name !== 'role' && name !== 'content' && said !== undefined)
    .map(([, said]) => typeof said === 'string' ? said : JSON.stringify(said))
  const texts = chat.messages.flatMap(message => [...textsOf(message['content']), ...asides(message)])
  const formats = [chat['tools'], chat['response_format']].filter(each => each !== undefined).map(each => JSON.stringify(each))
  const images = chat.messages.reduce((sum, { content }) => sum + imagesOf(content), 0)
  const counted = [...texts, ...formats].reduce((sum, text) => sum + tokensOf(text), 0)
  return { input_tokens: counted + messageTokens * chat.messages.length + imageTokens * images }
}
