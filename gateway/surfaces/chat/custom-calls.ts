// Calls of custom tools, which come from upstream as calls of functions, in the words of a client that offered them.

import type { ChatChoice, ChatChunk, ToolCallDelta } from '../chunk.ts'
import { customInput } from '../custom-tools.ts'
import type { Inference, JsonObject } from '../surface.ts'

/** The names of a request's custom tools. */
export const customNames = ({ echo }: Inference): ReadonlySet<unknown> => new Set(Array.isArray(echo['custom']) ? echo['custom'] : [])

export const customCall = (id: string, name: string, args: string): JsonObject =>
  ({ id, type: 'custom', custom: { name, input: customInput(args) } })

export class CustomCalls {
  readonly #names: ReadonlySet<unknown>
  /** By choice, then by call: its arguments as far as they came. The text within them is known when they are whole. */
  readonly #open = new Map<number, Map<number, string>>()

  constructor (names: ReadonlySet<unknown>) {
    this.#names = names
  }

  /** Null: nothing of it is said in other words. */
  translate (chunk: ChatChunk): ChatChunk | null {
    if (this.#names.size === 0) return null
    const isOther = chunk.choices.some(({ index, delta }) => delta.tool_calls !== undefined || this.#open.has(index))
    return isOther ? { ...chunk, choices: chunk.choices.map(choice => this.#choice(choice)) } : null
  }

  /** What is left to say of a choice that ends. */
  rest (index: number): readonly JsonObject[] {
    const calls = [...this.#open.get(index) ?? []]
    this.#open.delete(index)
    return calls.map(([call, args]) => ({ index: call, custom: { input: customInput(args) } }))
  }

  #choice (choice: ChatChoice): ChatChoice {
    const { index, delta: { tool_calls: deltas = [], ...words }, finish_reason: finish } = choice
    const said = deltas.flatMap(delta => this.#delta(index, delta))
    const all = finish === null ? said : [...said, ...this.rest(index)]
    const delta: JsonObject = { ...words, ...(all.length === 0 ? {} : { tool_calls: all }) }
    return { ...choice, delta }
  }

  #delta (choice: number, delta: ToolCallDelta & JsonObject): JsonObject[] {
    const { index, id, function: { name, arguments: args = '' } } = delta
    const calls = this.#open.get(choice) ?? new Map<number, string>()
    const known = calls.get(index)
    if (known !== undefined) {
      calls.set(index, known + args)
      return []
    }
    if (id === undefined || !this.#names.has(name)) return [delta]
    this.#open.set(choice, calls.set(index, args))
    return [{ index, id, type: 'custom', custom: { name, input: '' } }]
  }
}
