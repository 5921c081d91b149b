// Whole numbers and text in a row of bytes: the ground a snapshot is written on.
//
//   number := seven bits a byte, the lowest first; all bytes but the last have the eighth bit set
//   signed := number, of 2n for n at or above 0 and of -2n - 1 below
//   bytes  := how many, and they
//   text   := bytes, UTF-8
//
// Most numbers of a ledger are small or nothing, and a million accounts are read before a restart is over.

import assert from 'node:assert/strict'

const bytesAtFirst = 2 ** 12
/** The most bytes a number can take. */
const numberBytesMax = 8
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The largest number that takes one byte. */
const oneByteMax = 127

/** Where the next one goes. */
function putNumber (bytes: Uint8Array, from: number, value: number): number {
  if (!(value >= 0 && Number.isSafeInteger(value))) assert.fail(`${value} is no number of a snapshot`)
  let at = from
  let rest = value
  while (rest >= 2 ** 31) {
    bytes[at++] = rest % 128 | 128
    rest = Math.floor(rest / 128)
  }
  while (rest > oneByteMax) {
    bytes[at++] = rest & 127 | 128
    rest >>= 7
  }
  bytes[at++] = rest
  return at
}

export class ByteWriter {
  #bytes = new Uint8Array(bytesAtFirst)
  #length = 0

  /** A whole number from 0, below 2^53. */
  number (value: number): void {
    this.#reserve(numberBytesMax)
    this.#length = putNumber(this.#bytes, this.#length, value)
  }

  /** Some of the numbers of a row that begins at `from`. */
  row (numbers: Float64Array, from: number, fields: readonly number[]): void {
    this.#reserve(fields.length * numberBytesMax)
    const bytes = this.#bytes
    let at = this.#length
    for (let index = 0; index < fields.length; index++) at = putNumber(bytes, at, numbers[from + fields[index]!]!)
    this.#length = at
  }

  /** A whole number above -2^52 and below 2^52. */
  signed (value: number): void {
    this.number(value >= 0 ? 2 * value : -2 * value - 1)
  }

  text (value: string): void {
    if (value.length > oneByteMax || !this.#plain(value)) this.bytes(encoder.encode(value))
  }

  /** A short text of ASCII is written as it is; false, and nothing, where it is another. */
  #plain (value: string): boolean {
    const { length } = value
    this.#reserve(1 + length)
    const bytes = this.#bytes
    const from = this.#length + 1
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > oneByteMax) return false
      bytes[from + index] = code
    }
    bytes[from - 1] = length
    this.#length = from + length
    return true
  }

  bytes (value: Uint8Array): void {
    this.number(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** A copy of what was written. */
  written (): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve (size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const bytes = new Uint8Array(2 * (this.#length + size))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }
}

/** Reads what `ByteWriter` wrote; throws past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  number (): number {
    let value = 0
    let scale = 1
    for (;;) {
      assert(this.#at < this.#bytes.length && scale <= 2 ** 49, 'a number that does not end')
      const byte = this.#bytes[this.#at++]!
      if (byte < 128) return value + byte * scale
      value += (byte - 128) * scale
      scale *= 128
    }
  }

  /** What the writer took of a row, into one that begins at `from`. */
  row (numbers: Float64Array, from: number, fields: readonly number[]): void {
    for (let index = 0; index < fields.length; index++) numbers[from + fields[index]!] = this.number()
  }

  signed (): number {
    const value = this.number()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text (): string {
    return decoder.decode(this.bytes())
  }

  /** A part of what is read, not a copy. */
  bytes (): Uint8Array {
    const length = this.number()
    assert(this.#at + length <= this.#bytes.length, 'bytes that end past the end')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  end (): void {
    assert.equal(this.#at, this.#bytes.length, 'bytes left over')
  }
}
