// From what an upstream said and what a client was sent to what is billed. Pure; the reference is asked only where it
// decides something.

import type { Usage } from '../surfaces/surface.ts'
import { piecesAtLeast } from './plausible.ts'

export type Measured = {
  /** As the upstream said it; null: it did not. */
  readonly usage: Usage | null
  /** Of the input: no tokenizer makes more. */
  readonly inputBound: number
  /** What was delivered, reasoning that shows included. */
  readonly text: readonly string[]
  /** Whether any reasoning was delivered: else all of it may be hidden. */
  readonly showsReasoning: boolean
  /** The cap that the upstream was given. */
  readonly outputMax: number
}

export type Reference = {
  readonly count: (text: string) => number
  /** The input as the tokenizer has it; asked only where the upstream said nothing. */
  readonly input: () => number
}

export type Billable = Usage & {
  readonly isEstimated: boolean
  /** What was reported beyond what is plausible. */
  readonly overReported: number | null
}

/** A reading above this share of the reference is not believed. */
const believed = 1.25
/** What templates and ends of turns may add. */
const slackTokens = 16

export function billable (measured: Measured, reference: Reference): Billable {
  const { usage, inputBound, text, showsReasoning, outputMax } = measured
  const counted = (): number => text.length === 0 ? 0 : reference.count(text.join(''))
  if (usage === null) {
    const input = Math.min(reference.input(), inputBound)
    return { input, cached: 0, output: counted(), reasoning: 0, isEstimated: true, overReported: null }
  }
  const input = Math.min(usage.input, inputBound)
  const cached = Math.min(usage.cached, input)
  const hidden = showsReasoning ? 0 : Math.min(usage.reasoning, usage.output, outputMax)
  const isBelieved = (pieces: number): boolean => usage.output <= pieces * believed + slackTokens + hidden
  const asReported = { ...usage, input, cached, isEstimated: false, overReported: null }
  if (isBelieved(text.reduce((sum, part) => sum + piecesAtLeast(part), 0))) return asReported
  const known = counted()
  if (isBelieved(known)) return asReported
  const output = known + hidden
  const reasoning = Math.min(usage.reasoning, output)
  return { input, cached, output, reasoning, isEstimated: false, overReported: usage.output - output }
}
