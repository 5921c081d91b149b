// The idempotence keys of what moves money or units: a holder's own, a kind of command, and what was asked under each.
// Kept for ever, so there is one or more an account: they lie in one row of bytes, which a snapshot takes whole.
//
//   entry := 1 (kept) or 0 (released) · length of the key · key · length of the content · content
//   key   := kind ' ' holder ' ' reference          lengths: two bytes, the lower first
//
// Only what was done is kept: what was refused may be tried again.

import assert from 'node:assert/strict'
import type { HolderId } from '../../schemas/units.ts'

/** The longest that is taken, in characters. */
export const referenceLengthMax = 200

export type Keyed = {
  readonly kind: string
  readonly holder: HolderId
  readonly reference: string
}

const none = 0
const entriesAtFirst = 2 ** 8
const spareFactor = 2
const lengthBytes = 2
const kept = 1
const released = 0
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const keyBytes = new Uint8Array(2048)

const lengthOf = (bytes: Uint8Array, at: number): number => bytes[at]! | bytes[at + 1]! << 8

export class References {
  #bytes = new Uint8Array(2 ** 10)
  #length = 0
  /** Where an entry begins, plus 1; with the hash of its key beside it. */
  #places = new Float64Array(entriesAtFirst)
  #hashes = new Int32Array(entriesAtFirst)
  #mask = entriesAtFirst - 1
  #count = 0

  /** What was asked under it the first time. */
  find (keyed: Keyed): string | undefined {
    const { place } = this.#seek(encodeKey(keyed))
    if (place === none) return undefined
    const at = place + lengthBytes + lengthOf(this.#bytes, place)
    return decoder.decode(this.#bytes.subarray(at + lengthBytes, at + lengthBytes + lengthOf(this.#bytes, at)))
  }

  /** Of one that is not there. */
  keep (keyed: Keyed, content: string): void {
    const keyLength = encodeKey(keyed)
    const encoded = encoder.encode(content)
    assert(encoded.length < 2 ** 16)
    this.#reserve(1 + 2 * lengthBytes + keyLength + encoded.length)
    const start = this.#length
    this.#bytes[this.#length++] = kept
    this.#append(keyBytes.subarray(0, keyLength))
    this.#append(encoded)
    this.#enter(start, hashOf(keyBytes, 0, keyLength))
  }

  /** What was asked came to nothing, and may be asked again. The entry stays, as one that does not count. */
  release (keyed: Keyed): void {
    const { place, at } = this.#seek(encodeKey(keyed))
    if (place === none) return
    this.#bytes[place - 1] = released
    this.#places[at] = none
    this.#count--
    this.#close(at)
  }

  /** All of it. To be used before the next change. */
  bytes (): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  restore (bytes: Uint8Array): void {
    this.#bytes = bytes.slice()
    this.#length = bytes.length
    for (let start = 0; start < this.#length;) {
      const keyLength = lengthOf(bytes, start + 1)
      const key = start + 1 + lengthBytes
      if (bytes[start] === kept) this.#enter(start, hashOf(bytes, key, key + keyLength))
      start = key + keyLength + lengthBytes + lengthOf(bytes, key + keyLength)
    }
  }

  /** Where the key in `keyBytes` stands: its length's place in the bytes, and its place in the table. */
  #seek (keyLength: number): { place: number, at: number } {
    const hash = hashOf(keyBytes, 0, keyLength)
    let at = hash & this.#mask
    for (;;) {
      const place = this.#places[at]!
      if (place === none || (this.#hashes[at] === hash && this.#isKey(place, keyLength))) return { place, at }
      at = (at + 1) & this.#mask
    }
  }

  #isKey (place: number, keyLength: number): boolean {
    if (lengthOf(this.#bytes, place) !== keyLength) return false
    for (let at = 0; at < keyLength; at++) if (this.#bytes[place + lengthBytes + at] !== keyBytes[at]) return false
    return true
  }

  #append (text: Uint8Array): void {
    this.#bytes[this.#length++] = text.length & 255
    this.#bytes[this.#length++] = text.length >> 8
    this.#bytes.set(text, this.#length)
    this.#length += text.length
  }

  #enter (start: number, hash: number): void {
    if (++this.#count * spareFactor > this.#mask) this.#grow()
    this.#put(start + 1, hash)
  }

  #put (place: number, hash: number): void {
    let at = hash & this.#mask
    while (this.#places[at] !== none) at = (at + 1) & this.#mask
    this.#places[at] = place
    this.#hashes[at] = hash
  }

  /** What came after a hole in its run moves up. */
  #close (from: number): void {
    let hole = from
    for (let at = (hole + 1) & this.#mask; this.#places[at] !== none; at = (at + 1) & this.#mask) {
      if (((at - this.#hashes[at]!) & this.#mask) < ((at - hole) & this.#mask)) continue
      this.#places[hole] = this.#places[at]!
      this.#hashes[hole] = this.#hashes[at]!
      this.#places[at] = none
      hole = at
    }
  }

  #grow (): void {
    const places = this.#places
    const hashes = this.#hashes
    this.#places = new Float64Array(2 * places.length)
    this.#hashes = new Int32Array(2 * places.length)
    this.#mask = 2 * places.length - 1
    for (let at = 0; at < places.length; at++) if (places[at] !== none) this.#put(places[at]!, hashes[at]!)
  }

  #reserve (more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const bytes = new Uint8Array(2 * (this.#length + more))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }
}

function encodeKey ({ kind, holder, reference }: Keyed): number {
  const key = `${kind} ${holder} ${reference}`
  const { read, written } = encoder.encodeInto(key, keyBytes)
  assert.equal(read, key.length, 'a reference that is too long')
  return written
}

function hashOf (bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1)
  return hash ^ (hash >>> 15)
}
