// An upstream's reply as a row of blocks of which one is open at a time: reasoning, text, refusal, calls of tools.
//
//   Chat lets several calls of tools grow at once; Messages and Responses are read by clients that expect one after the
//   other. What arrives for a later block waits until the earlier one has ended.
//
// Invariants
//   1  Blocks are opened in the order in which their first delta arrived, and closed before the next one is opened.
//   2  No delta is dropped, and none is empty. A call whose arguments never came has `{}`.
//   3  A call ends when its arguments are a whole object and another block has begun, or when the reply ends: until
//      then more of it may come.

import type { ChatChunk, ChatDelta, ToolCallDelta } from './chunk.ts'

type ToolCall = { readonly id: string, readonly name: string }
export type Opening = { readonly kind: 'reasoning' | 'text' | 'refusal' } | { readonly kind: 'call', readonly call: ToolCall }

/** Whoever writes the blocks down. */
export type BlockSink = {
  open (opening: Opening): void
  grow (text: string): void
  close (): void
}

type Block = {
  readonly kind: Opening['kind']
  /** Of a call: the upstream's index. */
  readonly index: number
  readonly id: string
  /** Null while a call has none. */
  name: string | null
  isOpen: boolean
  waiting: string
  /** Of a call: its arguments, as they went to the sink. */
  readonly sent: string[]
}

/** Looks at the last piece first: it is cheap, and all of a long text is not. */
function isWhole (pieces: readonly string[]): boolean {
  if (pieces.at(-1)?.trimEnd().endsWith('}') !== true) return false
  try {
    JSON.parse(pieces.join(''))
    return true
  } catch {
    return false
  }
}

export class Reply {
  readonly #sink: BlockSink
  readonly #blocks: Block[] = []
  #finish: string | null = null
  #matched: string | null = null
  #calls = 0
  #hasRefusal = false

  constructor (sink: BlockSink) {
    this.#sink = sink
  }

  /** The upstream's last word on why it stopped. */
  get finish (): string | null {
    return this.#finish
  }

  /** The stop sequence that ended it, where the upstream says so. */
  get matched (): string | null {
    return this.#matched
  }

  get hasCalls (): boolean {
    return this.#calls > 0
  }

  get hasRefusal (): boolean {
    return this.#hasRefusal
  }

  take (chunk: ChatChunk): void {
    for (const choice of chunk.choices) {
      if (choice.index !== 0) continue
      this.#grow(choice.delta)
      if (choice.finish_reason !== null) this.#finish = choice.finish_reason
      if (typeof choice['stop_reason'] === 'string') this.#matched = choice['stop_reason']
    }
  }

  /** Nothing more will come. */
  end (): void {
    while (this.#blocks.length > 0) this.#shift()
  }

  #grow ({ reasoning_content: reasoning, content, refusal, tool_calls: calls }: ChatDelta): void {
    if (typeof reasoning === 'string' && reasoning !== '') this.#growText('reasoning', reasoning)
    if (typeof content === 'string' && content !== '') this.#growText('text', content)
    if (typeof refusal === 'string' && refusal !== '') {
      this.#hasRefusal = true
      this.#growText('refusal', refusal)
    }
    for (const call of calls ?? []) this.#growCall(call)
  }

  #growText (kind: 'reasoning' | 'text' | 'refusal', text: string): void {
    const last = this.#blocks.at(-1)
    const block = last?.kind === kind ? last : this.#begin({ kind, index: -1, id: '', name: '' })
    block.waiting += text
    this.#advance()
  }

  #growCall ({ index, id, function: { name, arguments: more } }: ToolCallDelta): void {
    const found = this.#blocks.find(block => block.kind === 'call' && block.index === index)
    if (found === undefined && id === undefined) return // A call that has ended: only blanks can follow a whole object.
    const block = found ?? this.#begin({ kind: 'call', index, id: id ?? '', name: name ?? null })
    block.name ??= name ?? null
    block.waiting += more ?? ''
    this.#advance()
  }

  #begin (start: Pick<Block, 'kind' | 'index' | 'id' | 'name'>): Block {
    if (start.kind === 'call') this.#calls += 1
    const block: Block = { ...start, isOpen: false, waiting: '', sent: [] }
    this.#blocks.push(block)
    return block
  }

  /** Sends what may be sent now. */
  #advance (): void {
    for (;;) {
      const head = this.#blocks[0]
      if (head === undefined) return
      if (head.name !== null) this.#send(head)
      if (this.#blocks.length === 1 || !this.#hasEnded(head)) return
      this.#shift()
    }
  }

  #hasEnded ({ kind, name, sent }: Block): boolean {
    if (kind !== 'call') return true
    return name !== null && isWhole(sent)
  }

  #send (block: Block): void {
    const { kind, id, name, waiting } = block
    if (!block.isOpen) {
      block.isOpen = true
      this.#sink.open(kind === 'call' ? { kind, call: { id, name: name ?? '' } } : { kind })
    }
    if (waiting === '') return
    this.#sink.grow(waiting)
    block.waiting = ''
    // Texts may be long, and only of arguments somebody asks whether they are whole.
    if (kind === 'call') block.sent.push(waiting)
  }

  #shift (): void {
    const head = this.#blocks[0]!
    if (head.kind === 'call' && [...head.sent, head.waiting].join('').trim() === '') head.waiting += '{}'
    this.#send(head)
    this.#sink.close()
    this.#blocks.shift()
  }
}
