// One instrument's orders, drawn from a recorded flow: what was recorded says what is done, to which side, how much
// and how far from the middle; prices, ids and holders are ours. Pure: the same messages and the same closures give
// the same commands.
//
//   price := tick of (reference × (1 + swing)) + distance from the recording's middle, scaled to this book's width
//
// The swing is a walk whose steps are the recorded distances themselves, pulled back in proportion to how far it has
// gone: prices move all the time and stay around the reference.

import type { AmendOrder, CancelOrder, OrderCommand, PlaceOrder } from '../../schemas/matching/records.ts'
import {
  holderId, microdollars, ownerId, type HolderId, type InstrumentId, type Microdollars, type OrderId
} from '../../schemas/units.ts'

export type FlowOptions = {
  readonly instrumentId: InstrumentId
  readonly tickSize: Microdollars
  readonly referencePrice: Microdollars
  /** Of the recording, in whose ticks its prices are understood. */
  readonly recordedTickSize: Microdollars
  /** Played in order, over and over, beginning with the one at `from`. */
  readonly messages: readonly OrderCommand[]
  readonly from: number
  /** Never gives one twice. */
  readonly nextOrderId: () => OrderId
}

/** Holders of the demo: 50 of them, each its own owner, far above those that a person would choose. */
export const firstHolder = 900_000_000
const holders = 50

export const isDemoHolder = (holder: HolderId): boolean => holder >= firstHolder && holder < firstHolder + holders

/** The mean of the recording's prices, in its ticks. */
const middleTicks = 33_882
/** Half the width of the recording: its prices lie within this distance of the middle, but for a few. */
const reachTicks = 600
/** Recorded orders live for a message or two: an empty book. Here cancels wait until so many orders rest. */
export const restingMin = 120
/** And from so many on, an order is cancelled in place of each new one. */
export const restingMax = 160
/** In millionths of the reference. The walk forgets itself within some two thousand orders. */
const swingMax = 50_000
const swingPull = 2000

type Open = { readonly holder: HolderId, readonly recorded: OrderId }

export class InstrumentFlow {
  readonly #options: FlowOptions
  /** Half the width of the book, in ticks. */
  readonly #reach: number
  #at: number
  #swing = 0
  /** Oldest first. */
  readonly #open = new Map<OrderId, Open>()
  readonly #byRecorded = new Map<OrderId, OrderId>()

  constructor (options: FlowOptions) {
    this.#options = options
    const reference = options.referencePrice / options.tickSize
    this.#reach = Math.min(80, Math.max(20, Math.trunc(reference / 50)))
    this.#at = options.from % options.messages.length
  }

  /** The next command. Recorded messages that have no place here are passed over. */
  next (): PlaceOrder | CancelOrder | AmendOrder {
    for (;;) {
      const message = this.#options.messages[this.#at]!
      this.#at = (this.#at + 1) % this.#options.messages.length
      const command = this.#translate(message)
      if (command !== null) return command
    }
  }

  /** An order does not rest any more, or never did. */
  closed (order: OrderId): void {
    const open = this.#open.get(order)
    if (open === undefined) return
    this.#open.delete(order)
    if (this.#byRecorded.get(open.recorded) === order) this.#byRecorded.delete(open.recorded)
  }

  get resting (): number {
    return this.#open.size
  }

  /** What takes everything out of the book again. */
  cancelAll (): CancelOrder[] {
    return [...this.#open.keys()].map(order => this.#cancel(order))
  }

  #translate (message: OrderCommand): PlaceOrder | CancelOrder | AmendOrder | null {
    switch (message.kind) {
      case 'place-order': return this.#place(message)
      case 'cancel-order': return this.#open.size > restingMin ? this.#cancelOldest() : null
      case 'amend-order': return this.#amend(message)
      default: return null
    }
  }

  #place (message: PlaceOrder): PlaceOrder | CancelOrder {
    const price = this.#price(message.price)
    if (this.#open.size >= restingMax) return this.#cancelOldest()
    const recorded = message.orderId
    const place: PlaceOrder = {
      ...message,
      orderId: this.#options.nextOrderId(),
      holder: holderId(firstHolder + recorded % holders),
      owner: ownerId(firstHolder + recorded % holders),
      instrumentId: this.#options.instrumentId,
      price
    }
    if (place.timeInForce === 'gtc') {
      this.#open.set(place.orderId, { holder: place.holder, recorded })
      this.#byRecorded.set(recorded, place.orderId)
    }
    return place
  }

  #amend (message: AmendOrder): AmendOrder | null {
    const order = this.#byRecorded.get(message.orderId)
    if (order === undefined || message.price === null) return null
    return {
      ...message,
      orderId: order,
      holder: this.#open.get(order)!.holder,
      instrumentId: this.#options.instrumentId,
      price: this.#price(message.price),
      quantityIs: 'total'
    }
  }

  // Each recorded price moves the walk, also that of a message which comes to nothing.
  #price (recorded: Microdollars): Microdollars {
    const { recordedTickSize, referencePrice, tickSize } = this.#options
    const distance = recorded / recordedTickSize - middleTicks
    const swung = this.#swing + distance - Math.trunc(this.#swing / swingPull)
    this.#swing = Math.max(-swingMax, Math.min(swingMax, swung))
    const fair = Math.trunc((referencePrice + Math.trunc(referencePrice * this.#swing / 1_000_000)) / tickSize)
    return microdollars(Math.max(1, fair + Math.trunc(distance * this.#reach / reachTicks)) * tickSize)
  }

  #cancelOldest (): CancelOrder {
    const [oldest] = this.#open.keys()
    return this.#cancel(oldest!)
  }

  // It stays among the open ones until the market says that it is closed, but no longer as the oldest.
  #cancel (order: OrderId): CancelOrder {
    const open = this.#open.get(order)!
    this.#open.delete(order)
    this.#open.set(order, open)
    return { kind: 'cancel-order', orderId: order, holder: open.holder, instrumentId: this.#options.instrumentId }
  }
}
