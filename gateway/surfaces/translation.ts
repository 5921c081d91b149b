// What Messages and Responses have in common where they are translated into a chat completion.

import type { Instrument } from '../../schemas/instruments.ts'
import { isList } from './chunk.ts'
import type { Field } from './field.ts'
import type { ChatMessage, JsonObject, Json, ReadContext } from './surface.ts'

/** OpenAI's words for how much to reason, from least to most. An instrument's `off` is `none`. */
export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const

/**
 * The effort that the instrument offers and that is nearest to what was asked: the most that is not above it, else the
 * least. Agents ask for one effort whatever serves them, and refusing it would shut them out. Null: it offers none.
 */
export function effortOf (asked: string, { terms }: Instrument): string | null {
  const offered = terms.reasoningEfforts.map(word => word === 'off' ? 'none' : word)
  if (asked === 'none') return offered.find(word => word === asked) ?? null
  const reasoning = offered.filter(word => word !== 'none')
  const rank = (word: string): number => efforts.findIndex(each => each === word)
  const below = reasoning.filter(word => rank(word) <= rank(asked))
  return below.at(-1) ?? reasoning[0] ?? null
}

/** What other surfaces have and this one can't answer. */
export function refuseForeign (body: Field): void {
  const [n, logitBias] = [body.at('n'), body.at('logit_bias')]
  if (n.isThere && n.value !== 1) n.fault('must be 1 here: ask on /v1/chat/completions for more')
  if (logitBias.isThere) logitBias.fault('is not possible here: use /v1/chat/completions')
  for (const name of ['logprobs', 'top_logprobs']) {
    const { value } = body.at(name)
    if (value !== undefined && value !== null && value !== false && value !== 0) {
      body.at(name).fault('is not possible here: use /v1/chat/completions')
    }
  }
  const { value: modalities } = body.at('modalities')
  const isAudio = body.at('audio').isThere || (isList(modalities) && modalities.includes('audio'))
  if (isAudio) body.at('audio').fault('is not possible here')
}

export const textPart = (text: string): JsonObject => ({ type: 'text', text })

/** A text where it is one text: some upstreams know no parts. */
export function contentOf (parts: readonly JsonObject[]): Json {
  const [first] = parts
  return parts.length === 1 && first?.['type'] === 'text' ? first['text'] ?? '' : parts
}

/** An image by its address, or in the body as a data URL. */
export function imageUrl (field: Field, { instrument }: ReadContext): string {
  const url = field.word()
  if (!instrument.terms.acceptsImages) field.fault(`is an image: ${instrument.instrumentId} reads text only`)
  else if (url !== '' && !/^(https?:\/\/|data:image\/)/i.test(url)) field.fault('must be an http(s) or data URL of an image')
  return url
}

/**
 * In place of what a tool showed and the model can't look at. Refusing it would refuse every later turn too, because
 * agents bring their tools' results back each time.
 */
export function unseenPart (field: Field, kind: 'image' | 'document', { instrument }: ReadContext): JsonObject {
  field.findings.ignore(`tool_result.${kind}`)
  const words = kind === 'image' ? `${instrument.instrumentId} can't look at it` : 'only its text could be read here'
  return textPart(`[${kind} left out: ${words}]`)
}

export type ToolResult = {
  readonly callId: string
  readonly texts: readonly string[]
  readonly images: readonly JsonObject[]
}

/** Chat takes text from a tool and nothing else: its images follow as the user's. */
export function toolMessage ({ callId, texts, images }: ToolResult): ChatMessage {
  const text = texts.length === 0 && images.length > 0 ? 'The result is an image, which follows.' : texts.join('\n')
  return { role: 'tool', tool_call_id: callId, content: text }
}

export type Turn = {
  readonly reasoning: string
  readonly texts: readonly string[]
  readonly calls: readonly JsonObject[]
}

/** What the assistant said in one turn. */
export function assistantMessage ({ reasoning, texts, calls }: Turn): ChatMessage {
  const text = texts.join('')
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls })
  }
}

export const toolCall = (id: string, name: string, args: string): JsonObject =>
  ({ id, type: 'function', function: { name, arguments: args } })

/** One that has the name twice would be answered by either. */
export function refuseTwins (names: ReadonlyArray<readonly [name: string, field: Field]>): void {
  const seen = new Set<string>()
  for (const [name, field] of names) {
    if (seen.has(name)) field.fault('is the name of another tool, too')
    seen.add(name)
  }
}

const ends = (text: string): string => text.length <= 2_000 ? text : text.slice(0, 1_000) + text.slice(-1_000)

/** How a conversation begins: what stays the same as it grows. */
export function beginningOf (messages: readonly ChatMessage[]): string {
  const user = messages.findIndex(({ role }) => role === 'user')
  const first = messages.slice(0, Math.max(user, 0) + 1).map(({ role, content }) => `${role} ${ends(JSON.stringify(content ?? null))}`)
  return first.join('\n').slice(0, 8_000)
}

/** An event of a stream, as it goes over the wire. */
export const eventText = (event: JsonObject & { readonly type: string }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
