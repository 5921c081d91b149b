// From an order's id to its slot: open addressing over slots. Ids are any whole numbers below 2^53, run far ahead of
// what rests, and are forgotten when the order closes, so the table stays the size of the book. It holds slots only:
// four bytes an entry stay in the nearest caches, and so do the ids, which stand by slot.

const none = 0
const nowhere = -1
const entriesAtFirst = 2 ** 10
/** A table at most a quarter full keeps runs short; it was the fastest of those measured. */
const spareFactor = 4

export class OrderIndex {
  #slots = new Int32Array(entriesAtFirst)
  #mask = entriesAtFirst - 1
  #count = 0
  /** By slot. */
  #ids = new Float64Array(entriesAtFirst)
  // What was sought last, and where that ended: whoever adds or removes an order has just looked for it.
  #soughtId = 0
  #soughtAt = nowhere

  get count (): number {
    return this.#count
  }

  /** The order's slot, or 0. */
  find (id: number): number {
    const slots = this.#slots
    const ids = this.#ids
    const mask = this.#mask
    let at = spread(id) & mask
    let slot = slots[at]!
    while (slot !== none && ids[slot] !== id) {
      at = (at + 1) & mask
      slot = slots[at]!
    }
    this.#soughtId = id
    this.#soughtAt = at
    return slot
  }

  /** The id must not be in it. */
  add (id: number, slot: number): void {
    if (++this.#count * spareFactor > this.#mask) this.#grow()
    if (slot >= this.#ids.length) this.#reach(slot)
    const slots = this.#slots
    const mask = this.#mask
    let at = this.#start(id)
    while (slots[at] !== none) at = (at + 1) & mask
    slots[at] = slot
    this.#ids[slot] = id
    this.#soughtAt = nowhere
  }

  /** The id must be in it. What came after it in its run moves up, so there are no tombstones to sweep. */
  remove (id: number, slot: number): void {
    const slots = this.#slots
    const ids = this.#ids
    const mask = this.#mask
    let hole = this.#start(id)
    while (slots[hole] !== slot) hole = (hole + 1) & mask
    this.#count--
    this.#soughtAt = nowhere
    let at = (hole + 1) & mask
    let moving = slots[at]!
    while (moving !== none) {
      const home = spread(ids[moving]!) & mask
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        slots[hole] = moving
        hole = at
      }
      at = (at + 1) & mask
      moving = slots[at]!
    }
    slots[hole] = none
  }

  #start (id: number): number {
    return this.#soughtAt !== nowhere && this.#soughtId === id ? this.#soughtAt : spread(id) & this.#mask
  }

  #grow (): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 1
    for (const slot of old) {
      if (slot === none) continue
      let at = spread(this.#ids[slot]!) & mask
      while (slots[at] !== none) at = (at + 1) & mask
      slots[at] = slot
    }
    this.#slots = slots
    this.#mask = mask
    this.#soughtAt = nowhere
  }

  #reach (slot: number): void {
    const ids = new Float64Array(2 ** (32 - Math.clz32(slot)))
    ids.set(this.#ids)
    this.#ids = ids
  }
}

// Multiplying scatters ids in a row evenly; what passes 32 bits is folded in first.
function spread (id: number): number {
  const low = id | 0
  const folded = low === id ? low : low ^ Math.imul(id / 2 ** 32, 0x85ebca6b)
  const scattered = Math.imul(folded, 0x9e3779b1)
  return scattered ^ (scattered >>> 15)
}
