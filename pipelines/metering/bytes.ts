// Numbers and words in a row of bytes: the ground a snapshot is written on.
//
//   number := seven bits a byte, the lowest first; all bytes but the last have the eighth bit set
//   word   := 32 bits, the lowest byte first

import assert from 'node:assert/strict'

const bytesAtFirst = 2 ** 12
/** The most bytes a number can take. */
const numberBytesMax = 8
const wordBytes = 4

export class ByteWriter {
  #bytes = new Uint8Array(bytesAtFirst)
  #length = 0

  /** A whole number from 0, below 2^53. */
  number (value: number): void {
    if (!(value >= 0 && Number.isSafeInteger(value))) assert.fail(`${value} is no number of a snapshot`)
    this.reserve(numberBytesMax)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#length++] = rest % 128 | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** Room must have been made for it. */
  word (value: number): void {
    const bytes = this.#bytes
    bytes[this.#length++] = value
    bytes[this.#length++] = value >> 8
    bytes[this.#length++] = value >> 16
    bytes[this.#length++] = value >> 24
  }

  /** Room for so many bytes more. */
  reserve (more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const bytes = new Uint8Array(2 * (this.#length + more))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }

  /** A copy of what was written. */
  written (): Uint8Array {
    return this.#bytes.slice(0, this.#length)
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

  word (): number {
    const bytes = this.#bytes
    const at = this.#at
    assert(at + wordBytes <= bytes.length, 'a word that ends past the end')
    this.#at += wordBytes
    return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24
  }

  end (): void {
    assert.equal(this.#at, this.#bytes.length, 'bytes left over')
  }
}
