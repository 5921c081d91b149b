// A lower bound on what the reference tokenizer makes of a text, for next to nothing: so that only what looks
// overstated is counted in full. o200k first cuts text into pieces (words, groups of three digits, punctuation before a
// space), and each piece is one token at least.

const isLetter = (code: number): boolean => (code > 96 && code < 123) || (code > 64 && code < 91)
const isDigit = (code: number): boolean => code > 47 && code < 58
const isSpace = (code: number): boolean => code === 32 || code === 10
const apostrophe = 39

/** Letters beyond ASCII count for nothing: a lower bound may. */
export function piecesAtLeast (text: string): number {
  let pieces = 0
  let before = 32
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // In `don't` one piece has all five; a word in mixed case may be two, which a lower bound need not know.
    if (isLetter(code)) pieces += isLetter(before) || before === apostrophe || before > 127 ? 0 : 1
    else if (isDigit(code)) pieces += digits++ % 3 === 0 ? 1 : 0
    else if (isSpace(code) && before < 128 && !isSpace(before) && !isLetter(before) && !isDigit(before)) pieces++
    if (!isDigit(code)) digits = 0
    before = code
  }
  return pieces
}
