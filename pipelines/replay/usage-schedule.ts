// When what of a trace happens, in simulated time. Pure.
//
//   Arrivals are spread by the time scale; answers are not: output comes at its own speed. Time goes in steps, and what
//   a request does within one is said at the step's end, so that nothing is late by more than a step. A step in which
//   nothing happens is left out.

import { tokens, type Instant, type Tokens } from '../../schemas/units.ts'
import type { Trace, TracedRequest } from './usage-trace.ts'

/** An hour becomes eight: lots live four hours of it, and two sweeps are within. */
export const timeScaleDefault = 8
/** Beyond it simulated time would come near to now, and a broker refuses what is later than that. */
export const timeScaleMax = 1000

/** A third of what a start may show nothing for. */
export const stepMs = 30_000
/** Of output, ten a second: a slow reader's, so that many an answer has to be extended. */
export const tokensAStep = 300

export type ScheduledReading = {
  readonly request: TracedRequest
  /** From 1. */
  readonly sequence: number
  readonly isFinal: boolean
  /** Until now. */
  readonly outputTokens: Tokens
  /** When it was measured, within the step. */
  readonly occurredAt: Instant
}

export type Step = {
  readonly at: Instant
  readonly arrivals: readonly TracedRequest[]
  readonly readings: readonly ScheduledReading[]
}

export type Timing = {
  readonly startsAt: Instant
  readonly timeScale: number
}

/** How many steps a request takes, the last one its final reading's. */
export const stepsOf = ({ outputTokens }: TracedRequest): number => Math.max(1, Math.ceil(outputTokens / tokensAStep))

/** The most that its output can come to, as a client says it: in whole steps. */
export const boundOf = (request: TracedRequest): Tokens => tokens(stepsOf(request) * tokensAStep)

const stepOf = ({ afterMs }: TracedRequest, { timeScale }: Timing): number =>
  Math.floor(afterMs * timeScale / stepMs) + 1

function readingOf (request: TracedRequest, sequence: number, { startsAt, timeScale }: Timing): ScheduledReading {
  const isFinal = sequence === stepsOf(request)
  const arrivedAt = startsAt + Math.floor(request.afterMs * timeScale)
  return {
    request,
    sequence,
    isFinal,
    outputTokens: isFinal ? request.outputTokens : tokens(sequence * tokensAStep),
    occurredAt: arrivedAt + sequence * stepMs as Instant
  }
}

/** In their order. */
export function * stepsOfTrace ({ requests }: Trace, timing: Timing): Generator<Step> {
  const arrivals = Map.groupBy(requests, request => stepOf(request, timing))
  const readings = new Map<number, ScheduledReading[]>()
  for (const request of requests) {
    for (let sequence = 1; sequence <= stepsOf(request); sequence++) {
      const step = stepOf(request, timing) + sequence
      const there = readings.get(step)
      const reading = readingOf(request, sequence, timing)
      if (there === undefined) readings.set(step, [reading])
      else there.push(reading)
    }
  }
  const steps = new Set([...arrivals.keys(), ...readings.keys()])
  for (const step of [...steps].sort((a, b) => a - b)) {
    const at = timing.startsAt + step * stepMs as Instant
    yield { at, arrivals: arrivals.get(step) ?? [], readings: readings.get(step) ?? [] }
  }
}
