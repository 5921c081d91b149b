// Numbers and text in a row of bytes, little-endian, with no padding: the ground a snapshot is written on.

import assert from 'node:assert/strict'

const bytesAtFirst = 2 ** 12

export class ByteWriter {
  #bytes = new Uint8Array(bytesAtFirst)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  byte (value: number): void {
    const at = this.#take(1)
    this.#view.setUint8(at, value)
  }

  /** A whole number of 32 bits. */
  integer (value: number): void {
    const at = this.#take(4)
    this.#view.setInt32(at, value, true)
  }

  /** A whole number below 2^53. */
  number (value: number): void {
    const at = this.#take(8)
    this.#view.setFloat64(at, value, true)
  }

  text (value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.integer(encoded.length)
    const at = this.#take(encoded.length)
    this.#bytes.set(encoded, at)
  }

  /** A copy of what was written. */
  written (): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  // Room is taken in a statement of its own: a larger view may replace the one at hand.
  #take (size: number): number {
    const at = this.#length
    this.#length += size
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(2 * this.#length)
      bytes.set(this.#bytes)
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer)
    }
    return at
  }
}

/** Reads what `ByteWriter` wrote; throws past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  byte (): number {
    return this.#view.getUint8(this.#at++)
  }

  integer (): number {
    this.#at += 4
    return this.#view.getInt32(this.#at - 4, true)
  }

  number (): number {
    this.#at += 8
    return this.#view.getFloat64(this.#at - 8, true)
  }

  text (): string {
    const length = this.integer()
    assert(length >= 0 && this.#at + length <= this.#bytes.length, 'text that ends past its bytes')
    this.#at += length
    return new TextDecoder().decode(this.#bytes.subarray(this.#at - length, this.#at))
  }

  end (): void {
    assert.equal(this.#at, this.#bytes.length, 'bytes left over')
  }
}
