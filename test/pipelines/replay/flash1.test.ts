// The recorded flow against the oracle that came with it: matching alone, in memory, no log and no codec.

import { expect, test } from 'vitest'
import { apply } from '../../../pipelines/matching/apply.ts'
import { Matching } from '../../../pipelines/matching/matching.ts'
import { Tape } from '../../../pipelines/matching/tape.ts'
import { validate } from '../../../pipelines/matching/validate.ts'
import { flash1, flash1Checkpoints, flash1TickSize } from '../../../pipelines/replay/flash1.ts'
import { MessageMerge } from '../../../pipelines/replay/message-merge.ts'
import { Reports } from '../../../pipelines/replay/reports.ts'
import type { MatchingOutput } from '../../../schemas/matching/records.ts'
import { instant, instrumentId } from '../../../schemas/units.ts'
import { BookNaive } from '../../properties/book-naive.ts'

const flow = { instrumentId: instrumentId('text-prime') }
/** Seconds when the machine is free; the rest is for one that is not. */
const wholeFlowTimeoutMs = 180_000
const position = { at: instant(1_700_000_000_000), isLate: false }

function * outputsOf (limit: number): Generator<{ sequence: number, outputs: MatchingOutput[] }> {
  const state = new Matching()
  const tape = new Tape()
  for (const { sequence, command } of flash1({ ...flow, limit })) {
    apply(state, command, position, tape)
    if (sequence !== null) yield { sequence, outputs: tape.outputs() }
  }
  validate(state)
}

test('the whole flow gives the reports of the oracle, at every checkpoint', () => {
  const reports = new Reports({ tickSize: flash1TickSize })
  for (const { sequence, outputs } of outputsOf(Infinity)) reports.add(sequence, outputs)
  expect([...reports.checkpoints, reports.summary()]).toEqual(flash1Checkpoints())
  expect(reports.summary()).toEqual({
    messages: 1_996_097,
    reports: 2_204_643,
    trades: 62_474,
    resting: 5500,
    sha256: 'e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e'
  })
}, wholeFlowTimeoutMs)

test('one sorted list gives the same outputs on the flow’s beginning', () => {
  const twin = new BookNaive()
  const expected: MatchingOutput[][] = []
  for (const { sequence, command } of flash1({ ...flow, limit: 10_000 })) {
    const outputs = twin.apply(command, position)
    if (sequence !== null) expected.push(outputs)
  }
  expect(Array.from(outputsOf(10_000), ({ outputs }) => outputs)).toEqual(expected)
})

test('outputs that come from several partitions give the same reports once merged', () => {
  const partitions = 5
  const sources: { sequence: number, output: MatchingOutput }[][] = Array.from({ length: partitions }, () => [])
  const whole = new Reports({ tickSize: flash1TickSize, checkpointMessages: 1000 })
  for (const { sequence, outputs } of outputsOf(10_000)) {
    whole.add(sequence, outputs)
    for (const output of outputs) {
      const source = output.kind === 'order-update' ? 1 + output.holder % (partitions - 1) : 0
      if (output.kind !== 'book-delta') sources[source]!.push({ sequence, output })
    }
  }
  const merged = new Reports({ tickSize: flash1TickSize, checkpointMessages: 1000 })
  const merge = new MessageMerge(partitions, (sequence, outputs) => merged.add(sequence, outputs))
  const places = sources.map(() => 0)
  for (let left = partitions; left > 0;) {
    const source = merge.slowest()
    const next = sources[source]![places[source]!++]
    if (next !== undefined) {
      merge.push(source, next.sequence, next.output)
    } else {
      merge.advance(source, Infinity)
      left--
    }
  }
  expect(merged.checkpoints).toEqual(whole.checkpoints)
  expect(merged.checkpoints).toHaveLength(10)
})

test('a merge refuses a source that goes back, and reports a gap', () => {
  const merge = new MessageMerge(2, () => undefined)
  merge.advance(0, 7)
  expect(() => merge.advance(0, 6)).toThrow('went back')
  const reports = new Reports({ tickSize: flash1TickSize })
  expect(() => reports.add(1, [])).toThrow('without gaps')
})
