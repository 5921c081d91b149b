// An answer, made whole before the first byte of it is sent: as the events of a stream, or as one object.

import { createHash } from 'node:crypto'
import type { Behaviour } from './behaviour.ts'
import type { Call, Prompt } from './prompt.ts'
import { wordsOf } from './words.ts'

export type Answer = {
  /** What is written, in turn. */
  readonly parts: readonly Buffer[]
  /** Of those the first that wait for their time; the rest go with the last of them. */
  readonly paced: number
  /** One part, that comes when all of its tokens have. */
  readonly isWhole: boolean
}

type Delta = Readonly<Record<string, unknown>>

/** One choice, as what is streamed of it and as what it is whole. */
type Choice = {
  readonly deltas: readonly Delta[]
  readonly message: Delta
  readonly finish: string
  readonly output: number
  readonly reasoning: number
}

const created = 1_700_000_000

/** Of long output: a line of it. */
const fillerLength = 16_384

function textsOf (prompt: Prompt, behaviour: Behaviour, choice: number): string[] {
  const { output_bytes: bytes, output_tokens: length, echo } = behaviour
  if (prompt.json !== null) return prompt.json.match(/.{1,4}/gsu) ?? []
  if (echo) return prompt.text.match(/\s*\S+|\s+$/gu) ?? []
  if (bytes === 0) return wordsOf(`${choice} ${prompt.seed}`, length)
  const filler = ' a'.repeat(fillerLength / 2)
  return Array.from({ length: Math.ceil(bytes / fillerLength) }, (_, index) =>
    filler.slice(0, bytes - index * fillerLength))
}

/** A token a piece, but of filler, of which each ` a` is one. */
const tokensOf = (texts: readonly string[], { output_bytes: bytes }: Behaviour): number =>
  bytes === 0 ? texts.length : Math.ceil(bytes / 2)

function textChoice (prompt: Prompt, behaviour: Behaviour, choice: number): Choice {
  const thought = wordsOf(`reasoning ${choice} ${prompt.seed}`, Math.min(behaviour.reasoning_tokens, prompt.outputMax))
  const all = textsOf(prompt, behaviour, choice)
  const texts = behaviour.output_bytes === 0 ? all.slice(0, Math.max(0, prompt.outputMax - thought.length)) : all
  const isCut = texts.length < all.length || thought.length < behaviour.reasoning_tokens
  return {
    deltas: [...thought.map(text => ({ reasoning_content: text })), ...texts.map(text => ({ content: text }))],
    message: { content: texts.join(''), ...thought.length === 0 ? {} : { reasoning_content: thought.join('') } },
    finish: isCut ? 'length' : 'stop',
    output: tokensOf(texts, behaviour) + thought.length,
    reasoning: thought.length
  }
}

const halves = (text: string): string[] => [text.slice(0, text.length / 2), text.slice(text.length / 2)]

function callChoice (calls: readonly Call[], id: string): Choice {
  const named = calls.map(({ name, text }, index) => ({ index, id: `call_${id}_${index}`, name, text }))
  return {
    deltas: named.flatMap(({ index, id, name, text }) => [
      { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
      ...halves(text).map(half => ({ tool_calls: [{ index, function: { arguments: half } }] }))
    ]),
    message: {
      content: null,
      tool_calls: named.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } }))
    },
    finish: 'tool_calls',
    output: named.length * 3,
    reasoning: 0
  }
}

const times: Readonly<Record<Behaviour['usage'], number>> = { right: 1, early: 1, missing: 0, zero: 0, wrong: 3 }

function usageOf ({ inputTokens }: Prompt, choices: readonly Choice[], { usage }: Behaviour): Delta {
  const factor = times[usage]
  const output = choices.reduce((sum, choice) => sum + choice.output, 0) * factor
  return {
    prompt_tokens: inputTokens * factor,
    completion_tokens: output,
    total_tokens: inputTokens * factor + output,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: choices.reduce((sum, choice) => sum + choice.reasoning, 0) * factor }
  }
}

const event = (chunk: Delta): Buffer => Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)

type Made = { readonly id: string, readonly model: string, readonly choices: readonly Choice[], readonly usage: Delta }

function streamed ({ id, model, choices, usage }: Made, prompt: Prompt, behaviour: Behaviour): Answer {
  const says = behaviour.usage !== 'missing' && prompt.wantsUsage
  const silence: Delta = prompt.wantsUsage ? { usage: null } : {}
  const chunk = (all: readonly Delta[], more: Delta = silence): Buffer =>
    event({ id, object: 'chat.completion.chunk', created, model, choices: all, ...more })
  const of = (index: number, delta: Delta, finish: string | null = null): Delta =>
    ({ index, delta, finish_reason: finish })
  const parts = choices.map((_, index) => chunk([of(index, { role: 'assistant', content: '' })]))
  // Filler is thousands of chunks that are all the same: each of them is made once.
  const known = new Map<Delta | string, Buffer>()
  for (const [index, choice] of choices.entries()) {
    for (const delta of choice.deltas) {
      const key = typeof delta['content'] === 'string' ? `${index} ${delta['content']}` : delta
      const part = known.get(key) ?? chunk([of(index, delta)])
      known.set(key, part)
      parts.push(part)
    }
  }
  const paced = parts.length
  const isEarly = says && behaviour.usage === 'early'
  for (const [index, { finish }] of choices.entries()) {
    parts.push(chunk([of(index, {}, finish)], isEarly && index === choices.length - 1 ? { usage } : silence))
  }
  if (says && !isEarly) parts.push(chunk([], { usage }))
  parts.push(Buffer.from('data: [DONE]\n\n'))
  return { parts, paced, isWhole: false }
}

function whole ({ id, model, choices, usage }: Made, { usage: how }: Behaviour): Answer {
  const all = choices.map(({ message, finish }, index) =>
    ({ index, message: { role: 'assistant', ...message }, finish_reason: finish }))
  const said = { id, object: 'chat.completion', created, model, choices: all, ...how === 'missing' ? {} : { usage } }
  const paced = choices.reduce((sum, { output }) => sum + output, 0)
  return { parts: [Buffer.from(JSON.stringify(said))], paced, isWhole: true }
}

export function answerTo (prompt: Prompt, behaviour: Behaviour, model: string): Answer {
  const id = createHash('sha256').update(prompt.seed).digest('hex').slice(0, 24)
  const choices = Array.from({ length: prompt.n }, (_, index) =>
    prompt.calls.length > 0 ? callChoice(prompt.calls, `${id}${index}`) : textChoice(prompt, behaviour, index))
  const usage = usageOf(prompt, choices, behaviour)
  const made = { id: `chatcmpl-${id}`, model: prompt.model ?? model, choices, usage }
  return prompt.isStream ? streamed(made, prompt, behaviour) : whole(made, behaviour)
}
