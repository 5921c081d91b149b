// A prompt that is too long, in the words that clients look for. Who finds them shortens the conversation and goes on;
// who doesn't gives the conversation up. OpenAI's are "maximum context length", Anthropic's are "prompt is too long".

import { Fault, type FieldFaults } from './fault.ts'

export type Length = {
  /** What is too long, under the name that the client used for it. */
  readonly field: string
  /** So many at least: nobody counts on. */
  readonly tokens: number
  readonly max: number
  readonly instrumentId: string
}

export function promptTooLong ({ field, tokens, max, instrumentId }: Length): Fault {
  const fields: FieldFaults = { [field]: [`has ${tokens} tokens or more; ${instrumentId} takes ${max}`] }
  const words = `This model's maximum context length is ${max} tokens. However, your messages resulted in ${tokens} tokens or more.`
  return new Fault('context_length_exceeded', words, { anthropic: `prompt is too long: ${tokens} tokens > ${max} maximum`, fields })
}

/** As servers of models say it: vLLM, SGLang, TGI, llama.cpp, and the vendors themselves. */
const said = new RegExp([
  'maximum (context|model) length', 'context[ _](length|window|size)', 'longer than the (maximum|model)',
  'prompt is too long', '`inputs` tokens \\+'
].join('|'), 'i')

/** What a server of models says of a request that it refuses, where it is this. Null: it is something else. */
export function saidPromptTooLong (words: string, cause: unknown): Fault | null {
  if (!said.test(words)) return null
  const message = /maximum context length/i.test(words) ? words : `This model's maximum context length is exceeded: ${words}`
  const anthropic = /prompt is too long/i.test(words) ? words : `prompt is too long: ${words}`
  return new Fault('context_length_exceeded', message, { anthropic, cause })
}
