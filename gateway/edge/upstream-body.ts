// What the model server is asked, from what the market asked. Pure.

import type { JsonObject } from '../surfaces/surface.ts'

export type UpstreamWords = {
  /** As the model server calls it. */
  readonly model: string
  /** Old model servers know `max_tokens` only, the newest models of some vendors `max_completion_tokens` only. */
  readonly capField: 'max_tokens' | 'max_completion_tokens'
  /** Of the supplier's own, in every request. */
  readonly extra: JsonObject
}

export type Asked = {
  /** Without a model, a stream or a cap of its own: those it has are replaced. */
  readonly chat: JsonObject
  /** On the output of one answer. */
  readonly cap: number
  readonly hasOptions: boolean
}

const replaced = new Set(['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens'])

export function upstreamBody ({ model, capField, extra }: UpstreamWords, { chat, cap, hasOptions }: Asked): JsonObject {
  return {
    ...Object.fromEntries(Object.entries(chat).filter(([name]) => !replaced.has(name))),
    ...extra,
    model,
    stream: true,
    ...(hasOptions ? { stream_options: { include_usage: true } } : {}),
    [capField]: cap
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** How many answers a chat completion asks for. */
export const answersOf = ({ n }: JsonObject): number => isCount(n) ? n : 1

/** The cap on one answer: what was asked, and of what the ticket allows for all of them this one's part. */
export function capOf (chat: JsonObject, allowed: number): number {
  const asked = [chat['max_tokens'], chat['max_completion_tokens']].filter(isCount)
  return Math.max(1, Math.min(...asked, Math.floor(allowed / answersOf(chat))))
}
