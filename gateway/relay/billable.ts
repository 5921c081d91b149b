// From what an upstream said and what a client was sent to what is billed. Pure; the tokenizer is asked only where it
// decides something, and last: readings of honest suppliers are explained by what is sure for next to nothing.

import type { Usage } from '../surfaces/surface.ts'
import { Pieces } from './plausible.ts'

export type Measured = {
  /** As the upstream said it; null: it did not. */
  readonly usage: Usage | null
  /** Of the input: no tokenizer makes more. */
  readonly inputBound: number
  /** What templates, tools and images may add to the input's text. */
  readonly inputSlack: number
  /** Tokens that were delivered for sure, reasoning that shows included. */
  readonly outputAtLeast: number
  /** What the ends of turns and the frames of calls may add to the output's text. */
  readonly outputSlack: number
  /** Reasoning that nobody sees is believed up to this. */
  readonly hiddenMax: number
  /** Tokens of a prediction that did not come true, likewise. */
  readonly rejectedMax: number
}

export type Reference = {
  readonly count: (text: string) => number
  /** By a few places of a long text: a guess that costs little. */
  readonly sample: (text: string) => number
  /** All that the model may have been shown. */
  readonly inputText: () => string
  /** What was delivered, each text by itself. */
  readonly outputTexts: () => readonly string[]
  /** The input as it is billed where the upstream said nothing. */
  readonly inputEstimate: () => number
}

export type Billable = Usage & {
  readonly isEstimated: boolean
  /** What was reported beyond what is plausible. */
  readonly overReported: number | null
}

/** A reading above this share of the reference is not believed. */
const believed = 1.25

/** Of the input: what was said, or the most that can be believed. */
function inputOf (said: number, { inputSlack }: Measured, { inputText, sample, count }: Reference): number {
  if (said <= inputSlack) return said
  const text = inputText()
  const pieces = new Pieces()
  pieces.take(text)
  // Some models read each digit by itself.
  const most = (known: number): number => Math.ceil(known * believed) + pieces.digits + inputSlack
  if (said <= most(pieces.count) || said <= most(sample(text))) return said
  return Math.min(said, most(count(text)))
}

const counted = ({ outputTexts, count }: Reference): number => outputTexts().reduce((sum, text) => sum + count(text), 0)

/** Of the output: what was said, or what the reference knows of. */
function outputOf ({ output, reasoning, rejected = 0 }: Usage, measured: Measured, reference: Reference): number {
  const { outputAtLeast, outputSlack, hiddenMax, rejectedMax } = measured
  const unseen = Math.min(output, Math.min(reasoning, hiddenMax) + Math.min(rejected, rejectedMax))
  const isBelieved = (known: number): boolean => output <= known * believed + outputSlack + unseen
  if (isBelieved(outputAtLeast)) return output
  const known = counted(reference)
  return isBelieved(known) ? output : known + unseen
}

export function billable (measured: Measured, reference: Reference): Billable {
  const { usage, inputBound } = measured
  if (usage === null) {
    const input = Math.min(reference.inputEstimate(), inputBound)
    return { input, cached: 0, output: counted(reference), reasoning: 0, isEstimated: true, overReported: null }
  }
  const within = Math.min(usage.input, inputBound)
  const input = inputOf(within, measured, reference)
  const output = outputOf(usage, measured, reference)
  const excess = within - input + usage.output - output
  return {
    ...usage,
    input,
    cached: Math.min(usage.cached, input),
    output,
    reasoning: Math.min(usage.reasoning, output),
    isEstimated: false,
    overReported: excess === 0 ? null : excess
  }
}
