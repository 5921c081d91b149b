// What tests of the chat surface have in common.

import { instrumentBySymbol } from '../../../../schemas/instruments.ts'
import { chatSurface } from '../../../../gateway/surfaces/chat/chat.ts'
import { Fault } from '../../../../gateway/surfaces/fault.ts'
import { Mender } from '../../../../gateway/surfaces/mend.ts'
import type { Inference, Json, JsonObject, ReadContext, Served, Usage } from '../../../../gateway/surfaces/surface.ts'

const seal = { seal: (text: string): string => text, open: (text: string): string | null => text }

export const contextOf = (symbol: string): ReadContext =>
  ({ instrument: instrumentBySymbol(symbol)!, seal, previous: null })

export const served: Served = { requestId: 'req-1', created: 1_780_000_000, inputGuess: () => 12, seal }

const question = { model: 'text-prime', messages: [{ role: 'user', content: 'Hello' }] }

export const read = (more: JsonObject = {}, symbol = 'text-prime'): Inference =>
  chatSurface.read({ ...question, ...more }, contextOf(symbol))

/** What is wrong with a body, by field. */
export function faultsOf (more: JsonObject, symbol = 'text-prime'): Fault['fields'] {
  try {
    read(more, symbol)
    return null
  } catch (error) {
    if (error instanceof Fault) return error.fields
    throw error
  }
}

export const usage: Usage = { input: 10, cached: 4, output: 7, reasoning: 2 }

export const chunkText = (choices: readonly Json[], more: JsonObject = {}): string => JSON.stringify({
  id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1_770_000_000, model: 'openai/gpt-oss-120b', choices, ...more
})

export const choice = (delta: JsonObject, finish: string | null = null, index = 0): JsonObject =>
  ({ index, delta, finish_reason: finish })

/** The stream that a client gets of these payloads, by one writer, and what a collector makes of them. */
export function answer (inference: Inference, payloads: readonly string[], isCut = false) {
  const mender = new Mender()
  const writer = chatSurface.stream(inference, served)
  const collector = chatSurface.collect(inference, served)
  let text = ''
  for (const payload of payloads) {
    const mended = mender.read(payload)
    if (mended.kind !== 'chunk') throw new Error(`not a chunk: ${payload}`)
    text += writer.write(mended.chunk, mended.raw)
    collector.take(mended.chunk)
  }
  text += writer.end({ usage, isCut })
  return { text, whole: collector.end({ usage, isCut }) }
}

/** The payloads of a stream of events. */
export const payloadsOf = (text: string): string[] =>
  text.split('\n\n').filter(event => event.startsWith('data: ')).map(event => event.slice(6))

/** Its chunks, without the last word. */
export const chunksOf = (text: string): JsonObject[] =>
  payloadsOf(text).filter(payload => payload !== '[DONE]').map(payload => JSON.parse(payload) as JsonObject)
