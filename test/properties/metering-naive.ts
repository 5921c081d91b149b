// The rules of metering a second time, slow and obvious: every reading that is remembered stands in one list, whole.

import type { Command } from '../../pipelines/metering/apply.ts'
import type { Limits, MeteringOutput, Position, Refused } from '../../pipelines/metering/metering.ts'
import type { MeterEvent, UnbilledReason, UnbilledUsage } from '../../schemas/usage/records.ts'
import { instant, type HolderId, type InstrumentId, type Tokens } from '../../schemas/units.ts'

type Seen = { readonly reading: MeterEvent, readonly untilSecond: number }

const most = 1_000_000_000_000
const isNumber = (value: number, from: number, to: number): boolean =>
  Number.isInteger(value) && value >= from && value <= to
const placeOf = ({ source, holder, requestId, sequence }: MeterEvent): string =>
  JSON.stringify([source, holder, requestId, sequence])
const contentOf = ({ id, occurredAt, ...content }: MeterEvent): string => JSON.stringify(Object.entries(content).sort())
const identityOf = ({ source, id }: MeterEvent): string => JSON.stringify([source, id])
const areOne = (keyOf: (reading: MeterEvent) => string, one: MeterEvent, other: MeterEvent): boolean =>
  keyOf(one) === keyOf(other)

export class MeteringNaive {
  readonly #limits: Limits
  #now = 0
  #seen: Seen[] = []
  #horizon = 0
  readonly counts = { captured: 0, extended: 0, voided: 0, repeated: 0, impossible: 0, contradicts: 0, too_late: 0 }

  constructor (limits: Limits) {
    this.#limits = limits
  }

  get remembered (): number {
    return this.#seen.length
  }

  get horizon (): number {
    return this.#horizon
  }

  apply (command: Command, position: Position): MeteringOutput[] {
    this.#now = position.at
    this.#seen = this.#seen.filter(({ untilSecond }) => (untilSecond + 1) * 1000 > this.#now - this.#limits.windowMs)
    return command.kind === 'clock' ? [] : this.#take(command, position)
  }

  #take (reading: MeterEvent, position: Position): MeteringOutput[] {
    const isRepeat = this.#others.some(seen => areOne(placeOf, seen, reading) && areOne(contentOf, seen, reading))
    const refused = isRepeat ? null : this.#refusal(reading, position)
    this.#remember(reading)
    if (isRepeat) {
      this.counts.repeated++
      return []
    }
    if (refused !== null) {
      this.counts[refused]++
      return [this.#unbilled(reading, refused)]
    }
    const { kind, id, phase, inputTokens, outputTokens, more, supplier, fault, reason, occurredAt, ...who } = reading
    const { holder, requestId, sequence, nonce, source } = who
    const taken = inputTokens + outputTokens as Tokens
    switch (phase) {
      case 'final':
        this.counts.captured++
        return [{ kind: 'capture-usage', ...who, eventId: id, supplier, inputTokens, outputTokens, occurredAt }]
      case 'progress':
        this.counts.extended++
        return [{ kind: 'extend-usage', holder, requestId, sequence, nonce, source, produced: taken, more }]
      case 'failed':
        this.counts.voided++
        return [{ kind: 'void-usage', ...who, eventId: id, fault, reason, tokens: taken, occurredAt }]
    }
  }

  get #others (): MeterEvent[] {
    return this.#seen.map(({ reading }) => reading)
  }

  #refusal (reading: MeterEvent, { partition, partitions }: Position): Refused | null {
    const { inputTokens, outputTokens, more, holder, supplier, sequence, occurredAt } = reading
    const { source, id, requestId, instrumentId, nonce, fault, reason } = reading
    const counted = [inputTokens, outputTokens, more, inputTokens + outputTokens]
    const isCounted = counted.every(value => isNumber(value, 0, most))
    const isNamed = [source, id, requestId, instrumentId].every(text => text !== '')
    const isShort = [source, id, requestId, instrumentId, nonce, fault, reason].every(text => text.length <= 200)
    const isHere = isNumber(holder, 1, 2 ** 53 - 2) && holder % partitions === partition
    const isSomeones = isHere && isNumber(supplier, 0, 2 ** 53 - 2)
    const isTimed = Number.isInteger(occurredAt) && occurredAt <= this.#now + this.#limits.aheadMs
    if (!(isCounted && isNamed && isShort && isSomeones && isTimed && isNumber(sequence, 1, most))) return 'impossible'
    const isAbout = (seen: MeterEvent): boolean => areOne(identityOf, seen, reading) || areOne(placeOf, seen, reading)
    if (this.#others.some(isAbout)) return 'contradicts'
    return occurredAt < this.#now - this.#limits.windowMs || occurredAt < this.#horizon ? 'too_late' : null
  }

  #remember (reading: MeterEvent): void {
    const isSame = (seen: MeterEvent): boolean => areOne(identityOf, seen, reading) && areOne(contentOf, seen, reading)
    if (this.#others.some(isSame)) return
    while (this.#seen.length >= this.#limits.readingsMax) {
      const oldest = Math.min(...this.#seen.map(({ untilSecond }) => untilSecond))
      this.#seen = this.#seen.filter(({ untilSecond }) => untilSecond !== oldest)
      this.#horizon = Math.max(this.#horizon, (oldest + 1) * 1000)
    }
    const { occurredAt } = reading
    const isTimed = Number.isInteger(occurredAt) && occurredAt <= this.#now + this.#limits.aheadMs
    const until = isTimed ? Math.max(occurredAt, this.#now) : this.#now
    this.#seen.push({ reading, untilSecond: Math.floor(until / 1000) })
  }

  #unbilled (reading: MeterEvent, reason: UnbilledReason): UnbilledUsage {
    const held = (value: number, max: number): number => {
      if (Number.isNaN(value) || value < 0) return 0
      return value > max ? max : Math.floor(value)
    }
    const input = held(reading.inputTokens, most) as Tokens
    const output = held(reading.outputTokens, most) as Tokens
    const first = (text: string): string => text.substring(0, 200)
    return {
      kind: 'unbilled-usage',
      holder: held(reading.holder, 2 ** 53 - 2) as HolderId,
      instrumentId: first(reading.instrumentId) as InstrumentId,
      requestId: first(reading.requestId),
      sequence: held(reading.sequence, most),
      source: first(reading.source),
      eventId: first(reading.id),
      supplier: held(reading.supplier, 2 ** 53 - 2) as HolderId,
      tokens: (reading.phase === 'progress' ? 0 : input + output) as Tokens,
      inputTokens: input,
      outputTokens: output,
      reason,
      at: instant(this.#now)
    }
  }
}
