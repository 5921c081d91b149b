// The reference tokenizer, o200k_base. Rules in README.md.

import assert from 'node:assert/strict'
import type { GptEncoding } from 'gpt-tokenizer/GptEncoding'

let encoding: GptEncoding | null = null

/** A word's tokens cost the square of its length. */
const runLengthMax = 64
const keptWordsMax = 20_000
/** Texts that look like special tokens are only texts. */
const asText = { disallowedSpecial: new Set<string>() }

/** Loads the vocabulary, once however often it is asked. */
export async function loadTokenizer (): Promise<void> {
  encoding ??= (await import('gpt-tokenizer/encoding/o200k_base')).default
  encoding.setMergeCacheSize(keptWordsMax)
}

/** Digits never make long words; all that is no ASCII may be letters. */
function kindOf (code: number): 'blank' | 'digit' | 'letter' | 'mark' {
  if (code <= 32 || code === 0x3000) return 'blank'
  if (code >= 48 && code <= 57) return 'digit'
  return code >= 128 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? 'letter' : 'mark'
}

const isLowSurrogate = (code: number): boolean => code >= 0xDC00 && code <= 0xDFFF

/** The text in pieces in which no run of one kind is long; mostly in one. */
function * pieces (text: string): Generator<string> {
  let start = 0
  let run = 0
  let last = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const kind = kindOf(code)
    run = kind === last && kind !== 'digit' ? run + 1 : 1
    last = kind
    if (run <= runLengthMax || isLowSurrogate(code)) continue
    yield text.slice(start, at)
    start = at
    run = 1
  }
  yield start === 0 ? text : text.slice(start)
}

/** The tokens of a text. */
export function countTokens (text: string): number {
  assert(encoding !== null, 'the tokenizer is not loaded')
  let count = 0
  for (const piece of pieces(text)) count += encoding.countTokens(piece, asText)
  return count
}
