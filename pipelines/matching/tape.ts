// What one record said, as rows of eight numbers. Matching writes rows and makes no objects: a row is one cache line,
// and the same few lines serve every command. Who wants records reads them off afterwards (`records.ts`).

import type { MatchingOutput, RefusalReason, UpdateCause } from '../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, Side, Units } from '../../schemas/units.ts'
import type { Levels } from './levels.ts'
import type { Orders } from './orders.ts'
import { refused } from './outcomes.ts'
import { recordsOf } from './records.ts'
import { noLegs, outcomeShift, rowKind, sellBit } from './rows.ts'

const rowShift = 3
const rowsAtFirst = 2 ** 6

// Constants of this module, which the compiler turns into numbers.
const { fill: fillKind, update: updateKind, delta: deltaKind, change: changeKind, outcome: outcomeKind } = rowKind
const { more: moreKind, grant: grantKind, reference: referenceKind, period: periodKind } = rowKind
const sell = sellBit
const shift = outcomeShift
const none = noLegs

/** What a refused command asked for, as far as it said. */
export type Asked = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly cause: UpdateCause
  readonly side: Side
  readonly price: Microdollars
  readonly quantity: Units
  /** Of an order that the ledger holds for. */
  readonly held: { readonly stopPrice: number, readonly expiresAt: number } | null
}

/** When, in which sweep period, on which ladder, and about which instrument a record is. */
export type Moment = {
  readonly now: Instant
  readonly period: number
  readonly tickSize: number
  readonly instrumentId: InstrumentId | null
}

/** One of the maker's: `quantity` at its price, `grant` of it paid by the buyer's grant money. */
export type Trade = {
  readonly maker: number
  readonly taker: number
  readonly sequence: number
  readonly quantity: number
  readonly grant: number
}

export class Tape {
  #rows = new Float64Array(rowsAtFirst << rowShift)
  #capacity = rowsAtFirst
  #count = 0
  #levelKind: number = deltaKind
  #sequence = 0
  #stepStart = 0
  #listed: InstrumentId | null = null
  #asked: InstrumentId | null = null
  #at = 0 as Instant
  #period = 0
  #tickSize = 0

  get count (): number { return this.#count }
  get at (): Instant { return this.#at }
  get period (): number { return this.#period }
  /** The partition's instrument; of a refused command that names another, `asked`. */
  get listed (): InstrumentId { return this.#listed! }
  get asked (): InstrumentId { return this.#asked! }
  /** The first row of what the command, a triggered stop or an expiring order says. */
  get stepStart (): number { return this.#stepStart }

  /** All that one record says is at one moment, in one period, on one ladder, and about one instrument. */
  begin ({ now, period, tickSize, instrumentId }: Moment): void {
    this.#count = 0
    this.#stepStart = 0
    if (this.#at !== now) this.#at = now
    this.#period = period
    if (this.#listed !== instrumentId) this.#listed = instrumentId
    this.#tickSize = tickSize
  }

  about (instrumentId: InstrumentId): void {
    if (this.#asked !== instrumentId) this.#asked = instrumentId
  }

  /** An order acts: what it fills from here on is its own. */
  step (): void {
    this.#stepStart = this.#count
  }

  number (row: number, place: number): number {
    return this.#rows[(row << rowShift) | place]!
  }

  /** The order in a slot as it is now; where the ledger holds for it, with its fills from a row on. */
  update (orders: Orders, slot: number, outcome: number, legsFrom = none): void {
    const isHeld = orders.isHeld(slot)
    const filled = orders.filled(slot)
    const at = this.#take()
    const rows = this.#rows
    const kind = isHeld ? outcomeKind : updateKind
    rows[at] = kind | (orders.isSell(slot) ? sell : 0) | outcome << shift
    rows[at | 1] = orders.orderId(slot)
    rows[at | 2] = orders.holder(slot)
    rows[at | 3] = orders.ticks(slot) * this.#tickSize
    rows[at | 4] = filled + orders.leaves(slot)
    rows[at | 5] = filled
    rows[at | 6] = orders.notional(slot)
    rows[at | 7] = legsFrom
    if (isHeld) this.#more(orders.stopTicks(slot) * this.#tickSize, orders.expiresAt(slot))
  }

  refusal ({ orderId, holder, cause, side, price, quantity, held }: Asked, reason: RefusalReason): void {
    const at = this.#take()
    const rows = this.#rows
    const kind = held === null ? updateKind : outcomeKind
    rows[at] = kind | (side === 'sell' ? sell : 0) | refused[cause][reason] << shift
    rows[at | 1] = orderId
    rows[at | 2] = holder
    rows[at | 3] = price
    rows[at | 4] = quantity
    rows[at | 5] = 0
    rows[at | 6] = 0
    rows[at | 7] = none
    if (held !== null) this.#more(held.stopPrice, held.expiresAt)
  }

  /** The taker's slot tells the side. Returns the row. */
  fill (orders: Orders, { maker, taker, sequence, quantity, grant }: Trade): number {
    const row = this.#count
    const at = this.#take()
    const rows = this.#rows
    rows[at] = fillKind | (orders.isSell(taker) ? sell : 0)
    rows[at | 1] = sequence
    rows[at | 2] = orders.ticks(maker) * this.#tickSize
    rows[at | 3] = quantity
    rows[at | 4] = orders.orderId(maker)
    rows[at | 5] = orders.orderId(taker)
    rows[at | 6] = orders.holder(maker)
    rows[at | 7] = orders.holder(taker)
    if (grant !== 0) this.#two(grantKind, grant)
    return row
  }

  /** The levels that follow are one book delta, of this sequence: the first of them opens it. */
  delta (sequence: number): void {
    this.#sequence = sequence
    this.#levelKind = deltaKind
  }

  /** A level as it is after the step. */
  level (levels: Levels, ticks: number, isSell: boolean): void {
    const at = this.#take()
    const rows = this.#rows
    rows[at] = this.#levelKind | (isSell ? sell : 0)
    rows[at | 1] = ticks * this.#tickSize
    rows[at | 2] = levels.quantity(ticks)
    rows[at | 3] = levels.orders(ticks)
    rows[at | 4] = this.#sequence
    this.#levelKind = changeKind
  }

  /** A level that this side has no more, whatever the other has there by now. */
  levelGone (ticks: number, isSell: boolean): void {
    this.levelAt(ticks * this.#tickSize, isSell, 0, 0)
  }

  levelAt (price: number, isSell: boolean, quantity: number, orders: number): void {
    const at = this.#take()
    const rows = this.#rows
    rows[at] = this.#levelKind | (isSell ? sell : 0)
    rows[at | 1] = price
    rows[at | 2] = quantity
    rows[at | 3] = orders
    rows[at | 4] = this.#sequence
    this.#levelKind = changeKind
  }

  /** The instrument may have been listed only now. */
  reference (instrumentId: InstrumentId, price: number): void {
    this.#listed = instrumentId
    this.#two(referenceKind, price)
  }

  /** The period of this record is another than that of the one before. */
  periodClosed (): void {
    this.#two(periodKind, this.#period)
  }

  /** As records, in order. */
  outputs (): MatchingOutput[] {
    return recordsOf(this)
  }

  #more (stopPrice: number, expiresAt: number): void {
    const at = this.#two(moreKind, stopPrice)
    this.#rows[at | 2] = expiresAt
  }

  #two (kind: number, value: number): number {
    const at = this.#take()
    this.#rows[at] = kind
    this.#rows[at | 1] = value
    return at
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
