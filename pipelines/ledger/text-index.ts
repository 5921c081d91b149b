// From a text, within a group, to a slot: open addressing with the hash beside each slot. A map of the language's own
// hashes a text about as fast, but takes ten times as long to add and delete.
//
// Clients choose these texts. The id of the command of the first one seeds the hash: nobody outside knew it, so nobody
// can have prepared texts that collide. The layout shows nowhere, so a restored index may have another seed.

/** What stands behind a slot. */
export type Texts = {
  textOf (slot: number): string
  groupOf (slot: number): number
}

const none = 0
const entriesAtFirst = 2 ** 8
const spareFactor = 3

export class TextIndex {
  readonly #texts: Texts
  #slots = new Int32Array(entriesAtFirst)
  #hashes = new Int32Array(entriesAtFirst)
  #mask = entriesAtFirst - 1
  #count = 0
  #seed = 0

  constructor (texts: Texts) {
    this.#texts = texts
  }

  get count (): number {
    return this.#count
  }

  /** Before anything is in it. */
  seed (seed: number): void {
    if (this.#count === 0) this.#seed = seed | 0
  }

  /** The slot, or 0. */
  find (group: number, text: string): number {
    const hash = this.#hash(group, text)
    const mask = this.#mask
    let at = hash & mask
    for (;;) {
      const slot = this.#slots[at]!
      if (slot === none) return none
      const isLikely = this.#hashes[at] === hash && this.#texts.groupOf(slot) === group
      if (isLikely && this.#texts.textOf(slot) === text) return slot
      at = (at + 1) & mask
    }
  }

  /** The text must not be in its group. */
  add (slot: number): void {
    if (++this.#count * spareFactor > this.#mask) this.#grow()
    this.#put(slot, this.#hash(this.#texts.groupOf(slot), this.#texts.textOf(slot)))
  }

  /** The slot must be in it, with the text that it was added with. */
  remove (slot: number): void {
    const slots = this.#slots
    const hashes = this.#hashes
    const mask = this.#mask
    let hole = this.#hash(this.#texts.groupOf(slot), this.#texts.textOf(slot)) & mask
    while (slots[hole] !== slot) hole = (hole + 1) & mask
    this.#count--
    let at = (hole + 1) & mask
    while (slots[at] !== none) {
      if (((at - hashes[at]!) & mask) >= ((at - hole) & mask)) {
        slots[hole] = slots[at]!
        hashes[hole] = hashes[at]!
        hole = at
      }
      at = (at + 1) & mask
    }
    slots[hole] = none
  }

  #hash (group: number, text: string): number {
    return hashOf(text, this.#seed ^ Math.imul(group, 0x85ebca6b))
  }

  #put (slot: number, hash: number): void {
    const mask = this.#mask
    let at = hash & mask
    while (this.#slots[at] !== none) at = (at + 1) & mask
    this.#slots[at] = slot
    this.#hashes[at] = hash
  }

  #grow (): void {
    const slots = this.#slots
    const hashes = this.#hashes
    this.#slots = new Int32Array(2 * slots.length)
    this.#hashes = new Int32Array(2 * slots.length)
    this.#mask = 2 * slots.length - 1
    for (let at = 0; at < slots.length; at++) if (slots[at] !== none) this.#put(slots[at]!, hashes[at]!)
  }
}

function hashOf (text: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1)
  return hash ^ (hash >>> 15)
}

/** Of a text that nobody outside chooses: 53 bits, so that among those that are kept no two are alike. */
export function wideHashOf (text: string): number {
  let low = 0x811c9dc5
  let high = 0x2545f491
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
  }
  low = Math.imul(low ^ (low >>> 16) ^ high, 0x9e3779b1)
  high = Math.imul(high ^ (high >>> 15), 0xc2b2ae35)
  return ((high ^ (high >>> 13)) >>> 11) * 2 ** 32 + ((low ^ (low >>> 15)) >>> 0)
}
