// An answer while it is made: what was delivered, to whom it goes, and who makes it.

import type { ServerResponse } from 'node:http'
import type { Attempt } from '../relay/attempt.ts'
import { billable, type Billable } from '../relay/billable.ts'
import { Delivered } from '../relay/delivered.ts'
import { measuredOf } from '../relay/measured.ts'
import { Out } from '../relay/out.ts'
import type { AnswerCollector, AnswerWriter, Keeps, Served } from '../surfaces/surface.ts'
import { inputGuessOf, referenceOf } from '../serving/counting.ts'
import { inputSlackOf } from '../serving/hold.ts'
import { sealFor } from '../tickets/seal.ts'
import type { Consumption } from './consumption.ts'
import type { BegunAttempt, Candidate } from './ports.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Taken } from './taken.ts'
import { firstSequence } from './upstream-call.ts'

/** One supplier's turn. */
export type Try = {
  readonly candidate: Candidate
  readonly begun: BegunAttempt
  readonly nonce: string
  readonly attempt: Attempt
  /** On the output of one answer, as the upstream was told it. */
  readonly cap: number
  /** By the clock for durations. */
  readonly openedAt: number
}

export class Answering {
  readonly delivered: Delivered
  readonly out: Out
  /** Null where the answer is sent whole. */
  readonly writer: (AnswerWriter & Partial<Keeps>) | null
  /** Null where the answer is streamed. */
  readonly collector: (AnswerCollector & Partial<Keeps>) | null
  current: Try | null = null
  attempts = 0
  /** The upstream of the current attempt has answered. */
  hasHeaders = false
  readonly #c: Consumption
  readonly #taken: Taken
  #sequence: number

  constructor (c: Consumption, taken: Taken, response: ServerResponse) {
    const { surface, inference, requestId, holder } = taken
    this.#c = c
    this.#taken = taken
    this.#sequence = firstSequence(c.now())
    this.delivered = new Delivered(inference.n)
    this.out = new Out(response, () => ({ status: 200, headers: answerHeaders(c, taken) }))
    const served: Served = {
      requestId,
      created: Math.floor(c.now() / 1000),
      inputGuess: () => inputGuessOf(c.countTokens, inference),
      seal: sealFor(c.secrets, holder, c.random)
    }
    this.writer = inference.isStream ? surface.stream(inference, served) : null
    this.collector = inference.isStream ? null : surface.collect(inference, served)
  }

  /** Of the next reading. */
  nextSequence (): number {
    return ++this.#sequence
  }

  begin (trying: Try): Try {
    this.attempts++
    this.hasHeaders = false
    this.current = trying
    return trying
  }

  /** From the call to the first content; null before. */
  get firstTokenMs (): number | null {
    const { firstTokenAt } = this.delivered
    return firstTokenAt === null ? null : firstTokenAt - (this.current?.openedAt ?? firstTokenAt)
  }

  /** Input and output, as far as is known. */
  get tokens (): number {
    const { usage, outputGuess } = this.delivered
    return usage === null ? this.#taken.need.inputLeast + outputGuess : usage.input + usage.output
  }

  /** It came to a cap that is lower than what was asked, because the tokens did not reach further. */
  get isShort (): boolean {
    return this.delivered.isAtCap && (this.current?.cap ?? Infinity) < this.#taken.need.outputMax
  }

  billable (): Billable {
    const { need: { inputBound, n, outputMax }, inference } = this.#taken
    const { delivered } = this
    const inputSlack = inputSlackOf(inference)
    const measured = measuredOf(delivered, { inference, inputBound, inputSlack, outputMax: n * outputMax })
    return billable(measured, referenceOf(this.#c.countTokens, inference, () => delivered.texts()))
  }
}
