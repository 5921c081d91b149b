// A machine around a core that writes down all that it is told, and records to feed it, on the product's own schemas.

import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import { activateVersionHeader, writeActivateVersion } from '../../../pipelines/runtime/control.ts'
import type { Headers, LogRecord } from '../../../pipelines/runtime/log.ts'
import { Machine, type Binder, type Frame, type Output } from '../../../pipelines/runtime/machine.ts'
import { sourceOf, writeOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Clock, Named, Stage } from '../../../pipelines/runtime/stage.ts'
import { Codec, type AcceptedSchema } from '../../../schemas/codec.ts'
import { schemaSet } from '../../../schemas/schema-set.ts'
import type { Instant } from '../../../schemas/units.ts'

/** Every schema of this release, with ids from 1. */
export const accepted: AcceptedSchema[] = schemaSet.map(({ name, fingerprint }, index) => {
  return { name, fingerprint, id: index + 1 }
})

const codec = new Codec()
export const wire = codec.bind(accepted)
export const binder: Binder = {
  bind: listing => codec.bind(listing),
  unknown: listing => codec.unknown(listing),
  current: wire
}

/** A line a command, in order: what it was, when, under which version, and whether it was late. */
export type Diary = string[]

export const diarist: Stage<Diary, Named, Named> = {
  name: 'diarist',
  version: 2,
  reads: 'orders',
  writes: ['fills', 'order-updates'],
  initial: () => [],
  apply (diary, command: Named | Clock, { at, version, isLate }, emit) {
    diary.push(`${command.kind} ${at} v${version}${isLate ? ' late' : ''}`)
    if (command.kind === 'clock') return
    emit('fills', 0, 'a', { kind: 'set-trading-status', instrumentId: 'a', status: 'open' } as Named)
    emit('order-updates', diary.length % 2, 'b', { kind: 'set-trading-status', instrumentId: 'b', status: 'halted' } as Named)
  },
  snapshot: diary => Buffer.from(JSON.stringify(diary)),
  restore: bytes => JSON.parse(Buffer.from(bytes).toString()) as Diary
}

export const topic = 'orders-1'
export const source = sourceOf('diarist', topic, 3)
/** Where the time of these tests begins. */
export const noon = 1_700_000_000_000

/** A record on its way: the log gives it its offset. */
export type Sent = Omit<LogRecord, 'offset'>

const record = (value: Buffer | null, headers: Headers, at: number): Sent =>
  ({ timestamp: at as Instant, key: null, value, headers })

export const halt = wire.encode({ kind: 'set-trading-status', instrumentId: 'text-prime', status: 'halted' } as Named)

export const clock = (at: number, sentAt = at): Sent =>
  record(wire.encode({ kind: 'clock', sentAt, sender: 'test' } as Named), {}, at)

export const command = (id: string, at: number, validUntil = at + 1000): Sent =>
  record(halt, { command: writeCommandTag({ id, validUntil: validUntil as Instant }) }, at)

export const emitted = (from: string, sequence: number, at: number): Sent =>
  record(halt, { origin: writeOrigin({ source: from, offset: sequence, index: 0, sequence }) }, at)

export const bare = (value: Buffer | null, at: number, headers: Headers = {}): Sent => record(value, headers, at)

export const activation = (version: number, at: number, schemas: readonly AcceptedSchema[] = accepted): Sent =>
  record(writeActivateVersion({ kind: 'activate-version', version, schemas }, 1), { control: activateVersionHeader }, at)

/** What a machine makes of records, one after the other from where it stands. */
export class Run {
  readonly machine: Machine<Diary, Named, Named>
  readonly outputs: Output[] = []

  constructor ({ frame, state, skips = [] }: { frame?: Frame, state?: Diary, skips?: readonly number[] } = {}) {
    this.machine = new Machine({
      stage: diarist,
      topic,
      partition: 3,
      binder,
      deadLetters: () => ({ topic: 'dead-letters', partition: 1 }),
      skips: new Set(skips)
    }, frame, state)
  }

  /** Returns the fate of each. */
  feed (...records: readonly Sent[]): string[] {
    return records.map(sent => this.machine.apply({ ...sent, offset: this.machine.next }, this.outputs))
  }

  /** Reasons of the dead letters, in order. */
  get reasons (): string[] {
    return this.outputs.filter(({ value }) => value.kind === 'dead-letter')
      .map(({ value }) => (value as Named & { reason: string }).reason)
  }
}

/** A machine with a version on, whose time has begun. */
export function running (): Run {
  const run = new Run()
  run.feed(activation(1, noon), clock(noon))
  return run
}
