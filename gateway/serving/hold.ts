// How many tokens to hold for a request, and the cap on output that goes upstream. Pure.
//
// Bytes are the only safe bound on input: measured bytes a token are 4.5 for English, 3.7 for code, 1.4 for base64, 1.0
// for rare scripts. A third of them is what most text stays below: with that much in the account a request is let in,
// and its supplier is paid what is held at most.

import type { Terms } from '../../schemas/instruments.ts'
import { isList } from '../surfaces/json.ts'
import type { Inference, Size } from '../surfaces/surface.ts'

/** What a message costs beyond its text, at most: its role and its ends. */
export const messageTokens = 16
/** The cap an image, in tokens. */
export const imageTokens = 1600
/** Held for the output of one answer at first, and at each extension. */
export const outputStep = 8192
/** With less for its output a request is not let in, unless it asks for less. */
export const outputLeast = 256
/** Who asks for no cap hardly ever gets a longer answer: with room for it nobody needs to count the input. */
const outputRoom = 32_768
/** Of the reference's count: by so much the tokenizer of a server, which refuses what does not fit, may be above it. */
const tokenizersDiffer = 1 / 10
/** What templates say by themselves, some at length: to every model, of tools where there are any, and of each tool. */
const slackTokens = { base: 512, tools: 512, tool: 64 }

export type Need = {
  /** No tokenizer makes more of the input. */
  readonly inputBound: number
  /** Most text stays below it. */
  readonly inputLeast: number
  /** How many answers, and the cap on one. */
  readonly n: number
  readonly outputMax: number
  readonly need: number
  readonly min: number
}

const sizeOf = (text: number, { messages, images }: Size): number =>
  text + messageTokens * messages + imageTokens * images

export const inputBoundOf = (size: Size): number => sizeOf(size.bytes, size)

export type Asked = { readonly size: Size, readonly n: number, readonly outputMax: number | null }

export const inputMaxOf = ({ inputTokensMax, contextTokens }: Terms): number => inputTokensMax ?? contextTokens

/** Whether bytes alone do not say that the input fits, with room for its answer beside it. */
export function isToCount ({ size, outputMax }: Asked, terms: Terms): boolean {
  const bound = inputBoundOf(size)
  const wanted = Math.min(outputMax ?? outputRoom, terms.outputTokensMax)
  return bound > inputMaxOf(terms) || bound + wanted > terms.contextTokens
}

/**
 * The cap on one answer: what was asked, within what the instrument makes, within what its context has left beside the
 * input. `counted`: the input by the reference; null: its bound says enough. Where a context is nearly full, a server
 * that refuses is better than one that says a single word.
 */
export function outputMaxOf ({ size, outputMax }: Asked, terms: Terms, counted: number | null): number {
  const { contextTokens, outputTokensMax } = terms
  const left = contextTokens - (counted ?? inputBoundOf(size))
  const room = counted === null
    ? left
    : Math.max(Math.floor(left - counted * tokenizersDiffer), Math.min(outputStep, left))
  return Math.max(1, Math.min(outputMax ?? outputTokensMax, outputTokensMax, room))
}

/** What a supplier may add to the text of an input, and be believed. */
export function inputSlackOf ({ size: { messages, images }, chat: { tools } }: Pick<Inference, 'size' | 'chat'>): number {
  const several = isList(tools) ? tools.length : 0
  const forTools = several === 0 ? 0 : slackTokens.tools + slackTokens.tool * several
  return slackTokens.base + messageTokens * messages + imageTokens * images + forTools
}

export function needOf ({ size, n, outputMax: asked }: Asked, terms: Terms): Need {
  const inputBound = Math.min(inputBoundOf(size), inputMaxOf(terms))
  const inputLeast = Math.min(inputBound, sizeOf(Math.ceil(size.bytes / 3), size))
  const outputMax = Math.min(asked ?? terms.outputTokensMax, terms.outputTokensMax)
  const need = inputBound + n * Math.min(outputMax, outputStep)
  const min = inputLeast + n * Math.min(outputMax, outputLeast)
  return { inputBound, inputLeast, n, outputMax, need, min }
}

/** Of what is held, the part that is for output. */
export function outputHeldOf ({ inputBound, inputLeast, need, min }: Need, held: number): number {
  const isSafe = held - inputBound >= min - inputLeast
  return held >= need || isSafe ? held - inputBound : held - inputLeast
}

/** The cap for one answer upstream: what was asked, unless the balance is the limit. */
export function capOf (need: Need, held: number): number {
  if (held >= need.need) return need.outputMax
  return Math.max(1, Math.min(need.outputMax, Math.floor(outputHeldOf(need, held) / need.n)))
}
