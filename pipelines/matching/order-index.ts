// From an order's id to its slot: open addressing over slots. Ids are any whole numbers below 2^53, run far ahead of
// what rests, and are forgotten when the order closes, so the table stays the size of the book. It holds slots only:
// four bytes an entry stay in the nearest caches, and the id stands in the order's row, which is wanted next anyway.

/** Where the id of a slot's order stands. */
type Rows = { orderId: (slot: number) => number }

const none = 0
const entriesAtFirst = 2 ** 10
/** A table at most a quarter full keeps runs short; it was the fastest of those measured. */
const spareFactor = 4

export class OrderIndex {
  readonly #rows: Rows
  #slots = new Int32Array(entriesAtFirst)
  #mask = entriesAtFirst - 1
  #count = 0

  constructor (rows: Rows) {
    this.#rows = rows
  }

  get count (): number {
    return this.#count
  }

  /** The order's slot, or 0. */
  find (id: number): number {
    const slots = this.#slots
    const mask = this.#mask
    const rows = this.#rows
    for (let at = spread(id) & mask; ; at = (at + 1) & mask) {
      const slot = slots[at]!
      if (slot === none || rows.orderId(slot) === id) return slot
    }
  }

  /** The id must not be in it, and must stand in the slot's row. */
  add (id: number, slot: number): void {
    if (++this.#count * spareFactor > this.#mask) this.#grow()
    const slots = this.#slots
    const mask = this.#mask
    let at = spread(id) & mask
    while (slots[at] !== none) at = (at + 1) & mask
    slots[at] = slot
  }

  /** The id must be in it. What came after it in its run moves up, so there are no tombstones to sweep. */
  remove (id: number, slot: number): void {
    const slots = this.#slots
    const mask = this.#mask
    let hole = spread(id) & mask
    while (slots[hole] !== slot) hole = (hole + 1) & mask
    this.#count--
    const rows = this.#rows
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const moving = slots[at]!
      if (moving === none) break
      const home = spread(rows.orderId(moving))
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      slots[hole] = moving
      hole = at
    }
    slots[hole] = none
  }

  #grow (): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 1
    const rows = this.#rows
    for (const slot of old) {
      if (slot === none) continue
      let at = spread(rows.orderId(slot)) & mask
      while (slots[at] !== none) at = (at + 1) & mask
      slots[at] = slot
    }
    this.#slots = slots
    this.#mask = mask
  }
}

// Eight ids in a row stay together, for they are of one age and will be asked for together; groups are scattered.
function spread (id: number): number {
  const group = Math.imul((id / 8) | 0, 0x9e3779b1) ^ Math.imul((id / 2 ** 35) | 0, 0x85ebca6b)
  return (group ^ (group >>> 15)) << 3 | (id & 7)
}
