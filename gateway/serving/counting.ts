// Tokens of long texts, without standing in everybody's way: the reference tokenizer takes a second for a megabyte, and
// some seconds for one that somebody made up to be slow.

import { setImmediate as turn } from 'node:timers/promises'
import { unread } from '../surfaces/size.ts'
import type { Inference, Json } from '../surfaces/surface.ts'
import { imageTokens } from './hold.ts'

export type Count = (text: string) => number
type Sized = Pick<Inference, 'chat' | 'size'>

const sliceLength = 65_536
const sampleLength = 512
/** Up to so many slices a text is counted in full; of a longer one so many, evenly spread. */
const slicesMax = 8
const seamTokens = 4

/** Images are no text, however they are written. */
const textAlone = (_name: string, value: Json): Json => typeof value === 'string' && value.startsWith('data:') ? '' : value

/** All text of what goes upstream. */
export const inputText = ({ chat }: Pick<Inference, 'chat'>): string => JSON.stringify([chat.messages, chat['tools']], textAlone)

/**
 * All that a model may be shown: fields that some upstream puts before its model are in it, and tools take the room
 * that they have in the templates that write them widest.
 */
export function shownText ({ chat, size: { images } }: Sized): string {
  const { messages, tools } = chat
  const others = Object.entries(chat).filter(([name]) => name !== 'tools' && !unread.has(name))
  const text = JSON.stringify([messages, others], images === 0 ? undefined : textAlone)
  return tools === undefined ? text : text + JSON.stringify(tools, null, 4)
}

/** The tokens of a text by slices of it; of one that is not longer than all of them, in full. */
function tokensBy (length: number, count: Count, text: string): number {
  if (text.length <= slicesMax * length) return count(text)
  const apart = (text.length - length) / (slicesMax - 1)
  let counted = 0
  for (let slice = 0; slice < slicesMax; slice++) {
    const at = Math.floor(slice * apart)
    counted += count(text.slice(at, at + length))
  }
  return Math.round(counted * text.length / (slicesMax * length))
}

/** The tokens of a text, counted; of a very long one, estimated. */
export const tokensOf = (count: Count, text: string): number => tokensBy(sliceLength, count, text)

/** The same of a long text as a first look: it costs little. */
export const tokensAbout = (count: Count, text: string): number => tokensBy(sampleLength, count, text)

/** Of the input: its text, and what an image costs at most for each. */
export const inputTokensOf = (count: Count, inference: Sized): number =>
  tokensOf(count, inputText(inference)) + imageTokens * inference.size.images

/** What a text costs to count however short it is, as a length. */
const textLength = 64

/** Of all texts, with turns of the loop between; what lies behind `max` is taken to be like what was counted. */
export async function tokensOfAll (count: Count, texts: readonly string[], max: number): Promise<number> {
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  let [counted, seen, sinceTurn] = [0, 0, 0]
  for (const text of texts) {
    for (let at = 0; at < text.length; at += sliceLength) {
      if (counted > max) return Math.round(counted * length / seen)
      if (sinceTurn >= sliceLength) {
        await turn()
        sinceTurn = 0
      }
      const slice = text.slice(at, at + sliceLength)
      counted += count(slice) - (at > 0 ? seamTokens : 0)
      seen += slice.length
      sinceTurn += slice.length + textLength
    }
  }
  return counted
}

/** Counted while a client waits: half a millisecond at most. */
const quickBytes = 16_384
const bytesPerToken = 4

/** What a client is told of the input before its upstream has said how much it is. */
export function inputGuessOf (count: Count, { chat, size: { bytes, images } }: Sized): number {
  const text = bytes > quickBytes ? Math.ceil(bytes / bytesPerToken) : count(inputText({ chat }))
  return text + imageTokens * images
}

/** As far as `max` and no further, with a turn of the loop between slices; above it the number is only a beginning. */
export async function tokensUpTo (count: Count, text: string, max: number): Promise<number> {
  let counted = 0
  for (let at = 0; at < text.length; at += sliceLength) {
    if (at > 0) await turn()
    // Where two slices meet, one token may become a few.
    counted += count(text.slice(at, at + sliceLength)) - (at > 0 ? seamTokens : 0)
    if (counted > max) break
  }
  return counted
}

/** What a bill asks of the tokenizer, as far as it asks. */
export function referenceOf (count: Count, inference: Sized, outputTexts: () => readonly string[]) {
  return {
    count: (text: string): number => tokensOf(count, text),
    sample: (text: string): number => tokensAbout(count, text),
    inputText: (): string => shownText(inference),
    inputEstimate: (): number => inputTokensOf(count, inference),
    outputTexts
  }
}
