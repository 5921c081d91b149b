// What one command said, as rows of eight numbers. Matching writes rows and makes no objects: a row is one cache line,
// and the same few lines serve every command. Who wants records reads them off afterwards.

import type {
  BookDelta, Fill, LevelChange, MatchingOutput, OrderUpdate, RefusalReason, UpdateCause
} from '../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, Side, Units } from '../../schemas/units.ts'
import type { Levels } from './levels.ts'
import type { Orders } from './orders.ts'
import { outcomeParts, refused } from './outcomes.ts'

const rowShift = 3
const rowsAtFirst = 2 ** 6

// The first number of a row: kind in two bits, then side, then what else there is to say.
const fillKind = 0
const updateKind = 1
const deltaKind = 2
const changeKind = 3
const kindBits = 3
const sellBit = 4
const sideShift = 2
const outcomeShift = 3

/** What a refused command asked for, as far as it said. */
export type Asked = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly cause: UpdateCause
  readonly side: Side
  readonly price: Microdollars
  readonly quantity: Units
}

/** When, and on which ladder, a command is. */
export type Moment = { readonly now: Instant, readonly tickSize: number }

export class Tape {
  #rows = new Float64Array(rowsAtFirst << rowShift)
  #capacity = rowsAtFirst
  #count = 0
  #levelKind = deltaKind
  #sequence = 0
  #instrumentId: InstrumentId | null = null
  #at = 0 as Instant
  #tickSize = 0

  /** Rows, a delta's changes included. */
  get count (): number {
    return this.#count
  }

  /** All that one command says is at one moment, on one ladder, and about one instrument. */
  begin ({ now, tickSize }: Moment): void {
    this.#count = 0
    if (this.#at !== now) this.#at = now
    this.#tickSize = tickSize
  }

  about (instrumentId: InstrumentId): void {
    if (this.#instrumentId !== instrumentId) this.#instrumentId = instrumentId
  }

  /** A number of a row, for who needs no record. */
  number (row: number, place: number): number {
    return this.#rows[(row << rowShift) | place]!
  }

  /** The order in a slot as it is now. */
  update (orders: Orders, slot: number, outcome: number): void {
    const filled = orders.filled(slot)
    const at = this.#take()
    const rows = this.#rows
    rows[at] = updateKind | orders.sellBit(slot) << sideShift | outcome << outcomeShift
    rows[at | 1] = orders.orderId(slot)
    rows[at | 2] = orders.holder(slot)
    rows[at | 3] = orders.ticks(slot) * this.#tickSize
    rows[at | 4] = filled + orders.leaves(slot)
    rows[at | 5] = filled
    rows[at | 6] = orders.notional(slot)
  }

  refusal ({ orderId, holder, cause, side, price, quantity }: Asked, reason: RefusalReason): void {
    const at = this.#take()
    const rows = this.#rows
    rows[at] = updateKind | (side === 'sell' ? sellBit : 0) | refused[cause][reason] << outcomeShift
    rows[at | 1] = orderId
    rows[at | 2] = holder
    rows[at | 3] = price
    rows[at | 4] = quantity
    rows[at | 5] = 0
    rows[at | 6] = 0
  }

  /** `quantity` of the maker's, at its price; the taker's slot tells the side. */
  fill (orders: Orders, { maker, taker }: { maker: number, taker: number }, sequence: number, quantity: number): void {
    const at = this.#take()
    const rows = this.#rows
    rows[at] = fillKind | (orders.isSell(taker) ? sellBit : 0)
    rows[at | 1] = sequence
    rows[at | 2] = orders.ticks(maker) * this.#tickSize
    rows[at | 3] = quantity
    rows[at | 4] = orders.orderId(maker)
    rows[at | 5] = orders.orderId(taker)
    rows[at | 6] = orders.holder(maker)
    rows[at | 7] = orders.holder(taker)
  }

  /** The levels that follow are one book delta, of this sequence: the first of them opens it. */
  delta (sequence: number): void {
    this.#sequence = sequence
    this.#levelKind = deltaKind
  }

  /** A level as it is after the command. */
  level (levels: Levels, ticks: number, isSell: boolean): void {
    const at = this.#take()
    const rows = this.#rows
    rows[at] = this.#levelKind | (isSell ? sellBit : 0)
    rows[at | 1] = ticks * this.#tickSize
    rows[at | 2] = levels.quantity(ticks)
    rows[at | 3] = levels.orders(ticks)
    rows[at | 4] = this.#sequence
    this.#levelKind = changeKind
  }

  /** A level that this side has no more, whatever the other has there by now. */
  levelGone (ticks: number, isSell: boolean): void {
    const at = this.#take()
    const rows = this.#rows
    rows[at] = this.#levelKind | (isSell ? sellBit : 0)
    rows[at | 1] = ticks * this.#tickSize
    rows[at | 2] = 0
    rows[at | 3] = 0
    rows[at | 4] = this.#sequence
    this.#levelKind = changeKind
  }

  /** As records, in order. */
  outputs (): MatchingOutput[] {
    const outputs: MatchingOutput[] = []
    for (let row = 0; row < this.#count; row++) {
      switch (this.number(row, 0) & kindBits) {
        case fillKind: outputs.push(this.#fillAt(row)); break
        case updateKind: outputs.push(this.#updateAt(row)); break
        case deltaKind: outputs.push(this.#deltaAt(row)); break
      }
    }
    return outputs
  }

  #fillAt (row: number): Fill {
    return {
      kind: 'fill',
      instrumentId: this.#instrumentId!,
      sequence: this.number(row, 1),
      takerSide: this.#side(row),
      price: this.number(row, 2) as Microdollars,
      quantity: this.number(row, 3) as Units,
      makerOrderId: this.number(row, 4) as OrderId,
      takerOrderId: this.number(row, 5) as OrderId,
      makerHolder: this.number(row, 6) as HolderId,
      takerHolder: this.number(row, 7) as HolderId,
      matchedAt: this.#at
    }
  }

  #updateAt (row: number): OrderUpdate {
    const { cause, refused: isRefused, status, reason } = outcomeParts(this.number(row, 0) >> outcomeShift)
    return {
      kind: 'order-update',
      orderId: this.number(row, 1) as OrderId,
      holder: this.number(row, 2) as HolderId,
      instrumentId: this.#instrumentId!,
      cause,
      refused: isRefused,
      status,
      reason,
      side: this.#side(row),
      price: this.number(row, 3) as Microdollars,
      quantity: this.number(row, 4) as Units,
      filledQuantity: this.number(row, 5) as Units,
      filledNotional: this.number(row, 6) as Microdollars,
      at: this.#at
    }
  }

  #deltaAt (row: number): BookDelta {
    const changes = [this.#changeAt(row)]
    for (let next = row + 1; next < this.#count && (this.number(next, 0) & kindBits) === changeKind; next++) {
      changes.push(this.#changeAt(next))
    }
    const sequence = this.number(row, 4)
    return { kind: 'book-delta', instrumentId: this.#instrumentId!, previous: sequence - 1, sequence, at: this.#at, changes }
  }

  #changeAt (row: number): LevelChange {
    return {
      side: this.#side(row),
      price: this.number(row, 1) as Microdollars,
      quantity: this.number(row, 2),
      orders: this.number(row, 3)
    }
  }

  #side (row: number): Side {
    return (this.number(row, 0) & sellBit) === 0 ? 'buy' : 'sell'
  }

  #take (): number {
    if (this.#count === this.#capacity) this.#grow()
    return this.#count++ << rowShift
  }

  #grow (): void {
    this.#capacity *= 2
    const rows = new Float64Array(this.#capacity << rowShift)
    rows.set(this.#rows)
    this.#rows = rows
  }
}
