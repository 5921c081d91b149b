// What of a request and of its answer decides what is billed.

import type { ChatBody, Inference } from '../surfaces/surface.ts'
import type { Measured } from './billable.ts'
import type { Delivered } from './delivered.ts'

export type MeasuredOf = {
  readonly inference: Pick<Inference, 'chat' | 'n'>
  readonly inputBound: number
  readonly inputSlack: number
  /** The cap on all of its answers. */
  readonly outputMax: number
}

/** The end of a turn, or what a template writes around a call. */
const textSlack = 16

/** Nobody has more of a prediction rejected than it has bytes. */
const predictedOf = ({ prediction = null }: ChatBody): number =>
  prediction === null ? 0 : Buffer.byteLength(JSON.stringify(prediction))

export function measuredOf (delivered: Delivered, of: MeasuredOf): Measured {
  const { inference: { chat, n }, inputBound, inputSlack, outputMax } = of
  const { usage, outputAtLeast, textCount, reasoningLength } = delivered
  // Reasoning hides nowhere where it shows, or where the request turned it off.
  const mayHide = reasoningLength === 0 && chat['reasoning_effort'] !== 'none'
  return {
    usage,
    inputBound,
    inputSlack,
    outputAtLeast,
    outputSlack: textSlack * Math.max(1, textCount),
    hiddenMax: mayHide ? outputMax : 0,
    rejectedMax: n * predictedOf(chat)
  }
}
