import { describe, expect, test } from 'vitest'
import { metering } from '../../../pipelines/metering/stage.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import { Machine, type Output } from '../../../pipelines/runtime/machine.ts'
import type { MeterEvent } from '../../../schemas/usage/records.ts'
import { type HolderId, instant, tokens } from '../../../schemas/units.ts'
import { activation, binder, clock, type Sent, wire } from '../runtime/support.ts'
import { consumer, noon, partition, readingOf } from './support.ts'
import { stateHash } from '../../../pipelines/runtime/stage.ts'

describe('the stage', () => {
  test('sends each record to its holder\'s partition', () => {
    const stage = metering()
    const state = stage.initial(partition)
    const sent: string[] = []
    const at = { at: instant(noon), partition, offset: 0, version: 1, isLate: false }
    const take = (changes: Partial<MeterEvent>): void => {
      stage.apply(state, readingOf(changes), at, (topic, to, key, value) => { sent.push(`${value.kind} → ${topic} ${to} ${key}`) })
    }
    take({})
    take({ id: 'm2', requestId: 'r2', phase: 'progress' })
    take({ id: 'm3', requestId: 'r3', phase: 'failed' })
    take({ id: 'm4', requestId: 'r4', inputTokens: tokens(-1) })
    take({ id: 'm5', holder: 12 as HolderId })
    expect(sent).toEqual([
      'capture-usage → ledger 1 9', 'extend-usage → ledger 1 9', 'void-usage → ledger 1 9',
      'unbilled-usage → reconciliation 1 9', 'unbilled-usage → reconciliation 4 12'
    ])
  })

  test('has one hash for one state, whatever it was restored from', () => {
    const stage = metering()
    const state = stage.initial(partition)
    const at = { at: instant(noon), partition, offset: 0, version: 1, isLate: false }
    const before = stateHash(stage.snapshot(state))
    stage.apply(state, readingOf(), at, () => { /* Only the state counts. */ })
    expect(stateHash(stage.snapshot(state))).not.toBe(before)
    expect(stateHash(stage.snapshot(stage.restore(stage.snapshot(state))))).toBe(stateHash(stage.snapshot(state)))
  })
})

/** Readings as records from outside, through the machine that runs the stage. */
class Run {
  readonly outputs: Output[] = []
  readonly #machine = new Machine({
    stage: metering(),
    topic: 'usage-1',
    partition,
    binder,
    deadLetters: () => ({ topic: 'dead-letters', partition: 1 })
  })

  feed (...records: readonly Sent[]): string[] {
    return records.map(sent => this.#machine.apply({ ...sent, offset: this.#machine.next }, this.outputs))
  }
}

const tagged = (reading: MeterEvent, id: string, validUntil: number): Sent => ({
  timestamp: instant(noon),
  key: Buffer.from(String(consumer)),
  value: wire.encode(reading),
  headers: { command: writeCommandTag({ id, validUntil: instant(validUntil) }) }
})

describe('a reading from outside, in the runtime', () => {
  const dayMs = 24 * 60 * 60 * 1000
  /** Half an hour after the last clock record: stage time has stood still. */
  const behind = (): Run => {
    const run = new Run()
    run.feed(activation(1, noon - dayMs / 48), clock(noon - dayMs / 48))
    return run
  }

  test('counts although its tag says that it is late, and however far stage time is behind', () => {
    const run = behind()
    expect(run.feed(tagged(readingOf(), 'a', 0), clock(noon), tagged(readingOf(), 'b', 0))).toEqual(['applied', 'clock', 'applied'])
    expect(run.outputs.map(({ topic, value }) => `${value.kind} → ${topic}`)).toEqual(['capture-usage → ledger'])
  })

  test('would be lost if its tag named a time that stage time has not come near', () => {
    const run = behind()
    expect(run.feed(tagged(readingOf(), 'a', noon + 30_000))).toEqual(['dead-letter'])
  })

  test('is dropped by the runtime where its tag was seen since the last clock record', () => {
    const run = behind()
    run.feed(clock(noon))
    expect(run.feed(tagged(readingOf(), 'a', 0), tagged(readingOf(), 'a', 0))).toEqual(['applied', 'duplicate'])
  })
})
