// Chunks of one stream differ in little but a piece of text. Where a payload is one that was parsed before, but for the
// characters between the quotes of its text, it need not be parsed again.
//
//   payload = before ‖ text ‖ after        before ends within the quotes, after begins with the one that closes them
//
// That the quotes are those of the text is tried out once: with another text in between, parsing gives that text there.
// From then on any text without quotes, backslashes and control characters stands where it stood.

import { isObject, type ChatChunk, type ChatDelta } from './chunk.ts'

type Name = 'content' | 'reasoning_content'
type Known = { readonly before: string, readonly after: string, readonly name: Name, readonly chunk: ChatChunk }

/** Streams in which nothing repeats itself are not tried for long. */
const learntMax = 8
const isPlain = (text: string): boolean => !/["\\\u0000-\u001f]/.test(text) // eslint-disable-line no-control-regex
const tried = 'another text'

/** Of a chunk that says text and nothing else that could mean something. */
function nameOf ({ choices, usage }: ChatChunk): Name | null {
  const [choice] = choices
  if (choices.length !== 1 || choice === undefined || choice.finish_reason !== null || isObject(usage)) return null
  const { content, reasoning_content: reasoning, tool_calls: calls } = choice.delta
  if (calls !== undefined) return null
  if (typeof content === 'string') return typeof reasoning === 'string' ? null : 'content'
  return typeof reasoning === 'string' ? 'reasoning_content' : null
}

const deltaOf = (chunk: ChatChunk): ChatDelta => chunk.choices[0]!.delta

export class Repeats {
  #known: Known | null = null
  #learnt = 0

  /** Null: it has to be parsed. */
  read (payload: string): ChatChunk | null {
    if (this.#known === null) return null
    const { before, after, name, chunk } = this.#known
    if (payload.length < before.length + after.length) return null
    if (!payload.startsWith(before) || !payload.endsWith(after)) return null
    const text = payload.slice(before.length, payload.length - after.length)
    if (!isPlain(text)) return null
    const choice = chunk.choices[0]!
    return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, [name]: text } }] }
  }

  /** `chunk`: what `payload` was parsed to, and nothing of it had to be mended. */
  learn (payload: string, chunk: ChatChunk): void {
    if (this.#learnt === learntMax) return
    const name = nameOf(chunk)
    if (name === null) return
    this.#learnt++
    const text = deltaOf(chunk)[name]!
    const start = `"${name}":"`
    const at = payload.indexOf(`${start}${text}"`) + start.length
    if (at < start.length) return
    const [before, after] = [payload.slice(0, at), payload.slice(at + text.length)]
    if (saidBy(`${before}${tried}${after}`, name) === tried) this.#known = { before, after, name, chunk }
  }
}

function saidBy (payload: string, name: Name): unknown {
  try {
    return deltaOf(JSON.parse(payload) as ChatChunk)[name]
  } catch {
    return null // The text had an escape in it, and was found where it is not.
  }
}
