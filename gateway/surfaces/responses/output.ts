// The items of a response as they grow, and the events that tell of it. Whoever wants only the whole response has
// nobody to tell.

import { customInput } from '../custom-tools.ts'
import type { BlockSink, Opening } from '../reply.ts'
import type { Inference, JsonObject, Served } from '../surface.ts'
import { ownName, type ToolName } from './names.ts'

type Event = JsonObject & { readonly type: string }
export type Tell = (event: Event) => void

type Item = {
  readonly id: string
  readonly opening: Opening
  /** Of a call: what the client calls its tool. */
  readonly tool: ToolName
  readonly pieces: string[]
}

type Status = 'in_progress' | 'completed' | 'incomplete'

const prefixOf = ({ opening, tool }: Pick<Item, 'opening' | 'tool'>): string => {
  switch (opening.kind) {
    case 'reasoning': return 'rs'
    case 'call': return tool.isCustom ? 'ctc' : 'fc'
    default: return 'msg'
  }
}

const growth: Record<Opening['kind'], string> = {
  reasoning: 'response.reasoning_text.delta',
  text: 'response.output_text.delta',
  refusal: 'response.refusal.delta',
  call: 'response.function_call_arguments.delta'
}

const partOf = ({ opening }: Item, text: string): JsonObject => {
  switch (opening.kind) {
    case 'reasoning': return { type: 'reasoning_text', text }
    case 'refusal': return { type: 'refusal', refusal: text }
    default: return { type: 'output_text', text, annotations: [], logprobs: [] }
  }
}

export class Output implements BlockSink {
  readonly #inference: Inference
  readonly #served: Served
  readonly #tell: Tell | null
  readonly #items: JsonObject[] = []
  #item: Item | null = null
  #closing: Status = 'completed'

  constructor (inference: Inference, served: Served, tell: Tell | null) {
    this.#inference = inference
    this.#served = served
    this.#tell = tell
  }

  get items (): readonly JsonObject[] {
    return this.#items
  }

  /** What ends from now on was cut. */
  cut (): void {
    this.#closing = 'incomplete'
  }

  open (opening: Opening): void {
    const flat = opening.kind === 'call' ? opening.call.name : ''
    const tool = ownName(flat, this.#inference.echo['names'])
    const id = `${prefixOf({ opening, tool })}_${this.#served.requestId}_${this.#items.length}`
    const item: Item = { id, opening, tool, pieces: [] }
    this.#item = item
    this.#say('response.output_item.added', () => ({ item: this.#json(item, 'in_progress') }))
    if (opening.kind !== 'call') this.#say('response.content_part.added', () => ({ ...this.#place, part: partOf(item, '') }))
  }

  grow (text: string): void {
    const { opening, tool, pieces } = this.#item!
    pieces.push(text)
    // The text of a custom tool is inside its arguments: it is known when they are whole.
    if (opening.kind === 'call' && tool.isCustom) return
    this.#say(growth[opening.kind], () => opening.kind === 'call'
      ? { item_id: this.#item!.id, delta: text }
      : { ...this.#place, delta: text, ...(opening.kind === 'text' ? { logprobs: [] } : {}) })
  }

  close (): void {
    const item = this.#item!
    this.#sayDone(item, item.pieces.join(''))
    const json = this.#json(item, this.#closing)
    this.#say('response.output_item.done', () => ({ item: json }))
    this.#items.push(json)
    this.#item = null
  }

  get #place (): JsonObject {
    return { item_id: this.#item!.id, content_index: 0 }
  }

  /** `rest` is made only where somebody listens. */
  #say (type: string, rest: () => JsonObject): void {
    this.#tell?.({ type, output_index: this.#items.length, ...rest() })
  }

  #sayDone (item: Item, text: string): void {
    const { opening: { kind }, tool, id } = item
    if (kind === 'call') {
      this.#sayCalled(id, tool, text)
      return
    }
    if (kind === 'reasoning') this.#say('response.reasoning_text.done', () => ({ ...this.#place, text }))
    else if (kind === 'text') this.#say('response.output_text.done', () => ({ ...this.#place, text, logprobs: [] }))
    else this.#say('response.refusal.done', () => ({ ...this.#place, refusal: text }))
    this.#say('response.content_part.done', () => ({ ...this.#place, part: partOf(item, text) }))
  }

  #sayCalled (id: string, { name, isCustom }: ToolName, args: string): void {
    if (isCustom) {
      const input = customInput(args)
      this.#say('response.custom_tool_call_input.delta', () => ({ item_id: id, delta: input }))
      this.#say('response.custom_tool_call_input.done', () => ({ item_id: id, input }))
    } else this.#say('response.function_call_arguments.done', () => ({ item_id: id, name, arguments: args }))
  }

  #json (item: Item, status: Status): JsonObject {
    const { id, opening, tool, pieces } = item
    const text = pieces.join('')
    const isDone = status !== 'in_progress'
    switch (opening.kind) {
      case 'reasoning': {
        const isSealed = isDone && this.#inference.echo['isSealed'] === true
        const content = isDone ? [partOf(item, text)] : []
        const sealed = isSealed ? this.#served.seal.seal(text) : null
        return { id, type: 'reasoning', status, summary: [], content, encrypted_content: sealed }
      }
      case 'call': {
        const { name, namespace, isCustom } = tool
        const said = isCustom ? { input: isDone ? customInput(text) : '' } : { arguments: text }
        const called = { call_id: opening.call.id, name, ...(namespace === null ? {} : { namespace }) }
        return { id, type: isCustom ? 'custom_tool_call' : 'function_call', status, ...called, ...said }
      }
      default: return { id, type: 'message', status, role: 'assistant', content: isDone ? [partOf(item, text)] : [] }
    }
  }
}
