// From an order's id to its slot: open addressing over numbers. Ids are any whole numbers below 2^53, run far ahead
// of what rests, and are forgotten when the order closes, so the table stays the size of the book. It lives in one
// Float64Array of pairs, (id, slot), because one cache line then answers a look-up.

const emptySlot = 0
const pairsAtFirst = 2 ** 10
/** A table at most a quarter full keeps runs short; it was the fastest of those measured. */
const spareFactor = 4

// Eight ids in a row stay together, for they are of one age and will be asked for together; groups are scattered.
function spread (id: number): number {
  const group = Math.imul((id / 8) | 0, 0x9e3779b1) ^ Math.imul((id / 2 ** 35) | 0, 0x85ebca6b)
  return (group ^ (group >>> 15)) << 3 | (id & 7)
}

export class OrderIndex {
  #pairs = new Float64Array(2 * pairsAtFirst)
  #mask = pairsAtFirst - 1
  #count = 0

  get count (): number {
    return this.#count
  }

  /** The order's slot, or 0. */
  find (id: number): number {
    const pairs = this.#pairs
    for (let at = spread(id) & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = pairs[2 * at + 1]!
      if (slot === emptySlot || pairs[2 * at] === id) return slot
    }
  }

  /** The id must not be in it. */
  add (id: number, slot: number): void {
    if ((this.#count + 1) * spareFactor > this.#mask) this.#grow()
    this.#count++
    let at = spread(id) & this.#mask
    while (this.#pairs[2 * at + 1] !== emptySlot) at = (at + 1) & this.#mask
    this.#pairs[2 * at] = id
    this.#pairs[2 * at + 1] = slot
  }

  /** The id must be in it. What came after it in its run moves up, so there are no tombstones to sweep. */
  remove (id: number): void {
    const pairs = this.#pairs
    const mask = this.#mask
    let hole = spread(id) & mask
    while (pairs[2 * hole] !== id || pairs[2 * hole + 1] === emptySlot) hole = (hole + 1) & mask
    this.#count--
    for (let at = (hole + 1) & mask; pairs[2 * at + 1] !== emptySlot; at = (at + 1) & mask) {
      const home = spread(pairs[2 * at]!) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      pairs[2 * hole] = pairs[2 * at]!
      pairs[2 * hole + 1] = pairs[2 * at + 1]!
      hole = at
    }
    pairs[2 * hole + 1] = emptySlot
  }

  #grow (): void {
    const old = this.#pairs
    this.#pairs = new Float64Array(2 * old.length)
    this.#mask = old.length - 1
    this.#count = 0
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== emptySlot) this.add(old[at]!, old[at + 1]!)
    }
  }
}
