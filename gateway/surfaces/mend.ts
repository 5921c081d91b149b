// What upstreams get wrong in a stream, put right before anybody reads it: everything behind this file sees chunks as
// OpenAI documents them.
//
//   M1  A chunk has id, object, created, model and choices; a choice has its index, a delta and a finish reason.
//   M2  The first delta of a choice has a role; those of tool calls are right (`call-deltas.ts`); `reasoning` is
//       `reasoning_content`; no list of calls is empty.
//   M3  Usage stands at the top of a chunk, whole, or not at all.
//   M4  A choice that made calls ends with `tool_calls` where the upstream said `stop`.
//   M5  What needed none of it is handed on with its own text, and was parsed once and copied never.
//
// The chunk is mended in place: it is nobody else's. Nulls are taken out of it without being called a change, because
// they mean the same to a client.

import { CallDeltas } from './call-deltas.ts'
import { isList, isObject, type ChatChunk } from './chunk.ts'
import { Repeats } from './repeats.ts'
import type { Json, JsonObject, Usage } from './surface.ts'

export type Mended =
  | { readonly kind: 'chunk', readonly chunk: ChatChunk, readonly raw: string | null }
  /** The upstream says that it failed, or says what nobody can read. */
  | { readonly kind: 'error', readonly message: string, readonly type: string }
  | { readonly kind: 'done' }

type Open = { [name: string]: Json | undefined }
type Choice = { hasRole: boolean, readonly calls: CallDeltas }

const done: Mended = { kind: 'done' }
const unreadable: Mended = { kind: 'error', message: 'The upstream sent what is no chunk.', type: 'unreadable' }
const chunkObject = 'chat.completion.chunk'

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const countOf = (value: unknown): number => isCount(value) ? value : 0

function parse (payload: string): Json | undefined {
  try {
    return JSON.parse(payload) as Json
  } catch {
    return undefined
  }
}

/** Errors come as an object, as text, in a choice, or as the whole of the payload. */
function errorOf (parsed: JsonObject): Mended | null {
  const { error, object, choices } = parsed
  const hasEnded = isList(choices) && choices.some(choice => isObject(choice) && choice['finish_reason'] === 'error')
  if ((error === undefined || error === null) && object !== 'error' && !hasEnded) return null
  const said = isObject(error) ? error : parsed
  const text = [said['message'], error].find(each => typeof each === 'string' && each !== '')
  const type = [said['type'], said['code']].find(each => typeof each === 'string')
  return { kind: 'error', message: text as string | undefined ?? 'The upstream failed.', type: type ?? 'error' }
}

/** Usage as a chunk says it, wherever its parts are; null: it says none, or none that can be believed. */
export function usageOf ({ usage }: { readonly usage?: Json | undefined }): Usage | null {
  if (!isObject(usage)) return null
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage
  if (!isCount(input) || !isCount(output)) return null
  const prompt = isObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {}
  const completion = isObject(usage['completion_tokens_details']) ? usage['completion_tokens_details'] : {}
  const cached = [prompt['cached_tokens'], usage['prompt_cache_hit_tokens'], usage['cached_tokens']].find(isCount) ?? 0
  const reasoning = countOf(completion['reasoning_tokens'])
  // Some upstreams count reasoning beside the completion: then their total says so.
  const isBeside = reasoning > 0 && total === input + output + reasoning
  const all = isBeside ? output + reasoning : output
  const rejected = Math.min(countOf(completion['rejected_prediction_tokens']), all)
  const read = { input, cached: Math.min(cached, input), output: all, reasoning: Math.min(reasoning, all) }
  return rejected === 0 ? read : { ...read, rejected }
}

/** Reads the payloads of one stream, in order. */
export class Mender {
  readonly #seed: string
  #id = ''
  #created = 0
  #model = ''
  readonly #choices = new Map<number, Choice>()
  readonly #repeats = new Repeats()

  /** `seed`: makes ids where an upstream gives none; such as the request's id. */
  constructor (seed = '') {
    this.#seed = seed
  }

  /** A blank payload is no chunk: who reads the events leaves those out. */
  read (payload: string): Mended {
    const repeated = this.#repeats.read(payload)
    if (repeated !== null) return { kind: 'chunk', chunk: repeated, raw: payload }
    if (payload.trim() === '[DONE]') return done
    const parsed = parse(payload)
    if (!isObject(parsed)) return unreadable
    const error = errorOf(parsed)
    if (error !== null) return error
    const wasRight = this.#mend(parsed)
    // A line end within JSON means nothing there, and would end a line of the client's stream.
    const isOneLine = !payload.includes('\n') && !payload.includes('\r')
    const chunk = parsed as ChatChunk
    if (!wasRight || !isOneLine) return { kind: 'chunk', chunk, raw: null }
    this.#repeats.learn(payload, chunk)
    return { kind: 'chunk', chunk, raw: payload }
  }

  /** True: nothing was changed. */
  #mend (chunk: Open): boolean {
    let isRight = this.#mendHead(chunk)
    const { choices } = chunk
    if (!isList(choices)) {
      chunk['choices'] = []
      isRight = false
    } else {
      if (!choices.every(isObject)) {
        chunk['choices'] = choices.filter(isObject)
        isRight = false
      }
      let position = 0
      for (const choice of chunk['choices'] as readonly Open[]) {
        isRight = this.#mendChoice(choice, position++) && isRight
      }
    }
    return mendUsage(chunk) && isRight
  }

  #mendHead (chunk: Open): boolean {
    let isRight = true
    if (typeof chunk['id'] === 'string') this.#id ||= chunk['id']
    else {
      chunk['id'] = this.#id || `chatcmpl-${this.#seed || 'upstream'}`
      isRight = false
    }
    if (isCount(chunk['created'])) this.#created ||= chunk['created']
    else {
      const { created } = chunk
      chunk['created'] = typeof created === 'number' ? Math.max(0, Math.floor(created)) : this.#created
      isRight = false
    }
    if (typeof chunk['model'] === 'string') this.#model ||= chunk['model']
    else {
      chunk['model'] = this.#model
      isRight = false
    }
    if (chunk['object'] === chunkObject) return isRight
    chunk['object'] = chunkObject
    return false
  }

  #mendChoice (choice: Open, position: number): boolean {
    let isRight = true
    if (!isCount(choice['index'])) {
      choice['index'] = position
      isRight = false
    }
    const known = this.#choice(choice['index'])
    if (!isObject(choice['delta'])) {
      choice['delta'] = {}
      isRight = false
    }
    isRight = mendDelta(choice['delta'], known) && isRight
    const finish = choice['finish_reason']
    if (finish === undefined || finish === '') {
      choice['finish_reason'] = null
      isRight = false
    } else if (finish === 'stop' && known.calls.hasCalls) {
      choice['finish_reason'] = 'tool_calls'
      isRight = false
    }
    return isRight
  }

  #choice (index: number): Choice {
    const known = this.#choices.get(index)
    if (known !== undefined) return known
    const seed = (this.#seed || this.#id).replace(/[^\w-]/g, '').slice(-24)
    const choice: Choice = { hasRole: false, calls: new CallDeltas(call => `call_${seed}_${index}_${call}`) }
    this.#choices.set(index, choice)
    return choice
  }
}

function mendDelta (delta: Open, known: Choice): boolean {
  let isRight = true
  if (!known.hasRole) {
    known.hasRole = true
    if (typeof delta['role'] !== 'string' || delta['role'] === '') {
      delta['role'] = 'assistant'
      isRight = false
    }
  }
  const { reasoning, tool_calls: calls } = delta
  if (reasoning === null) delete delta['reasoning']
  else if (typeof reasoning === 'string') {
    delta['reasoning_content'] ??= reasoning
    delete delta['reasoning']
    isRight = false
  }
  if (calls === undefined) return isRight
  const right = isList(calls) ? known.calls.mend(calls) : []
  if (right === null && isList(calls) && calls.length > 0) return isRight
  if (right === null || right.length === 0) delete delta['tool_calls']
  else delta['tool_calls'] = right
  return isRight && calls === null
}

/** Usage that stands beside a choice or under a vendor's name goes to the top. */
function liftUsage (chunk: Open, place: Open): boolean {
  const { usage } = place
  if (!isObject(usage)) return false
  if (!isObject(chunk['usage'])) chunk['usage'] = usage
  delete place['usage']
  return true
}

function mendUsage (chunk: Open): boolean {
  let isRight = !(isObject(chunk['x_groq']) && liftUsage(chunk, chunk['x_groq']))
  for (const choice of chunk['choices'] as readonly Open[]) isRight = !liftUsage(chunk, choice) && isRight
  const { usage } = chunk
  if (usage === undefined || usage === null || usageOf(chunk) !== null) return isRight
  chunk['usage'] = null
  return false
}
