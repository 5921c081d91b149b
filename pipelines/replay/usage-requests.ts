// What the requests of a trace ask of the ledger, and what is measured of them. Pure.

import type { AuthorizeUsage, StartUsage } from '../../schemas/ledger/usage-commands.ts'
import type { MeterEvent } from '../../schemas/usage/records.ts'
import { tokens, type InstrumentId, type Microdollars, type Tokens } from '../../schemas/units.ts'
import { boundOf, tokensAStep, type ScheduledReading, type Step } from './usage-schedule.ts'
import { consumerOf, supplierOf, type Cast, type Consumer } from './usage-accounts.ts'
import type { TracedRequest } from './usage-trace.ts'

const recorder = 'gateway'
const nonce = 'first'

/**
 * What is held at first: the input, and of the output as much as a step brings; each extension asks for the next. What
 * an easy account buys for an extension serves a later one, so its requests hold at once all that they can come to.
 */
export function needOf (request: TracedRequest, { kind }: Consumer): Tokens {
  return tokens(request.inputTokens + (kind === 'easy' ? boundOf(request) : tokensAStep))
}

const moreOf = ({ isFinal }: ScheduledReading, { kind }: Consumer): Tokens =>
  tokens(isFinal || kind === 'easy' ? 0 : tokensAStep)

/** What a step asks each consumer to hold. */
export function needsOf ({ arrivals, readings }: Step, cast: Cast): Map<Consumer, number> {
  const needs = new Map<Consumer, number>()
  const add = (consumer: Consumer, amount: number): void => { needs.set(consumer, (needs.get(consumer) ?? 0) + amount) }
  for (const request of arrivals) add(consumerOf(cast, request), needOf(request, consumerOf(cast, request)))
  for (const reading of readings) {
    const consumer = consumerOf(cast, reading.request)
    add(consumer, moreOf(reading, consumer))
  }
  return needs
}

export class UsageRequests {
  readonly #name: string
  readonly #instrumentId: InstrumentId
  readonly #cast: Cast

  constructor (name: string, instrumentId: InstrumentId, cast: Cast) {
    this.#name = name
    this.#instrumentId = instrumentId
    this.#cast = cast
  }

  idOf ({ number }: TracedRequest): string {
    return `${this.#name}-${number}`
  }

  authorize (request: TracedRequest, limitPrice: Microdollars): AuthorizeUsage {
    const consumer = consumerOf(this.#cast, request)
    const need = needOf(request, consumer)
    return {
      kind: 'authorize-usage',
      holder: consumer.holder,
      instrumentId: this.#instrumentId,
      requestId: this.idOf(request),
      need,
      min: need,
      recorder,
      limitPrice: consumer.kind === 'easy' ? limitPrice : null,
      spendMax: null,
      keyId: '',
      budget: null,
      budgetPeriod: 'total',
      managedPrice: null
    }
  }

  start (request: TracedRequest): StartUsage {
    const { holder } = consumerOf(this.#cast, request)
    return { kind: 'start-usage', holder, requestId: this.idOf(request), nonce, supplier: supplierOf(this.#cast, request) }
  }

  reading (reading: ScheduledReading): MeterEvent {
    const { request, sequence, isFinal, outputTokens, occurredAt } = reading
    const consumer = consumerOf(this.#cast, request)
    return {
      kind: 'meter-event',
      source: recorder,
      id: `${this.idOf(request)}/${sequence}`,
      holder: consumer.holder,
      instrumentId: this.#instrumentId,
      requestId: this.idOf(request),
      sequence,
      nonce,
      phase: isFinal ? 'final' : 'progress',
      inputTokens: request.inputTokens,
      outputTokens,
      more: moreOf(reading, consumer),
      supplier: supplierOf(this.#cast, request),
      fault: '',
      reason: '',
      occurredAt
    }
  }
}
