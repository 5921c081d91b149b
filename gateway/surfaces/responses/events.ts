// An answer as a stream of events, which tell how the response that a `ResponseCollector` makes comes about.
//
// Invariants
//   1  `sequence_number` counts all events from 0 without gaps.
//   2  `response.created` is the first event, whatever happens; completed, incomplete or failed is the last.

import type { ChatChunk } from '../chunk.ts'
import { openAiForm } from '../error-forms.ts'
import type { Fault } from '../fault.ts'
import type { AnswerWriter, End, Inference, JsonObject, Keeps, Kept, Served } from '../surface.ts'
import { eventText } from '../translation.ts'
import { ResponseCollector } from './collected.ts'
import { errorJson } from './response.ts'

export class ResponseEvents implements AnswerWriter, Keeps {
  readonly #served: Served
  readonly #collector: ResponseCollector
  #sequence = 0
  #out = ''
  #hasBegun = false

  constructor (inference: Inference, served: Served) {
    this.#served = served
    this.#collector = new ResponseCollector(inference, served, event => this.#tell(event.type, event))
  }

  write (chunk: ChatChunk): string {
    // The model that serves is in the chunk, and the first event tells of it.
    if (!this.#hasBegun) {
      this.#collector.take({ ...chunk, choices: [] })
      this.#begin()
    }
    this.#collector.take(chunk)
    return this.#flush()
  }

  heartbeat (): string {
    return ': keep-alive\n\n'
  }

  end (end: End): string {
    this.#begin()
    const response = this.#collector.end(end)
    this.#tell(`response.${response['status'] === 'incomplete' ? 'incomplete' : 'completed'}`, { response })
    return this.#flush()
  }

  fail (fault: Fault): string {
    this.#begin()
    const { errors } = openAiForm(fault, this.#served.requestId)
    this.#tell('response.failed', { response: this.#collector.failed(errorJson(fault)), errors })
    return this.#flush()
  }

  kept (): Kept {
    return this.#collector.kept()
  }

  #begin (): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const response = this.#collector.begun()
    this.#tell('response.created', { response })
    this.#tell('response.in_progress', { response })
  }

  #tell (type: string, rest: JsonObject): void {
    this.#out += eventText({ type, sequence_number: this.#sequence, ...rest })
    this.#sequence += 1
  }

  #flush (): string {
    const out = this.#out
    this.#out = ''
    return out
  }
}

/** Of a response that failed before anybody knew what was asked; it has no time of its own either. */
export function failedEvents (fault: Fault, requestId: string): string {
  const inference: Inference = {
    surface: 'responses',
    model: '',
    isStream: true,
    chat: { messages: [] },
    size: { bytes: 0, messages: 0, images: 0 },
    n: 1,
    outputMax: null,
    wantsUsage: true,
    ignored: [],
    stickyKey: '',
    store: null,
    echo: {}
  }
  const seal = { seal: () => '', open: () => null }
  return new ResponseEvents(inference, { requestId, created: 0, inputGuess: () => 0, seal }).fail(fault)
}
