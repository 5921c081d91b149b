import { describe, expect, test } from 'vitest'
import { castOf, consumerKind, consumerOf } from '../../../pipelines/replay/usage-accounts.ts'
import { needOf, needsOf, UsageRequests } from '../../../pipelines/replay/usage-requests.ts'
import { boundOf, stepMs, stepsOf, stepsOfTrace, tokensAStep } from '../../../pipelines/replay/usage-schedule.ts'
import { readTrace, type TracedRequest } from '../../../pipelines/replay/usage-trace.ts'
import { instant, instrumentId, microdollars, tokens, type Instant } from '../../../schemas/units.ts'

const timing = { startsAt: instant(1_736_128_800_000), timeScale: 8 }
const trace = await readTrace('mooncake', 500)
const steps = [...stepsOfTrace(trace, timing)]
const cast = castOf(7)
const textPrime = instrumentId('text-prime')

const request = (outputTokens: number): TracedRequest =>
  ({ number: 0, afterMs: 0, inputTokens: tokens(10), outputTokens: tokens(outputTokens) })

describe('the steps of a trace', () => {
  test('stand in the order of time, and each has something to do', () => {
    expect(steps.every(({ at }, index) => at > (steps[index - 1]?.at ?? timing.startsAt))).toBe(true)
    expect(steps.every(({ arrivals, readings }) => arrivals.length + readings.length > 0)).toBe(true)
    expect(steps.length).toBeGreaterThan(10)
  })

  test('have each request once, at the end of the step in which it came', () => {
    const arrivals = steps.flatMap(({ at, arrivals }) => arrivals.map(each => ({ at, each })))
    expect(arrivals.map(({ each }) => each.number)).toEqual(trace.requests.map(({ number }) => number))
    const late = arrivals.map(({ at, each }) => at - timing.startsAt - each.afterMs * timing.timeScale)
    expect(Math.min(...late)).toBeGreaterThan(0)
    expect(Math.max(...late)).toBeLessThanOrEqual(stepMs)
  })

  test('have its readings in the steps after it, the last one with all of its output', () => {
    const arrivedAt = new Map(steps.flatMap(({ at, arrivals }) =>
      arrivals.map(({ number }): [number, Instant] => [number, at])))
    const readings = steps.flatMap(({ at, readings }) => readings.map(reading => ({ at, ...reading })))
    for (const [number, own] of Map.groupBy(readings, ({ request: { number } }) => number)) {
      const { outputTokens } = trace.requests[number]!
      expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, index) => index + 1))
      expect(own.map(({ at }) => at)).toEqual(own.map((_, index) => arrivedAt.get(number)! + (index + 1) * stepMs))
      expect(own.map(({ isFinal }) => isFinal)).toEqual(own.map((_, index) => index === own.length - 1))
      expect(own.at(-1)!.outputTokens).toBe(outputTokens)
      expect(own.every(({ at, occurredAt }) => occurredAt < at && occurredAt >= at - stepMs)).toBe(true)
    }
    expect(new Set(readings.map(({ request: { number } }) => number)).size).toBe(trace.requests.length)
    expect(readings.some(({ isFinal }) => !isFinal)).toBe(true)
  })

  test.each([[0, 1], [1, 1], [tokensAStep, 1], [tokensAStep + 1, 2], [3 * tokensAStep, 3]])('of %i tokens of output are %i', (output, count) => {
    expect(stepsOf(request(output))).toBe(count)
    expect(boundOf(request(output))).toBe(count * tokensAStep)
  })
})

describe('what is held', () => {
  test('is always enough for what is taken, and asked of the consumers step by step', () => {
    const requests = new UsageRequests('conv', textPrime, cast)
    const held = new Map<number, number>()
    for (const step of steps) {
      const asked = new Map<number, number>()
      const hold = (number: number, amount: number): void => {
        const { holder } = consumerOf(cast, trace.requests[number]!)
        held.set(number, (held.get(number) ?? 0) + amount)
        asked.set(holder, (asked.get(holder) ?? 0) + amount)
      }
      for (const { number } of step.arrivals) {
        const { need, min } = requests.authorize(trace.requests[number]!, microdollars(5))
        expect(min).toBe(need)
        hold(number, need)
      }
      for (const reading of step.readings) {
        const { inputTokens, outputTokens, more, phase } = requests.reading(reading)
        expect(inputTokens + outputTokens).toBeLessThanOrEqual(held.get(reading.request.number)!)
        if (phase === 'final') expect(more).toBe(0)
        hold(reading.request.number, more)
      }
      const needs = [...needsOf(step, cast)].map(([{ holder }, need]) => [holder, need])
      expect(new Map(needs as [number, number][])).toEqual(asked)
    }
  })

  test('by an easy account is all at once, for it buys only when it is asked to authorise', () => {
    const [ahead, , easy] = cast.consumers
    expect(needOf(request(950), ahead!)).toBe(10 + tokensAStep)
    expect(needOf(request(950), easy!)).toBe(10 + 4 * tokensAStep)
    const requests = new UsageRequests('conv', textPrime, cast)
    const limits = [0, 1, 2].map(number => requests.authorize({ ...request(950), number }, microdollars(5)).limitPrice)
    expect(limits).toEqual([null, null, 5])
    expect(consumerKind[2]).toBe('easy')
  })
})
