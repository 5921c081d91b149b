// What the simulated upstream understands of a chat completion: enough to answer in kind.

import { z } from 'zod'
import { magicLine } from './behaviour.ts'
import { leastOf } from './schema-value.ts'

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() })), z.null()]).optional()
})

const tool = z.looseObject({
  type: z.string(),
  function: z.looseObject({ name: z.string(), parameters: z.unknown() }).optional()
})

const format = z.looseObject({ type: z.string(), json_schema: z.looseObject({ schema: z.unknown() }).optional() })

const body = z.looseObject({
  model: z.string().optional(),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(0).nullish(),
  max_completion_tokens: z.int().min(0).nullish(),
  n: z.int().min(1).max(128).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({})]).nullish(),
  response_format: format.nullish()
})

export type Call = { readonly name: string, readonly text: string }

export type Prompt = {
  /** What it asks of the simulation itself; null: nothing. */
  readonly said: string | null
  readonly model: string | null
  readonly isStream: boolean
  readonly hasStreamOptions: boolean
  readonly wantsUsage: boolean
  readonly outputMax: number
  readonly n: number
  readonly inputTokens: number
  /** What the words of the answer follow from. */
  readonly seed: string
  /** The last user message. */
  readonly text: string
  /** The tools that are to be called. */
  readonly calls: readonly Call[]
  /** What the answer has to be; null: words. */
  readonly json: string | null
}

type Message = z.output<typeof message>
type Body = z.output<typeof body>

const textOf = ({ content }: Message): string =>
  typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('')

/** A token for each five bytes, and what a template adds: below what any tokenizer makes of most text. */
const inputTokensOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, each) => sum + Math.ceil(Buffer.byteLength(textOf(each)) / 5) + 3, 0)

function callsOf ({ messages, tools, tool_choice: choice }: Body, text: string): Call[] {
  const functions = (tools ?? []).flatMap(each => each.function === undefined ? [] : [each.function])
  if (messages.at(-1)!.role !== 'user' || choice === 'none') return []
  const isForced = choice === 'required' || typeof choice === 'object'
  const asked = /\buse the tool(s?)\b/i.exec(text)
  if (!isForced && asked === null) return []
  const calls = asked?.[1] === 's' ? functions : functions.slice(0, 1)
  return calls.map(({ name, parameters }) => ({ name, text: JSON.stringify(leastOf(parameters)) }))
}

/** Throws a `ZodError` for what is no chat completion. */
export function readPrompt (sent: unknown): Prompt {
  const read = body.parse(sent)
  const { messages, stream_options: options, response_format: wanted } = read
  const last = messages.findLast(({ role }) => role === 'user')
  const { said, text } = magicLine(last === undefined ? '' : textOf(last))
  const schema = wanted?.type === 'json_schema' ? wanted.json_schema?.schema : undefined
  return {
    said,
    model: read.model ?? null,
    isStream: read.stream === true,
    hasStreamOptions: options !== undefined && options !== null,
    wantsUsage: options?.include_usage === true,
    outputMax: Math.min(read.max_tokens ?? Infinity, read.max_completion_tokens ?? Infinity),
    n: read.n ?? 1,
    inputTokens: inputTokensOf(messages),
    seed: JSON.stringify(messages.map(({ role, content }) => [role, content])),
    text,
    calls: callsOf(read, text),
    json: schema !== undefined ? JSON.stringify(leastOf(schema)) : wanted?.type === 'json_object' ? '{}' : null
  }
}
