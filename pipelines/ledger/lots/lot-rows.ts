// Lots, a row each; those of a position hang together by (deadline, trade sequence, id). First come the ones that have
// expired and are not done with, then the live ones. A lot that has nothing left is gone.

import { IdIndex } from '../id-index.ts'
import { positionField as position, type Positions } from '../positions.ts'
import { Rows } from '../rows.ts'

export const lotField = {
  id: 0,
  /** The position's slot. */
  position: 1,
  /** The age of the instrument at which it expires. */
  deadline: 2,
  /** Live: all that is left. Expired: what nobody holds and is not booked yet. */
  tokens: 3,
  previous: 4,
  next: 5,
  /** Of the fill; 0: none. */
  tradeSequence: 6,
  price: 7,

  period: 8,
  openedAt: 9,
  opened: 10,
  drawn: 11,
  expired: 12,
  regranted: 13,
  /** Held when it expired, and still. */
  heldExpired: 14,
  /** The part of its cost that grant money paid, when it opened. */
  grant: 15
} as const

export const lotFieldsSaved: readonly number[] = Object.values(lotField)
  .filter(field => field !== lotField.position && field !== lotField.previous && field !== lotField.next)
// The last field of a free row leads to the next free one.
const width = 16

export class Lots extends Rows {
  readonly index = new IdIndex(this, lotField.id)
  readonly #positions: Positions

  constructor (positions: Positions) {
    super(width)
    this.#positions = positions
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  /** Tokens that were neither drawn, nor became breakage, nor were given anew. */
  left (slot: number): number {
    return this.of(slot, lotField.tokens) + this.of(slot, lotField.heldExpired)
  }

  /** To its place in its position's list. Mostly that is the end. */
  link (slot: number): void {
    const positions = this.#positions
    const home = this.of(slot, lotField.position)
    let before = positions.of(home, position.lastLot)
    while (before !== 0 && this.isBefore(slot, before)) before = this.of(before, lotField.previous)
    const after = before === 0 ? positions.of(home, position.firstLot) : this.of(before, lotField.next)
    this.put(slot, lotField.previous, before)
    this.put(slot, lotField.next, after)
    if (before === 0) positions.put(home, position.firstLot, slot)
    else this.put(before, lotField.next, slot)
    if (after === 0) positions.put(home, position.lastLot, slot)
    else this.put(after, lotField.previous, slot)
    const live = positions.of(home, position.firstLive)
    if (live === 0 ? after === 0 : live === after) positions.put(home, position.firstLive, slot)
  }

  /** To the end of the list of its position: of a snapshot's, which is in order. */
  append (slot: number, { isLive }: { isLive: boolean }): void {
    const positions = this.#positions
    const home = this.of(slot, lotField.position)
    const before = positions.of(home, position.lastLot)
    this.put(slot, lotField.previous, before)
    if (before === 0) positions.put(home, position.firstLot, slot)
    else this.put(before, lotField.next, slot)
    positions.put(home, position.lastLot, slot)
    if (isLive && positions.of(home, position.firstLive) === 0) positions.put(home, position.firstLive, slot)
  }

  isBefore (slot: number, other: number): boolean {
    const difference = this.of(slot, lotField.deadline) - this.of(other, lotField.deadline) ||
      this.of(slot, lotField.tradeSequence) - this.of(other, lotField.tradeSequence)
    return difference === 0 ? this.of(slot, lotField.id) < this.of(other, lotField.id) : difference < 0
  }

  /** A lot with nothing left: out of its list and the index. */
  drop (slot: number): void {
    const positions = this.#positions
    const home = this.of(slot, lotField.position)
    const before = this.of(slot, lotField.previous)
    const after = this.of(slot, lotField.next)
    if (positions.of(home, position.firstLive) === slot) positions.put(home, position.firstLive, after)
    if (before === 0) positions.put(home, position.firstLot, after)
    else this.put(before, lotField.next, after)
    if (after === 0) positions.put(home, position.lastLot, before)
    else this.put(after, lotField.previous, before)
    this.index.remove(slot)
    this.free(slot)
  }
}
