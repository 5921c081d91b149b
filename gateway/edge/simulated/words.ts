// Words that mean nothing, drawn by a hash: each of them, with the blank before it, is one token of o200k. Some are not
// ASCII, so that a stream cut anywhere is cut in a character now and then.

import { createHash } from 'node:crypto'

const words = ('the market opens at dawn and every trader reads same numbers while rivers carry light over quiet stones some ' +
  'stories begin with a small door others end near open water people bring bread music maps letters from distant towns ' +
  'time moves slowly here but nobody minds because work gives each day its shape España 東京 über мир 🙂 été café').split(' ')

/** So many words, each but the first with its blank; the same for the same seed. */
export function wordsOf (seed: string, length: number): string[] {
  // A generator of its own (xorshift, 32 bits), started by the hash: fast, and the same everywhere.
  let state = createHash('sha256').update(seed).digest().readUInt32LE() | 1
  return Array.from({ length }, (_, index) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const word = words[(state >>> 0) % words.length]!
    return index === 0 ? word : ` ${word}`
  })
}
