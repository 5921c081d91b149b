// Which ticks have a level: a bitset over the whole ladder with two summaries above it, so that the next level above
// or below a price is a few instructions away, however far apart the levels lie.

const leafWords = 2 ** 15
const middleWords = 2 ** 10
const topWords = 2 ** 5

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits)
const highestBit = (bits: number): number => 31 - Math.clz32(bits)

/** The members of a word at or above, at or below, a place in it. Shifts count modulo 32, so the place may be whole. */
const from = (word: number, place: number): number => word & (-1 << place)
const upTo = (word: number, place: number): number => word & (-1 >>> (31 - (place & 31)))

export class TickSet {
  readonly #leaf = new Int32Array(leafWords)
  readonly #middle = new Int32Array(middleWords)
  readonly #top = new Int32Array(topWords)

  add (tick: number): void {
    this.#leaf[tick >>> 5]! |= 1 << tick
    this.#middle[tick >>> 10]! |= 1 << (tick >>> 5)
    this.#top[tick >>> 15]! |= 1 << (tick >>> 10)
  }

  remove (tick: number): void {
    if ((this.#leaf[tick >>> 5]! &= ~(1 << tick)) !== 0) return
    if ((this.#middle[tick >>> 10]! &= ~(1 << (tick >>> 5))) !== 0) return
    this.#top[tick >>> 15]! &= ~(1 << (tick >>> 10))
  }

  has (tick: number): boolean {
    return (this.#leaf[tick >>> 5]! & (1 << tick)) !== 0
  }

  /** The lowest member above a tick, or `otherwise`. */
  above (tick: number, otherwise: number): number {
    const bits = from(this.#leaf[tick >>> 5]!, tick) & ~(1 << tick)
    if (bits !== 0) return (tick & ~31) | lowestBit(bits)
    const word = this.#wordAbove(tick >>> 5)
    return word < 0 ? otherwise : (word << 5) | lowestBit(this.#leaf[word]!)
  }

  /** The highest member below a tick, or `otherwise`. */
  below (tick: number, otherwise: number): number {
    const bits = upTo(this.#leaf[tick >>> 5]!, tick) & ~(1 << tick)
    if (bits !== 0) return (tick & ~31) | highestBit(bits)
    const word = this.#wordBelow(tick >>> 5)
    return word < 0 ? otherwise : (word << 5) | highestBit(this.#leaf[word]!)
  }

  #wordAbove (word: number): number {
    const bits = from(this.#middle[word >>> 5]!, word) & ~(1 << word)
    if (bits !== 0) return (word & ~31) | lowestBit(bits)
    const group = word >>> 5
    let members = from(this.#top[group >>> 5]!, group) & ~(1 << group)
    for (let top = group >>> 5; top < topWords; members = this.#top[++top] ?? 0) {
      if (members === 0) continue
      const found = (top << 5) | lowestBit(members)
      return (found << 5) | lowestBit(this.#middle[found]!)
    }
    return -1
  }

  #wordBelow (word: number): number {
    const bits = upTo(this.#middle[word >>> 5]!, word) & ~(1 << word)
    if (bits !== 0) return (word & ~31) | highestBit(bits)
    const group = word >>> 5
    let members = upTo(this.#top[group >>> 5]!, group) & ~(1 << group)
    for (let top = group >>> 5; top >= 0; members = this.#top[--top] ?? 0) {
      if (members === 0) continue
      const found = (top << 5) | highestBit(members)
      return (found << 5) | highestBit(this.#middle[found]!)
    }
    return -1
  }
}
