// Orders: those that are open, and those that are closed and kept for a while. A row of numbers each, and its texts.
//
// An open order stands in its holder's list; a closed one in a queue to be forgotten, but for a leg whose pair is not
// over. From one closed order of a holder to the one queued before it leads an id, not a slot: so an order is forgotten
// without a look at its holder, and whoever follows the ids is at the end when there is no such order any more.

import type { OrderId } from '../../schemas/units.ts'
import { holderField, type Holders } from './holders.ts'
import { IdIndex } from './id-index.ts'
import { clientIdBit, commandBit, isOpenStatus, secondLegBit } from './order-terms.ts'
import { Rows } from './rows.ts'
import { TextIndex } from './text-index.ts'

/** The fields of an order's row; those that are touched when it is forgotten come first. */
export const orderField = {
  id: 0,
  /** The holder's slot. */
  holder: 1,
  /** A hash of the command's id. */
  command: 2,
  /** Bits: see order-terms.ts. */
  terms: 3,
  forgetAt: 4,
  /** In the queue to be forgotten. */
  nextForgotten: 5,
  /** In the list of the holder's open ones. */
  previous: 6,
  next: 7,

  /** The instrument's index plus 1; 0 of an order refused because nobody knew the instrument. */
  instrument: 8,
  timeInForce: 9,
  status: 10,
  closure: 11,
  refusal: 12,
  /** Of the last order-state. */
  sequence: 13,
  price: 14,
  stopPrice: 15,
  quantity: 16,
  /** Of an order by notional. */
  notional: 17,
  filled: 18,
  filledNotional: 19,
  /** The sum of the fills' notional times basis points. */
  fees: 20,
  /** Paid. */
  fee: 21,
  makerBp: 22,
  takerBp: 23,
  /** Cash of a buy, units of a sell. Of an OCO the first leg's row has the pair's. */
  held: 24,
  heldGrant: 25,
  /** How much grant money pays of the notional, and of the fee, from now on. */
  notionalClaim: 26,
  feeClaim: 27,
  /** The id of the other leg. */
  otherLeg: 28,
  expiresAt: 29,
  submittedAt: 30,
  acceptedAt: 31,
  changedAt: 32,
  closedAt: 33,
  /** Bits: see order-terms.ts. */
  underWay: 34,
  newPrice: 35,
  newQuantity: 36,
  newTimeInForce: 37,
  /** What was first answered: status, closure, refusal; then the rest of it. */
  firstStatus: 38,
  firstClosure: 39,
  firstRefusal: 40,
  firstFilled: 41,
  firstNotional: 42,
  firstFee: 43,
  firstAt: 44,
  /** The id of the one of the holder's that was queued before it, in the same queue. */
  closedBefore: 45
} as const

const links: readonly number[] = [orderField.nextForgotten, orderField.previous, orderField.next]
/** All there is of it but its texts. */
export const orderFieldsSaved: readonly number[] = Object.values(orderField).filter(field => !links.includes(field))
const width = 48

/** Closed orders in the order in which they will be forgotten. */
export type Queue = { first: number, last: number }

export class Orders extends Rows {
  readonly index = new IdIndex(this, orderField.id)
  readonly byCommand = new IdIndex(this, orderField.command)
  /** Empty without a client order id. */
  readonly clientOrderIds: string[] = ['']
  readonly contents: string[] = ['']
  readonly instrumentIds: string[] = ['']
  readonly byClient = new TextIndex({
    textOf: slot => this.clientOrderIds[slot]!,
    groupOf: slot => this.of(slot, orderField.holder)
  })

  /** Those without a client order id, and those with one. */
  readonly closed: Queue = { first: 0, last: 0 }
  readonly reserved: Queue = { first: 0, last: 0 }
  readonly #holders: Holders

  constructor (holders: Holders) {
    super(width)
    this.#holders = holders
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  /** The slot, or 0. */
  find (orderId: OrderId): number {
    return this.index.find(orderId)
  }

  leaves (slot: number): number {
    return this.of(slot, orderField.quantity) - this.of(slot, orderField.filled)
  }

  /** A leg that has closed while the other is open: it waits for it. Else 0. */
  waitingLeg (slot: number): number {
    const other = this.otherLeg(slot)
    return other === 0 || isOpenStatus(this.of(other, orderField.status)) ? 0 : other
  }

  /** The slot of the other leg, or 0. */
  otherLeg (slot: number): number {
    const id = this.of(slot, orderField.otherLeg)
    return id === 0 ? 0 : this.index.find(id)
  }

  /** Into all indexes. Only the first leg of a pair is found by its command, and only the first order of a command. */
  enter (slot: number): void {
    const terms = this.of(slot, orderField.terms)
    const isFirst = (terms & secondLegBit) === 0 && this.byCommand.find(this.of(slot, orderField.command)) === 0
    if (isFirst) this.put(slot, orderField.terms, terms | commandBit)
    this.reenter(slot)
  }

  /** Into the indexes in which it was. */
  reenter (slot: number): void {
    this.index.add(slot)
    if ((this.of(slot, orderField.terms) & commandBit) !== 0) this.byCommand.add(slot)
    if (!this.hasClientId(slot)) return
    if (this.byClient.count === 0) this.byClient.seed(this.of(slot, orderField.command))
    this.byClient.add(slot)
  }

  hasClientId (slot: number): boolean {
    return (this.of(slot, orderField.terms) & clientIdBit) !== 0
  }

  linkOpen (slot: number): void {
    const holders = this.#holders
    const holder = this.of(slot, orderField.holder)
    const before = holders.of(holder, holderField.lastOpen)
    this.put(slot, orderField.previous, before)
    if (before === 0) holders.put(holder, holderField.firstOpen, slot)
    else this.put(before, orderField.next, slot)
    holders.put(holder, holderField.lastOpen, slot)
  }

  unlinkOpen (slot: number): void {
    const holders = this.#holders
    const holder = this.of(slot, orderField.holder)
    const before = this.of(slot, orderField.previous)
    const after = this.of(slot, orderField.next)
    if (before === 0) holders.put(holder, holderField.firstOpen, after)
    else this.put(before, orderField.next, after)
    if (after === 0) holders.put(holder, holderField.lastOpen, before)
    else this.put(after, orderField.previous, before)
  }

  /** In the order in which they are queued. */
  linkClosed (slot: number): void {
    const holder = this.of(slot, orderField.holder)
    const last = this.hasClientId(slot) ? holderField.lastReserved : holderField.lastClosed
    this.put(slot, orderField.closedBefore, this.#holders.of(holder, last))
    this.#holders.put(holder, last, this.of(slot, orderField.id))
  }

  /** Out of every index; its slot may be someone else's at once. It must be in no list or queue. */
  drop (slot: number): void {
    if ((this.of(slot, orderField.terms) & commandBit) !== 0) this.byCommand.remove(slot)
    if (this.hasClientId(slot)) {
      this.byClient.remove(slot)
      this.clientOrderIds[slot] = ''
      this.contents[slot] = ''
    }
    this.index.remove(slot)
    this.free(slot)
  }

  enqueue (queue: Queue, slot: number): void {
    if (queue.last === 0) queue.first = slot
    else this.put(queue.last, orderField.nextForgotten, slot)
    queue.last = slot
  }

  dequeue (queue: Queue): void {
    queue.first = this.of(queue.first, orderField.nextForgotten)
    if (queue.first === 0) queue.last = 0
  }
}
