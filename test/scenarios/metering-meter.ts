// The steps of metering's scenarios, beside those of every scenario (language.ts):
//
//   gateway says m1: ada's r1 took 100 + 50                       a final reading; sol, a supplier, may say it, too
//   gateway says m1: ada's r1 has taken 100 + 50, needs 20 more   progress
//   gateway says m1: ada's r1 failed after 100 + 5 by supplier: stalled
//   … number 2 (of the request's readings; 1 unless said) · measured 11:59:00 (now unless said)
//   … under n1 (its start) · of code-max · in 3 (another partition) · record late
//   at 12:00:05 · remembers (how many, how many repeats)
//
// `nothing` and `long` stand for texts of 0 and of 201 letters. What metering said stands at a step's end.

import { apply } from '../../pipelines/metering/apply.ts'
import { type Limits, type MeteringOutput, Metering, meteringLimits } from '../../pipelines/metering/metering.ts'
import { validate } from '../../pipelines/metering/validate.ts'
import { meteringView } from '../../pipelines/metering/views.ts'
import type { MeterEvent, MeterPhase } from '../../schemas/usage/records.ts'
import { type HolderId, type Tokens, instant, instrumentId } from '../../schemas/units.ts'
import { Names, timeMs } from './language.ts'

const midnight = Date.UTC(2026, 10, 21)
const partitions = 8
const home = 1

const phases: Readonly<Record<string, MeterPhase>> = { took: 'final', 'has taken': 'progress', 'failed after': 'failed' }
const text = (word: string): string => word === 'nothing' ? '' : word === 'long' ? 'x'.repeat(201) : word

export class Meter {
  readonly #state: Metering
  readonly #names = new Names()
  #at = midnight + timeMs('12:00')

  constructor (limits: Partial<Limits> = {}) {
    this.#state = new Metering({ ...meteringLimits, ...limits })
    this.#tick()
  }

  /** Does what a line says, and says what came of it. */
  step (step: string): string {
    const at = /^at (\S+)$/.exec(step)
    if (at !== null) {
      this.#at = midnight + timeMs(at[1]!.replace(/^\+\d+d/, '')) + Number(/^\+(\d+)d/.exec(at[1]!)?.[1] ?? 0) * 24 * 3_600_000
      return this.#tick()
    }
    if (step === 'remembers') {
      const { remembered, repeated } = meteringView(this.#state)
      return `${remembered}, ${repeated} repeated`
    }
    return this.#take(step)
  }

  #tick (): string {
    return this.#apply({ kind: 'clock' }, home)
  }

  /** Everyone's readings are in one partition, unless a step says that one is in another. */
  #holder (name: string): HolderId {
    const other: Readonly<Record<string, number>> = { nobody: 0, negative: -7 }
    return (other[name] ?? home + partitions * this.#names.number(name)) as HolderId
  }

  #source (name: string): string {
    return name === 'gateway' ? name : text(name) === name ? `supplier:${this.#holder(name)}` : text(name)
  }

  #take (step: string): string {
    const match = /^(\w+) says (\w+): (\w+)'s (\w+) (took|has taken|failed after) (\S+) \+ (\S+?)((?:[ ,:]).*)?$/.exec(step)
    if (match === null) throw new Error(`nobody knows what "${step}" means`)
    const [, source = '', id = '', holder = '', request = '', verb = '', input = '', output = '', rest = ''] = match
    const said = (pattern: RegExp): string | undefined => pattern.exec(rest)?.[1]
    const measured = said(/ measured (\S+)/)
    const reading: MeterEvent = {
      kind: 'meter-event',
      source: this.#source(source),
      id: text(id),
      holder: this.#holder(holder),
      instrumentId: instrumentId(text(said(/ of (\S+)/) ?? 'text-prime')),
      requestId: text(request),
      sequence: Number(said(/ number (\S+)/) ?? 1),
      nonce: said(/ under (\w+)/) ?? '',
      phase: phases[verb]!,
      inputTokens: Number(input) as Tokens,
      outputTokens: Number(output) as Tokens,
      more: Number(said(/ needs (\S+) more/) ?? 0) as Tokens,
      supplier: (source === 'gateway' ? 0 : this.#holder(source)) as HolderId,
      fault: said(/ by (\w+)/) ?? '',
      reason: text(said(/ by \w+: (\w+)/) ?? ''),
      occurredAt: instant(measured === undefined ? this.#at : this.#time(measured))
    }
    return this.#apply(reading, Number(said(/ in (\d)/) ?? home))
  }

  /** `+1d12:00`: a day later. */
  #time (word: string): number {
    const [, days = '0', time = ''] = /^(?:\+(\d+)d)?(.*)$/.exec(word)!
    return midnight + Number(days) * 24 * 3_600_000 + timeMs(time)
  }

  #apply (command: MeterEvent | { readonly kind: 'clock' }, partition: number): string {
    const said: string[] = []
    apply(this.#state, command, { at: instant(this.#at), partition, partitions }, output => { said.push(told(output)) })
    validate(this.#state)
    return said.join(', ')
  }
}

function told (output: MeteringOutput): string {
  const under = 'nonce' in output && output.nonce !== '' ? ` under ${output.nonce}` : ''
  switch (output.kind) {
    case 'capture-usage': return `captures ${output.requestId} ${output.sequence}: ${output.inputTokens} + ${output.outputTokens}${under}`
    case 'extend-usage': return `extends ${output.requestId} ${output.sequence}: ${output.produced}, ${output.more} more${under}`
    case 'void-usage': return `voids ${output.requestId} ${output.sequence}: ${output.tokens}, ${output.fault} ${output.reason}${under}`
    case 'unbilled-usage': return `unbilled ${output.tokens}: ${output.reason}`
  }
}
