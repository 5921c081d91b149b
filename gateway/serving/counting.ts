// Tokens of long texts, without standing in everybody's way: the reference tokenizer takes a second for a megabyte, and
// some seconds for one that somebody made up to be slow.

import { setImmediate as turn } from 'node:timers/promises'
import type { Inference, Json } from '../surfaces/surface.ts'
import { imageTokens } from './hold.ts'

export type Count = (text: string) => number

const sliceLength = 65_536
/** Up to so many slices a text is counted in full; of a longer one so many, evenly spread. */
const slicesMax = 8
const seamTokens = 4

/** Images are no text, however they are written. */
const textAlone = (_name: string, value: Json): Json => typeof value === 'string' && value.startsWith('data:') ? '' : value

/** All text of what goes upstream. */
export const inputText = ({ chat }: Pick<Inference, 'chat'>): string => JSON.stringify([chat.messages, chat['tools']], textAlone)

/** The tokens of a text, counted; of a very long one, estimated. */
export function tokensOf (count: Count, text: string): number {
  const slices = Math.ceil(text.length / sliceLength)
  if (slices <= slicesMax) return count(text)
  const apart = (text.length - sliceLength) / (slicesMax - 1)
  let counted = 0
  for (let slice = 0; slice < slicesMax; slice++) {
    const at = Math.floor(slice * apart)
    counted += count(text.slice(at, at + sliceLength))
  }
  return Math.round(counted * text.length / (slicesMax * sliceLength))
}

/** Of the input: its text, and what an image costs at most for each. */
export const inputTokensOf = (count: Count, inference: Pick<Inference, 'chat' | 'size'>): number =>
  tokensOf(count, inputText(inference)) + imageTokens * inference.size.images

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
