// A lower bound on what the reference tokenizer makes of a text, for next to nothing: so that only what looks
// overstated is counted in full. o200k first cuts text into pieces, and each piece is one token at least:
//
//   words, with one mark or blank before them, cut where a capital follows a small letter
//   groups of three digits
//   marks, with one blank before them, and the line ends and slashes right behind them
//   blanks that no word and no mark takes, line ends among them
//
// A piece is counted where it is certain from a character and the two before it. So the bound holds for a text however
// it was cut into parts: who delivers a word letter by letter has delivered one word.

const [control, small, capital, digit, blank, lineEnd, mark, slash, apostrophe, beyond] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const kinds = 10

/** Of a character in ASCII; others are `beyond`, may be letters, and count for nothing: a lower bound may. */
function kindOf (code: number): number {
  if (code > 96 && code < 123) return small
  if (code > 64 && code < 91) return capital
  if (code > 47 && code < 58) return digit
  if (code === 32 || code === 9) return blank
  if (code === 10 || code === 13) return lineEnd
  if (code === 47) return slash
  if (code === 39) return apostrophe
  return code > 32 && code < 127 ? mark : control
}

const isLetter = (kind: number): boolean => kind === small || kind === capital

/** A letter begins a word, and so ends what was before it, unless that is a mark or a blank by itself. */
function atLetter (kind: number, before: number, earlier: number): number {
  if (isLetter(before)) {
    // The `'lL` of a contraction is one piece with its word.
    return kind === capital && before === small && earlier !== apostrophe ? 1 : 0
  }
  // In `don't` one piece has all five.
  if (before === apostrophe || before === beyond) return 0
  const areApart = before === earlier && (before === mark || before === blank)
  return areApart ? 2 : 1
}

/** A digit takes nothing that was before it. Its group of three is counted elsewhere. */
function atDigit (before: number, earlier: number): number {
  if (before === mark) return 1
  if (before !== blank) return 0
  return earlier === blank ? 2 : 1
}

/** The pieces that are certain from one character on; of groups of digits nothing. */
function certainAt (kind: number, before: number, earlier: number): number {
  if (isLetter(kind)) return atLetter(kind, before, earlier)
  if (kind === digit) return atDigit(before, earlier)
  if (kind === blank || kind === lineEnd) {
    if (before === mark || before === apostrophe) return 1
    return kind === lineEnd && (isLetter(before) || before === digit) ? 1 : 0
  }
  if (kind === control || kind === beyond) return 0
  // A mark takes one blank at most.
  return before === blank && earlier === blank ? 1 : 0
}

const kindsOfCode = Uint8Array.from({ length: 128 }, (_, code) => kindOf(code))
const certain = Uint8Array.from({ length: kinds ** 3 }, (_, at) =>
  certainAt(Math.floor(at / kinds ** 2), Math.floor(at / kinds) % kinds, at % kinds))

/** Of a text that comes in parts. */
export class Pieces {
  /** Of what was taken so far, at least. */
  count = 0
  /** Digits among it: some models read each of them by itself. */
  digits = 0
  #run = 0
  #before: number = lineEnd
  #earlier: number = lineEnd

  take (part: string): void {
    let count = 0
    let run = this.#run
    let before = this.#before
    let earlier = this.#earlier
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at)
      const kind = code < 128 ? kindsOfCode[code]! : beyond
      if (kind === digit) {
        this.digits++
        if (run++ % 3 === 0) count++
      } else if (kind !== beyond) run = 0 // What is beyond may be a digit.
      count += certain[(kind * kinds + before) * kinds + earlier]!
      earlier = before
      before = kind
    }
    this.count += count
    this.#run = run
    this.#before = before
    this.#earlier = earlier
  }
}

export function piecesAtLeast (text: string): number {
  const pieces = new Pieces()
  pieces.take(text)
  return pieces.count
}
