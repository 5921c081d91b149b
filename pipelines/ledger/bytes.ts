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

export class ByteWriter {
  #bytes = new Uint8Array(bytesAtFirst)
  #length = 0

  /** A whole number from 0, below 2^53. */
  number (value: number): void {
    assert(value >= 0 && Number.isSafeInteger(value), `${value} is no number of a snapshot`)
    if (this.#length + numberBytesMax > this.#bytes.length) this.#grow(numberBytesMax)
    const bytes = this.#bytes
    let rest = value
    while (rest >= 2 ** 31) {
      bytes[this.#length++] = rest % 128 | 128
      rest = Math.floor(rest / 128)
    }
    while (rest >= 128) {
      bytes[this.#length++] = rest & 127 | 128
      rest >>= 7
    }
    bytes[this.#length++] = rest
  }

  /** A whole number above -2^52 and below 2^52. */
  signed (value: number): void {
    this.number(value >= 0 ? 2 * value : -2 * value - 1)
  }

  text (value: string): void {
    this.bytes(encoder.encode(value))
  }

  bytes (value: Uint8Array): void {
    this.number(value.length)
    if (this.#length + value.length > this.#bytes.length) this.#grow(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** A copy of what was written. */
  written (): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #grow (size: number): void {
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
