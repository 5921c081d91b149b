// An answer as a stream of Anthropic's events.
//
// Invariants
//   1  One `message_start` before everything but pings, one `message_delta` and one `message_stop` after all else.
//   2  Blocks have indexes from 0 without gaps; each is started, grown and stopped before the next one starts.
//   3  A block of thinking has its signature as its last delta.

import type { ChatChunk } from '../chunk.ts'
import { anthropicForm } from '../error-forms.ts'
import type { Fault } from '../fault.ts'
import { Reply, type Opening } from '../reply.ts'
import type { AnswerWriter, End, Inference, Served } from '../surface.ts'
import { eventText } from '../translation.ts'
import { emptyBlock, emptyMessage, finalUsageJson, stopJson, usageJson } from './message.ts'
import { showsOf, stopsOf } from './request.ts'

const ping = eventText({ type: 'ping' })
// What grows in a block of each kind, as far as the text itself.
const growth: Record<Opening['kind'], string> = {
  reasoning: '{"type":"thinking_delta","thinking":',
  text: '{"type":"text_delta","text":',
  refusal: '{"type":"text_delta","text":',
  call: '{"type":"input_json_delta","partial_json":'
}

export class MessageEvents implements AnswerWriter {
  readonly #inference: Inference
  readonly #served: Served
  readonly #reply: Reply
  #out = ''
  #index = -1
  #kind: Opening['kind'] = 'text'
  /** All of a block of thinking: its signature is made of it. */
  #thought: string[] = []
  #hasBegun = false

  constructor (inference: Inference, served: Served) {
    this.#inference = inference
    this.#served = served
    this.#reply = new Reply({
      open: opening => this.#open(opening), grow: text => this.#grow(text), close: () => this.#close()
    })
  }

  write (chunk: ChatChunk): string {
    this.#begin()
    this.#reply.take(chunk)
    return this.#flush()
  }

  heartbeat (): string {
    return ping
  }

  end (end: End): string {
    this.#begin()
    this.#reply.end()
    const delta = stopJson(this.#reply, end, stopsOf(this.#inference))
    this.#out += eventText({ type: 'message_delta', delta, usage: finalUsageJson(end.usage) }) + eventText({ type: 'message_stop' })
    return this.#flush()
  }

  fail (fault: Fault): string {
    return eventText({ ...anthropicForm(fault, this.#served.requestId), type: 'error' })
  }

  #begin (): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const message = emptyMessage(this.#inference, this.#served)
    // Agents take what they show from here, and some fail on zeros: the first token is on its way.
    const usage = usageJson({ input: this.#served.inputGuess(), cached: 0, output: 1 })
    this.#out += eventText({ type: 'message_start', message: { ...message, usage } }) + ping
  }

  get #isHidden (): boolean {
    return this.#kind === 'reasoning' && showsOf(this.#inference) === 'none'
  }

  #open (opening: Opening): void {
    this.#kind = opening.kind
    this.#thought = []
    if (this.#isHidden) return
    this.#index += 1
    this.#out += eventText({ type: 'content_block_start', index: this.#index, content_block: emptyBlock(opening) })
  }

  #grow (text: string): void {
    if (this.#kind === 'reasoning') {
      this.#thought.push(text)
      if (showsOf(this.#inference) !== 'shown') return
    }
    // By hand: this is said once a token.
    this.#out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${growth[this.#kind]}${JSON.stringify(text)}}}\n\n`
  }

  #close (): void {
    if (this.#isHidden) return
    const index = this.#index
    if (this.#kind === 'reasoning') {
      const signature = this.#served.seal.seal(this.#thought.join(''))
      this.#out += eventText({ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature } })
    }
    this.#out += eventText({ type: 'content_block_stop', index })
  }

  #flush (): string {
    const out = this.#out
    this.#out = ''
    return out
  }
}
