// Random readings for metering. Few ids, few requests, few amounts, and a log that brings the same reading again and
// again, at times that stumble past the window: so that readings repeat, contradict, come late and are forgotten.

import fc from 'fast-check'
import type { Command } from '../../pipelines/metering/apply.ts'
import type { Limits, Position } from '../../pipelines/metering/metering.ts'
import { type MeterEvent, meterPhase } from '../../schemas/usage/records.ts'
import { instant, instrumentId, type HolderId, type Instant, type Tokens } from '../../schemas/units.ts'

export type Step = { readonly command: Command, readonly position: Position }
export type Sequence = { readonly limits: Limits, readonly steps: readonly Step[] }

const start = 1_700_000_000_000
const windowMs = 10_000
const aheadMs = 60_000
const here = { partition: 1, partitions: 2 }

const often = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>, weight = 20): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: seldom })

const long = 'x'.repeat(200)
const most = 10 ** 12
const odd = fc.constantFrom(-1, 0.5, NaN, Infinity, -Infinity, most + 1, 2 ** 53, -(2 ** 60))
const many = fc.constantFrom(most, most - 1)
const tokens = often(fc.constantFrom(0, 1, 5, 7), fc.oneof(odd, many), 30) as fc.Arbitrary<Tokens>
const name = (...usual: string[]): fc.Arbitrary<string> =>
  often(fc.constantFrom(...usual), fc.constantFrom('', long, `${long}y`), 40)
const words = (...usual: string[]): fc.Arbitrary<string> =>
  often(fc.constantFrom(...usual), fc.constantFrom(long, `${long}y`), 40)
const holder = (usual: number[], ...seldom: number[]): fc.Arbitrary<HolderId> =>
  often(fc.constantFrom(...usual), fc.constantFrom(...seldom), 30).map(value => value as HolderId)

/** From the beginning of the log on. */
const measuredIn = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -2000, max: 30_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(-windowMs - 1, -windowMs, -1, 0, aheadMs, aheadMs + 1, 50_000) },
  { weight: 1, arbitrary: fc.constantFrom(0.5, NaN, -start - 5, 1e15) }
)

const reading: fc.Arbitrary<MeterEvent> = fc.record({
  kind: fc.constant('meter-event' as const),
  source: name('gateway', 'supplier:3'),
  id: name('a', 'b', 'c', 'd', 'e'),
  holder: holder([1, 3], 2, 0, -1, 1.5, NaN, 2 ** 53 + 1),
  instrumentId: name('text-prime', 'text-prime', 'text-prime', 'code-max').map(instrumentId),
  requestId: name('r1', 'r2'),
  sequence: often(fc.constantFrom(1, 1, 2, 3), fc.constantFrom(0, -1, 1.5, NaN, most, most + 1), 30),
  nonce: words('', 'n1'),
  phase: fc.constantFrom(...meterPhase),
  inputTokens: tokens,
  outputTokens: tokens,
  more: often(fc.constant(0 as Tokens), tokens, 4),
  supplier: holder([0, 3], -1, 2.5, NaN),
  fault: words('', 'supplier'),
  reason: words('', 'stalled'),
  occurredAt: measuredIn.map(value => start + value as Instant)
})

const pause = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0, 0, 1, 300, 999, 1000) },
  { weight: 3, arbitrary: fc.constantFrom(windowMs - 1, windowMs, windowMs + 1, windowMs + 1000) },
  { weight: 1, arbitrary: fc.constantFrom(30_000, aheadMs + windowMs) }
)

/** Which of the readings comes next; none: only time passes. At times it says something else, or under another id. */
const stride = fc.record({
  which: fc.nat(11),
  pauseMs: pause,
  change: fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ outputTokens: tokens }) },
    { weight: 1, arbitrary: fc.record({ id: name('a', 'b', 'f') }) },
    { weight: 1, arbitrary: fc.record({ occurredAt: measuredIn.map(value => start + value as Instant) }) }
  )
})

const limits: fc.Arbitrary<Limits> = fc.constantFrom(1000, 1000, 5, 2, 1)
  .map(readingsMax => ({ windowMs, aheadMs, readingsMax }))

export function sequences (lengthMax: number): fc.Arbitrary<Sequence> {
  const readings = fc.array(reading, { minLength: 3, maxLength: 10 })
  const minLength = Math.floor(lengthMax / 2)
  const strides = fc.array(stride, { minLength, maxLength: lengthMax, size: 'max' })
  return fc.tuple(limits, readings, strides).map(([limits, readings, strides]) => {
    let at = start
    const steps = strides.map(({ which, pauseMs, change }): Step => {
      at += pauseMs
      const known = readings[which]
      const command: Command = known === undefined ? { kind: 'clock' } : { ...known, ...change }
      return { command, position: { at: instant(at), ...here } }
    })
    return { limits, steps }
  })
}
